import { createHash, randomBytes } from 'node:crypto';
import type { CommandBody, DesiredDocument } from '../../shared/contracts/document.ts';
import type { CommandView, EffectView, SelectionView, SetpointWish } from '../../shared/contracts/desk.ts';
import type { Region, RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';
import type { DocumentReport, HealthReport } from '../../shared/contracts/report.ts';
import type { LinkView } from '../../shared/contracts/view.ts';
import { LoadstoneError, unwrap, type Outcome } from '../../shared/outcome/outcome.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { canonicalJson } from '../audit/canonical-json.ts';
import { acceptWindowMs } from '../dispatch/accept-window.ts';
import type { EstimateState } from '../estimate/state.ts';
import { commandView } from './command-view.ts';
import type { DeskStore, KeptCommand } from './desk-store.ts';
import { effectOf } from './effect.ts';
import { checkWish } from './setpoint-ranges.ts';

export interface DeskOptions {
  readonly region: Region;
  readonly clock: Clock;
  readonly store: DeskStore;
  /** Signs, keeps and sends a command; a fault where it could not be. */
  readonly send: (gateway: string, body: CommandBody) => Promise<Outcome<DesiredDocument>>;
  /** What gateways have told of a command so far. */
  readonly wayOf: (id: string) => readonly DocumentReport[];
  readonly estimate: (substation: string) => EstimateState | undefined;
  readonly live: (gateway: string, device: string, metric: string) => { readonly value: number } | undefined;
  readonly link: (gateway: string) => LinkView;
  readonly health: (gateway: string) => { readonly report: HealthReport; readonly receivedAt: number } | undefined;
  /** A command, or its way, is new. */
  readonly onCommand: (view: CommandView) => void;
}

/** What somebody wishes a device to do: for so many seconds of plant time, and why. */
export interface Wish {
  readonly gateway: string;
  readonly device: string;
  readonly setpoint: SetpointWish;
  readonly durationS: number;
  readonly reason: string;
}

/** How long a selection counts, machine time (IEC 62351 and IEC 61850-7-2, select before operate). */
const SELECTION_MS = 30_000;
/** A health report older than three of its intervals no longer says that a device is reached. */
const HEALTH_MS = { plant: 20_000, machine: 5_000, missed: 3 } as const;

/** Where people act: what is selected and confirmed goes down signed, and its way comes back. Every act is kept before it leaves. */
export class Desk {
  readonly #options: DeskOptions;
  readonly #substations: ReadonlyMap<string, RegionSubstation>;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#substations = new Map(options.region.substations.map((one) => [one.gateway, one]));
  }

  /** The effect on the grid by AC power flow; nothing is sent. Throws LS-DESK-001 and LS-DESK-002. */
  effect({ gateway, device, setpoint }: Pick<Wish, 'gateway' | 'device' | 'setpoint'>): EffectView {
    const { substation, found } = this.#find(gateway, device);
    const wish = unwrap(checkWish(found, setpoint));
    const estimate = this.#options.estimate(substation.id);
    if (estimate === undefined)
      throw new LoadstoneError('LS-DESK-002', `the first estimate of ${substation.id} is not there yet`);
    return unwrap(
      effectOf({
        substation,
        device: found,
        wish,
        estimate,
        live: (id, metric) => this.#options.live(gateway, id, metric)?.value,
      }),
    );
  }

  /** First step: checks all that can be checked, and gives out a token for this user, device and value. */
  select(user: string, wish: Wish): SelectionView {
    this.#assertCommandable(wish);
    const { store, clock } = this.#options;
    const token = randomBytes(24).toString('base64url');
    const now = clock.machine.now();
    const expiresAt = now + SELECTION_MS;
    store.select({ hash: hashed(token), user, bound: boundOf(wish), expiresAt }, now);
    return { token, expiresAt, expiresInMs: SELECTION_MS };
  }

  /** Second step: what was selected, by the same user, once, within its time. Throws LS-DESK-004 where that does not hold. */
  async operate(user: string, token: string, wish: Wish): Promise<CommandView> {
    const { store, clock } = this.#options;
    const selected = store.take(hashed(token));
    if (selected === undefined) throw new LoadstoneError('LS-DESK-004', 'the selection is not known, or was used');
    if (selected.expiresAt <= clock.machine.now())
      throw new LoadstoneError('LS-DESK-004', 'the selection has run out after 30 s');
    if (selected.user !== user) throw new LoadstoneError('LS-DESK-004', 'the selection is somebody else’s');
    if (selected.bound !== boundOf(wish))
      throw new LoadstoneError('LS-DESK-004', 'device, value, duration or reason is not what was selected');
    const setpoint = this.#assertCommandable(wish);
    const { gateway, device, durationS, reason } = wish;
    return this.#give({
      target: `device:${gateway}/${device}`,
      gateway,
      body: { kind: 'override', device, setpoint, reason, user, expiresAt: this.#now() + durationS * 1000 },
    });
  }

  /** Overrides that stand, newest first. */
  overrides(): CommandView[] {
    return this.#options.store
      .standing('override', this.#now())
      .map((command) => this.#view(command))
      .filter(({ state }) => state !== 'refused' && state !== 'unanswered');
  }

  overrideOf(gateway: string, device: string): CommandView | undefined {
    return this.overrides().find((each) => each.gateway === gateway && each.device === device);
  }

  /** Ends an override before its time: the device follows its next authority. Throws LS-API-004 where none stands. */
  async release(user: string, id: string, reason: string): Promise<CommandView> {
    const known = this.#options.store.command(id);
    if (known === undefined || known.body.kind !== 'override' || !this.overrides().some((each) => each.id === id))
      throw new LoadstoneError('LS-API-004', `no override "${id.slice(0, 64)}" stands`);
    const { gateway, target } = known;
    const { device } = known.body;
    this.#assertLink(gateway);
    return this.#give({
      target,
      gateway,
      body: { kind: 'release', ...(device === undefined ? {} : { device }), reason, user, expiresAt: this.#soon() },
    });
  }

  /** Throws LS-API-004. */
  command(id: string): CommandView {
    const known = this.#options.store.command(id);
    if (known === undefined) throw new LoadstoneError('LS-API-004', `there is no command "${id.slice(0, 64)}"`);
    return this.#view(known);
  }

  /** Newest first, with the number to go on below. */
  commands(limit: number, before?: number): { items: CommandView[]; next: number | undefined } {
    const found = this.#options.store.commands({ limit: limit + 1, before });
    const shown = found.slice(0, limit);
    const next = found.length > limit ? shown.at(-1)?.number : undefined;
    return { items: shown.map((each) => this.#view(each)), next };
  }

  /** A gateway tells of a command; the dispatch has kept the report already. */
  onReport({ id, stage, time }: DocumentReport): void {
    const { store, onCommand } = this.#options;
    const known = store.command(id);
    if (known === undefined) return;
    if (stage === 'rejected' || stage === 'completed' || stage === 'superseded' || stage === 'expired')
      store.end(id, time);
    onCommand(this.#view(store.command(id)!));
  }

  /** What a device takes of a wish. Throws where it is not to be commanded now. */
  #assertCommandable({ gateway, device, setpoint }: Wish): SetpointWish {
    const { found } = this.#find(gateway, device);
    const wish = unwrap(checkWish(found, setpoint));
    this.#assertLink(gateway);
    const own = this.#options.health(gateway)?.report.devices.find((each) => each.device === device);
    if (own?.link !== 'up')
      throw new LoadstoneError('LS-DESK-003', `${gateway} does not reach ${device}: ${own?.link ?? 'not known'}`);
    return wish;
  }

  #assertLink(gateway: string): void {
    const { link, health, clock } = this.#options;
    const { state } = link(gateway);
    if (state !== 'up') throw new LoadstoneError('LS-DESK-003', `the link to ${gateway} is ${state}`);
    const at = health(gateway)?.receivedAt;
    const most = HEALTH_MS.missed * Math.max(HEALTH_MS.plant, HEALTH_MS.machine * clock.speed());
    if (at === undefined || this.#now() - at > most)
      throw new LoadstoneError('LS-DESK-003', `${gateway} has not told its state for too long`);
  }

  #find(gateway: string, device: string): { substation: RegionSubstation; found: RegionDevice } {
    const substation = this.#substations.get(gateway);
    const found = substation?.devices.find(({ id }) => id === device);
    if (substation === undefined || found === undefined)
      throw new LoadstoneError('LS-API-004', `there is no device "${gateway}/${device}"; GET /v1/devices lists them`);
    return { substation, found };
  }

  async #give(act: {
    readonly target: string;
    readonly gateway: string;
    readonly approver?: string;
    readonly body: Omit<CommandBody, 'id'>;
  }): Promise<CommandView> {
    const { store, send, live, clock, onCommand } = this.#options;
    const { target, gateway, approver = null } = act;
    const id = `cmd-${randomBytes(9).toString('hex')}`;
    const body: CommandBody = { id, ...act.body };
    const issuedAt = this.#now();
    const measuredKw = body.device === undefined ? null : (live(gateway, body.device, 'activePowerKw')?.value ?? null);
    const acceptUntil = Math.min(body.expiresAt, issuedAt + acceptWindowMs(clock.speed()));
    store.keep({ target, gateway, body, approver, issuedAt, acceptUntil, measuredKw });
    const sent = await send(gateway, body);
    if (!sent.ok) {
      store.end(id, this.#now());
      throw LoadstoneError.from(sent.fault);
    }
    const view = this.#view(store.command(id)!);
    onCommand(view);
    return view;
  }

  #view(command: KeptCommand): CommandView {
    return commandView(command, this.#options.wayOf(command.body.id), this.#now());
  }

  #now(): number {
    return Math.round(this.#options.clock.plant.now());
  }

  /** Until when a command that acts once may be taken. */
  #soon(): number {
    return this.#now() + acceptWindowMs(this.#options.clock.speed());
  }
}

const hashed = (token: string): string => createHash('sha256').update(token).digest('hex');

const boundOf = ({ gateway, device, setpoint, durationS, reason }: Wish): string =>
  canonicalJson({ gateway, device, setpoint, durationS, reason });
