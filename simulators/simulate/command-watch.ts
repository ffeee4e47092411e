import type { Region, RegionDevice } from '../../shared/contracts/region.ts';
import type { DocumentReport } from '../../shared/contracts/report.ts';
import { topicFor } from '../../shared/topics/topics.ts';
import { fromWire } from '../faces/wire.ts';
import type { GivenCancel, GivenOverride } from './operator.ts';
import type { Invariant } from './violation.ts';

export type Tell = (invariant: Invariant, text: string) => void;

/** Grace period of a setpoint after its authority ends: one cycle and the worst-case delay to the device. */
const GRACE_MS = 8_000;
/** How long a gateway holds a selection; plant time and machine time run alike here. */
const SELECTION_MS = 30_000;
const TOLERANCE = 1e-6;
const deeds: ReadonlySet<string> = new Set(['applied']);
const decoder = new TextDecoder();

/** Checks the commands that reach devices and the reports about them. */
export class CommandWatch {
  readonly #devices: ReadonlyMap<string, RegionDevice>;
  readonly #tell: Tell;
  readonly #now: () => number;
  readonly #clockOffMs: (gateway: string) => number;
  readonly #overrides: GivenOverride[] = [];
  readonly #cancels: GivenCancel[] = [];
  readonly #outcomes = new Map<string, Map<string, Set<number>>>();
  /** Setpoints seen. */
  commands = 0;

  constructor(
    region: Region,
    { tell, now, clockOffMs }: { tell: Tell; now: () => number; clockOffMs: (gateway: string) => number },
  ) {
    this.#devices = new Map(
      region.substations.flatMap(({ gateway, devices }) =>
        devices.map((device) => [`${gateway}/${device.id}`, device] as const),
      ),
    );
    this.#tell = tell;
    this.#now = now;
    this.#clockOffMs = clockOffMs;
  }

  given(override: GivenOverride): void {
    this.#overrides.push(override);
  }

  cancelled(cancel: GivenCancel): void {
    this.#cancels.push(cancel);
  }

  /** Handles a message to a device, in wire format. */
  commanded(gateway: string, topic: string, payload: Uint8Array): void {
    const [id = ''] = topic.split('/');
    const device = this.#devices.get(`${gateway}/${id}`);
    if (device === undefined) return this.#tell('envelope', `${gateway} commands ${topic}, an unknown topic`);
    this.commands++;
    const command = fromWire(id, JSON.parse(decoder.decode(payload)));
    if (!command.ok) return this.#tell('envelope', `${gateway} ${id}: ${command.fault.detail}`);
    const { activePowerKw, reactivePowerKvar, activePowerLimitKw } = command.value;
    const where = `${gateway} ${id}`;
    const { chargeKw = 0, dischargeKw = 0, maxReactiveKvar = 0, activePowerKw: ratedKw = 0, floorKw = 0 } = device;
    this.#within(where, 'active power', activePowerKw, [-dischargeKw, chargeKw]);
    this.#within(where, 'reactive power', reactivePowerKvar, [-maxReactiveKvar, maxReactiveKvar]);
    this.#within(where, 'power limit', activePowerLimitKw, [Math.min(floorKw, ratedKw), ratedKw]);
    if (activePowerKw !== undefined) this.#fresh(gateway, id, activePowerKw);
  }

  /** A gateway that dies may repeat its last report, but not its last act. */
  died(gateway: string): void {
    for (const { id } of this.#overrides.filter((each) => each.gateway === gateway)) {
      const stages = this.#outcomes.get(id);
      for (const stage of stages?.keys() ?? []) if (!deeds.has(stage)) stages!.delete(stage);
    }
  }

  /** Handles a message from a gateway to the cloud. */
  uplink(gateway: string, topic: string, payload: Uint8Array): void {
    if (topic !== topicFor('commandResult', gateway)) return;
    const { id, stage, time } = JSON.parse(decoder.decode(payload)) as DocumentReport;
    const stages = this.#outcomes.get(id) ?? new Map<string, Set<number>>();
    this.#outcomes.set(id, stages);
    const times = stages.get(stage) ?? new Set();
    stages.set(stage, times.add(time));
    // A refused command, for example because of a full disk, may be retried; an applied one may not.
    if (stage === 'rejected' && stages.has('applied'))
      this.#tell('command-once', `${id} was rejected after it was applied`);
    if (deeds.has(stage) && times.size > 1)
      this.#tell('command-once', `${id} was ${stage} at ${[...times].join(' and at ')}`);
    if (stage !== 'applied') return;
    this.#selected(id, time);
    this.#givenUp(id);
  }

  /** An applied override uses up its selection: no other override may use it, and the selection must not have expired. */
  #selected(id: string, time: number): void {
    const selection = this.#overrides.find((each) => each.id === id)?.selection;
    if (selection === undefined) return;
    const twin = this.#overrides.find(
      (each) => each.id !== id && each.selection === selection && this.#applied(each.id),
    );
    if (twin !== undefined)
      this.#tell('command-selected', `${id} was applied with the selection that ${twin.id} had already used`);
    // After a restart a gateway may repeat this report without that of the selection.
    const taken = this.#applied(selection) ? this.#appliedAt(selection) : time;
    if (time - taken > SELECTION_MS)
      this.#tell('command-selected', `${id} was applied ${(time - taken) / 1000} s after it was selected`);
  }

  /** A selection ends once: after an override it cannot be cancelled, and after a cancel it admits no override. */
  #givenUp(id: string): void {
    const of = [...this.#cancels, ...this.#overrides].find((each) => each.id === id)?.selection;
    const cancel = this.#cancels.find((each) => each.selection === of && this.#applied(each.id));
    const override = this.#overrides.find((each) => each.selection === of && this.#applied(each.id));
    if (cancel !== undefined && override !== undefined)
      this.#tell('command-selected', `${override.id} and ${cancel.id} were both applied to one selection`);
  }

  #within(where: string, what: string, value: number | undefined, [least, most]: readonly [number, number]): void {
    if (value === undefined || (value >= least - TOLERANCE && value <= most + TOLERANCE)) return;
    this.#tell('envelope', `${where}: ${what} ${value} outside ${least} to ${most}`);
  }

  /** Each override has a unique value by which it is recognised. */
  #fresh(gateway: string, device: string, value: number): void {
    const override = this.#overrides.find(
      (each) => each.gateway === gateway && each.device === device && Math.abs(each.activePowerKw - value) < TOLERANCE,
    );
    if (override === undefined) return;
    const now = this.#now();
    // A gateway with a wrong clock counts validity by that clock; its time quality shows that, so it is not checked here.
    const offMs = this.#clockOffMs(gateway);
    if (offMs !== 0) return;
    const newer = this.#overrides.find(
      (each) =>
        each.gateway === gateway && each.device === device && each.givenAt > override.givenAt && this.#applied(each.id),
    );
    if (now > override.expiresAt + GRACE_MS)
      this.#tell('command-fresh', `${override.id} still acts ${(now - override.expiresAt) / 1000} s after it expired`);
    if (newer !== undefined && now > this.#appliedAt(newer.id) + GRACE_MS)
      this.#tell('command-fresh', `${override.id} still acts although ${newer.id} was applied after it`);
  }

  #applied(id: string): boolean {
    return this.#outcomes.get(id)?.has('applied') === true;
  }

  #appliedAt(id: string): number {
    return Math.max(...(this.#outcomes.get(id)?.get('applied') ?? []));
  }
}
