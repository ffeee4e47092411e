import { createHash, randomBytes } from 'node:crypto';
import type { CommandView, SetpointWish } from '../../shared/contracts/command.ts';
import type { GivenUpView, SelectionView } from '../../shared/contracts/desk.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { canonicalJson } from '../audit/canonical-json.ts';
import type { CommandLine, CommandLineOptions } from './command-line.ts';
import type { StoredSelection } from './desk-store.ts';

/** A requested setpoint for a device: duration in seconds of plant time, and the reason. */
export interface Wish {
  readonly gateway: string;
  readonly device: string;
  readonly setpoint: SetpointWish;
  readonly durationS: number;
  readonly reason: string;
}

/** Lifetime of a selection, machine time (IEC 62351 and IEC 61850-7-2, select before operate). */
const SELECTION_MS = 30_000;
const GIVEN_UP = 'given up before it was confirmed';

/**
 * People's selections. Only the token's hash is stored; the gateway knows a selection by the id of its command. A selection is used once,
 * to be confirmed or released.
 */
export class Selections {
  readonly #options: Pick<CommandLineOptions, 'clock' | 'store' | 'health' | 'link'>;
  readonly #line: CommandLine;

  constructor(options: Pick<CommandLineOptions, 'clock' | 'store' | 'health' | 'link'>, line: CommandLine) {
    this.#options = options;
    this.#line = line;
  }

  /** Asks the gateway to reserve the device for `setpoint`, if it supports that, and returns a token for this user and wish. */
  async select(user: string, wish: Wish, setpoint: SetpointWish): Promise<SelectionView> {
    const { store, clock, health } = this.#options;
    const { gateway, device, durationS, reason } = wish;
    const body = { kind: 'select', device, setpoint, durationS, reason, user, expiresAt: this.#line.soon() } as const;
    const takesIt = health(gateway)?.report.selects === true;
    const command = takesIt ? await this.#line.give({ target: `device:${gateway}/${device}`, gateway, body }) : null;
    const token = randomBytes(24).toString('base64url');
    const now = clock.machine.now();
    const expiresAt = now + SELECTION_MS;
    await store.select(
      { hash: hashed(token), user, bound: boundOf(wish), expiresAt, command: command?.id ?? null },
      now,
    );
    return { token, expiresAt, expiresInMs: SELECTION_MS, command };
  }

  /** Takes a selection for confirmation, once. Throws LS-DESK-004, and LS-DESK-007 while the gateway has not answered. */
  async take(user: string, token: string): Promise<StoredSelection> {
    const { store, clock } = this.#options;
    const hash = hashed(token);
    await this.#assertAnswered(await store.selection(hash));
    const selected = await store.take(hash);
    if (selected === undefined) throw new LoadstoneError('LS-DESK-004', 'the selection is unknown or was already used');
    if (selected.expiresAt <= clock.machine.now())
      throw new LoadstoneError('LS-DESK-004', 'the selection has expired after 30 s');
    assertOwn(selected, user);
    return selected;
  }

  /** Throws LS-DESK-004 if another wish was selected, and LS-DESK-007 if the gateway does not hold it. */
  async assertHeld({ command, bound }: StoredSelection, wish: Wish): Promise<void> {
    if (bound !== boundOf(wish))
      throw new LoadstoneError('LS-DESK-004', 'device, value, duration or reason differs from the selection');
    if (command === null) return;
    const { state, gateway, stages } = await this.#view(command);
    const refusal = stages.at(-1)?.detail ?? 'it gives no reason';
    const why: Readonly<Partial<Record<CommandView['state'], string>>> = {
      refused: `${gateway} refuses it: ${refusal}`,
      unanswered: `${gateway} has not answered in time`,
      superseded: 'a newer selection of the device has taken its place',
      completed: `the selection has lapsed at ${gateway}`,
    };
    const detail = why[state];
    if (detail !== undefined) throw new LoadstoneError('LS-DESK-007', detail);
  }

  /**
   * Releases a selection: voids the token and notifies the gateway. Only its own user may, as with Cancel in IEC 61850-7-2, and repeatedly.
   * Throws LS-DESK-004 for another's selection or device.
   */
  async cancel(
    user: string,
    token: string,
    { gateway, device }: Pick<Wish, 'gateway' | 'device'>,
  ): Promise<GivenUpView> {
    const { store, clock } = this.#options;
    const hash = hashed(token);
    const selected = await store.selection(hash);
    if (selected === undefined || selected.expiresAt <= clock.machine.now()) return { dropped: false, command: null };
    assertOwn(selected, user);
    const bound = JSON.parse(selected.bound) as Wish;
    if (bound.gateway !== gateway || bound.device !== device)
      throw new LoadstoneError('LS-DESK-004', `the selection is not for ${gateway}/${device}`);
    // A concurrent confirmation has won: nothing is released.
    if ((await store.take(hash)) === undefined) return { dropped: false, command: null };
    return { dropped: true, command: await this.giveBack(selected) };
  }

  /**
   * Asks the gateway to drop the reservation that it holds, or will hold once the `select` arrives. Null: it holds none, its link is down,
   * or its software is too old; the selection then lapses by itself.
   */
  async giveBack({ user, command }: StoredSelection): Promise<CommandView | null> {
    if (command === null) return null;
    const { health, link } = this.#options;
    const { gateway, target, device, state } = await this.#view(command);
    const mayHold = state === 'sent' || state === 'accepted' || state === 'applied';
    const canCancel = health(gateway)?.report.cancels === true && link(gateway).state === 'up';
    if (!mayHold || !canCancel || device === null) return null;
    const expiresAt = this.#line.soon();
    const body = { kind: 'cancel', device, selection: command, reason: GIVEN_UP, user, expiresAt } as const;
    return this.#line.give({ target, gateway, body });
  }

  async #assertAnswered(selected: StoredSelection | undefined): Promise<void> {
    if (typeof selected?.command !== 'string') return;
    const { state, gateway } = await this.#view(selected.command);
    if (state === 'sent' || state === 'accepted')
      throw new LoadstoneError('LS-DESK-007', `${gateway} has not answered yet; confirm again in a moment`);
  }

  async #view(id: string): Promise<CommandView> {
    return this.#line.view((await this.#options.store.command(id))!);
  }
}

function assertOwn(selected: StoredSelection, user: string): void {
  if (selected.user !== user) throw new LoadstoneError('LS-DESK-004', 'the selection belongs to somebody else');
}

const hashed = (token: string): string => createHash('sha256').update(token).digest('hex');

const boundOf = ({ gateway, device, setpoint, durationS, reason }: Wish): string =>
  canonicalJson({ gateway, device, setpoint, durationS, reason });
