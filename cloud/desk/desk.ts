import type { CommandView, SetpointWish } from '../../shared/contracts/command.ts';
import type { EffectView, GivenUpView, SelectionView } from '../../shared/contracts/desk.ts';
import type { Region, RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';
import type { DocumentReport } from '../../shared/contracts/report.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import type { EstimateState } from '../estimate/state.ts';
import { Acts } from './acts.ts';
import { CommandLine, type CommandLineOptions } from './command-line.ts';
import { effectOf } from './effect.ts';
import type { StoredSelection } from './desk-store.ts';
import { Selections, type Wish } from './selections.ts';
import { checkWish } from './setpoint-ranges.ts';

export interface DeskOptions extends CommandLineOptions {
  readonly region: Region;
  readonly estimate: (substation: string) => EstimateState | undefined;
}

/** The desk: sends confirmed selections down, signed, and takes their reports back. Every act is stored before it is sent. */
export class Desk {
  readonly #options: DeskOptions;
  readonly #line: CommandLine;
  /** Acts other than setpoints. */
  readonly acts: Acts;
  readonly #selections: Selections;
  readonly #substations: ReadonlyMap<string, RegionSubstation>;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#line = new CommandLine(options);
    this.#selections = new Selections(options, this.#line);
    this.acts = new Acts({ ...options, line: this.#line });
    this.#substations = new Map(options.region.substations.map((one) => [one.gateway, one]));
  }

  /** Loads the standing commands from the store, which must be open. */
  start(): Promise<void> {
    return this.#line.start();
  }

  /** Number of stops that were sent but are not stored yet. */
  get waiting(): number {
    return this.#line.waiting;
  }

  /** Stores those stops. Throws if the store refuses them. */
  settle(): Promise<void> {
    return this.#line.settle();
  }

  /** Effect on the grid by AC power flow; nothing is sent. Throws LS-DESK-001 and LS-DESK-002. */
  effect({ gateway, device, setpoint }: Pick<Wish, 'gateway' | 'device' | 'setpoint'>): EffectView {
    const { substation, found } = this.#find(gateway, device);
    const wish = unwrap(checkWish(found, setpoint));
    const estimate = this.#options.estimate(substation.id);
    if (estimate === undefined) throw new LoadstoneError('LS-DESK-002', `there is no estimate of ${substation.id} yet`);
    return unwrap(
      effectOf({
        substation,
        device: found,
        wish,
        estimate,
        live: (id, metric) => this.#options.live(gateway, id, metric)?.value,
        envelope: this.#options.health(gateway)?.report.devices.find((each) => each.device === device)?.envelope,
      }),
    );
  }

  /** First step: checks everything known here, then asks the gateway to reserve the device. */
  async select(user: string, wish: Wish): Promise<SelectionView> {
    return this.#selections.select(user, wish, this.#assertCommandable(wish));
  }

  /**
   * Second step: confirms a selection, by the same user, once, in time, and held by the gateway. Throws LS-DESK-004 if it is invalid here,
   * LS-DESK-007 if the gateway does not hold it. The selection stays valid while the gateway has not answered.
   */
  async operate(user: string, token: string, wish: Wish): Promise<CommandView> {
    const selected = await this.#selections.take(user, token);
    try {
      return await this.#confirm(selected, wish);
    } catch (error) {
      // If the gateway cannot be reached now, the selection lapses there by itself.
      await this.#selections.giveBack(selected).catch(() => null);
      throw error;
    }
  }

  async #confirm(selected: StoredSelection, wish: Wish): Promise<CommandView> {
    await this.#selections.assertHeld(selected, wish);
    const setpoint = this.#assertCommandable(wish);
    const { gateway, device, durationS, reason } = wish;
    // Gateways from before selections reject documents with unknown fields.
    const confirms = selected.command === null ? {} : { selection: selected.command, durationS };
    const expiresAt = this.#line.now() + durationS * 1000;
    return this.#line.give({
      target: `device:${gateway}/${device}`,
      gateway,
      body: { kind: 'override', device, setpoint, ...confirms, reason, user: selected.user, expiresAt },
    });
  }

  /** Instead of the second step: releases a selection. Throws LS-DESK-004 if it is another user's. */
  async cancel(user: string, token: string, place: Pick<Wish, 'gateway' | 'device'>): Promise<GivenUpView> {
    return this.#selections.cancel(user, token, place);
  }

  /** Standing overrides, newest first. */
  overrides(): CommandView[] {
    return this.#line.overrides().filter(({ state }) => state !== 'refused' && state !== 'unanswered');
  }

  overrideOf(gateway: string, device: string): CommandView | undefined {
    return this.overrides().find((each) => each.gateway === gateway && each.device === device);
  }

  /** Ends an override early: the device follows its next authority. Throws LS-API-004 if it does not stand. */
  async release(user: string, id: string, reason: string): Promise<CommandView> {
    const known = this.overrides().find((each) => each.id === id);
    if (known === undefined)
      throw new LoadstoneError('LS-API-004', `there is no standing override "${id.slice(0, 64)}"`);
    const { gateway, target, device } = known;
    this.#line.assertLink(gateway);
    return this.#line.give({
      target,
      gateway,
      body: {
        kind: 'release',
        ...(device === null ? {} : { device }),
        reason,
        user,
        expiresAt: this.#line.soon(),
      },
    });
  }

  /** Throws LS-API-004 for an unknown command. */
  async command(id: string): Promise<CommandView> {
    const known = await this.#options.store.command(id);
    if (known === undefined) throw new LoadstoneError('LS-API-004', `there is no command "${id.slice(0, 64)}"`);
    return this.#line.view(known);
  }

  /** Newest first, with the number to continue from. */
  async commands(limit: number, before?: number): Promise<{ items: CommandView[]; next: number | undefined }> {
    const found = await this.#options.store.commands({ limit: limit + 1, before });
    const shown = found.slice(0, limit);
    const next = found.length > limit ? shown.at(-1)?.number : undefined;
    return { items: await Promise.all(shown.map((each) => this.#line.view(each))), next };
  }

  /** Like `onReport`, but before anything is stored, so that a stop's arrival is known while the stores hang. */
  heard(gateway: string, report: DocumentReport): void {
    this.#line.standing.heard(gateway, report);
  }

  /** Handles a gateway's report on a command. The dispatcher has stored it already. */
  onReport(report: DocumentReport): Promise<void> {
    return this.#line.onReport(report);
  }

  /** The setpoint that the device accepts. Throws if it cannot be commanded now. */
  #assertCommandable({ gateway, device, setpoint }: Wish): SetpointWish {
    const { found } = this.#find(gateway, device);
    const wish = unwrap(checkWish(found, setpoint));
    this.#line.assertLink(gateway);
    const own = this.#options.health(gateway)?.report.devices.find((each) => each.device === device);
    if (own?.link !== 'up')
      throw new LoadstoneError('LS-DESK-003', `${gateway} does not reach ${device}: ${own?.link ?? 'not known'}`);
    return wish;
  }

  #find(gateway: string, device: string): { substation: RegionSubstation; found: RegionDevice } {
    const substation = this.#substations.get(gateway);
    const found = substation?.devices.find(({ id }) => id === device);
    if (substation === undefined || found === undefined)
      throw new LoadstoneError('LS-API-004', `there is no device "${gateway}/${device}"; GET /v1/devices lists them`);
    return { substation, found };
  }
}
