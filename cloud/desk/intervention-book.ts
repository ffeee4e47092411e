import type { CommandView } from '../../shared/contracts/command.ts';
import type { InterventionView } from '../../shared/contracts/desk.ts';
import type { Region } from '../../shared/contracts/region.ts';
import type { DeviceHealth, HealthReport } from '../../shared/contracts/report.ts';
import { Turns } from '../../shared/time/turns.ts';
import { reliefKwOf } from '../gateways/relief-kw.ts';
import type { InterventionStore, NewIntervention, Progress } from './intervention-store.ts';

export interface BookOptions {
  readonly region: Region;
  readonly store: InterventionStore;
  /** Plant time, ms UTC. */
  readonly now: () => number;
  readonly live: (gateway: string, device: string, metric: string) => { readonly value: number } | undefined;
  /** The standing override of a device. */
  readonly override: (gateway: string, device: string) => CommandView | undefined;
  /** The author of a device's stop, if it was given here. */
  readonly stopper: (gateway: string, device: string) => { readonly user: string; readonly reason: string } | undefined;
}

interface Open {
  readonly id: number;
  readonly kind: InterventionView['kind'];
  /** For an override, its command, once known. */
  command: string | null;
  /** Power of the device when the intervention began, kW. */
  readonly freeKw: number;
  /** The largest so far, and that of the last report, kW. */
  depthKw: number;
  lastKw: number;
  energyKwh: number;
  seenAt: number;
  storedAt: number;
  /** From before a restart and not reported since. */
  resumed: boolean;
}

interface Held {
  readonly kind: InterventionView['kind'];
  readonly own: DeviceHealth;
}

/** An intervention not reported for this long across a restart has ended, because the time between is unknown; ms of plant time. */
const UNSEEN_MS = 15 * 60_000;
/** The same without a restart. A gateway reports a change at once, and otherwise each hour at least. */
const SILENT_MS = 75 * 60_000;
/** Interval for storing the progress of running interventions, ms of plant time. */
const KEEP_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Devices per gateway beyond those in the region's model. */
const MOST_OTHERS = 20;
/** A smaller difference is numerical noise, and would show as 0 kW. */
const LEAST_KW = 0.5;

/** Derives from gateway reports which device is restrained, by whom and how far, and records each intervention. */
export class InterventionBook {
  readonly #options: BookOptions;
  readonly #turns = new Turns();
  readonly #open = new Map<string, Open>();
  /** Ended interventions whose end the store has not taken yet. */
  readonly #ended: Progress[] = [];
  /** Power of each device at its last report without an intervention, kW. */
  readonly #free = new Map<string, number>();
  readonly #known: ReadonlySet<string>;
  /** Devices that gateways report but the region's model lacks, by gateway. */
  readonly #others = new Map<string, Set<string>>();

  constructor(options: BookOptions) {
    this.#options = options;
    const { substations } = options.region;
    this.#known = new Set(substations.flatMap(({ gateway, devices }) => devices.map(({ id }) => `${gateway}/${id}`)));
  }

  /** Loads running interventions from the store, which must be open. They continue if their gateway reports the same soon. */
  async start(): Promise<void> {
    for (const { gateway, device, endedAt: _, ...open } of await this.#options.store.unended())
      this.#open.set(`${gateway}/${device}`, {
        ...open,
        lastKw: open.depthKw,
        storedAt: open.seenAt,
        resumed: true,
      });
  }

  /** Handles a gateway's report; `report.time` is the gateway's plant time. */
  reported(gateway: string, report: HealthReport): Promise<void> {
    // A gateway clock that is ahead would count energy for time that has not passed.
    const time = Math.min(report.time, Math.round(this.#options.now()));
    const devices = report.devices.filter(({ device }) => this.#counts(gateway, device));
    return this.#turns.take(() => this.#reported(gateway, { ...report, time, devices }));
  }

  /** The region's model may lack devices, but a gateway that invents them must not fill memory or the register. */
  #counts(gateway: string, device: string): boolean {
    if (this.#known.has(`${gateway}/${device}`)) return true;
    const others = this.#others.get(gateway) ?? new Set();
    this.#others.set(gateway, others);
    return others.has(device) || (others.size < MOST_OTHERS && others.add(device).size > 0);
  }

  async #reported(gateway: string, report: HealthReport): Promise<void> {
    const went: Progress[] = [];
    const continued: Open[] = [];
    const begun: { key: string; held: Held; freeKw: number; entry: NewIntervention }[] = [];
    for (const own of report.devices) {
      const key = `${gateway}/${own.device}`;
      const kind = kindOf(own);
      const open = this.#open.get(key);
      if (open !== undefined) {
        const seen = report.time - open.seenAt <= (open.resumed ? UNSEEN_MS : SILENT_MS);
        open.resumed = false;
        const goesOn = seen && open.kind === kind && this.#isSame(open, gateway, own.device);
        // What the plan or another override asks afterwards is not the depth of a person's intervention.
        const depthKw = goesOn || isByLimit(open) ? depthOf(own, open) : open.lastKw;
        if (seen) this.#goOn(open, depthKw, report.time);
        if (goesOn && report.time - open.storedAt < KEEP_MS) continue;
        if (goesOn) {
          went.push(progress(open, null));
          continued.push(open);
          continue;
        }
        this.#ended.push(progress(open, open.seenAt));
        this.#open.delete(key);
      }
      const nowKw = this.#options.live(gateway, own.device, 'activePowerKw')?.value;
      if (kind === null) {
        if (nowKw !== undefined) this.#free.set(key, nowKw);
        continue;
      }
      const held = { kind, own };
      const given = kind === 'override' ? this.#options.override(gateway, own.device)?.measuredKw : undefined;
      // When one override replaces another, the device did not run free in between.
      const freeKw = (open?.kind === kind ? open?.freeKw : given) ?? this.#free.get(key) ?? nowKw ?? 0;
      begun.push({ key, held, freeKw, entry: this.#entry(gateway, held, { report, freeKw }) });
    }
    const ids = await this.#options.store.commit(
      begun.map(({ entry }) => entry),
      [...this.#ended, ...went],
    );
    this.#ended.length = 0;
    for (const open of continued) open.storedAt = report.time;
    for (const [at, { key, held, freeKw, entry }] of begun.entries())
      this.#open.set(key, {
        id: ids[at]!,
        kind: held.kind,
        command: entry.command,
        freeKw,
        depthKw: entry.depthKw,
        lastKw: entry.depthKw,
        energyKwh: 0,
        seenAt: report.time,
        storedAt: report.time,
        resumed: false,
      });
  }

  /** An override that replaces another is an intervention of its own, with its own author and reason. */
  #isSame(open: Open, gateway: string, device: string): boolean {
    if (open.kind !== 'override') return true;
    const command = this.#followed(gateway, device)?.id ?? open.command;
    open.command ??= command;
    return command === open.command;
  }

  /** The override that a device follows according to its gateway. One not applied yet is not followed. */
  #followed(gateway: string, device: string): CommandView | undefined {
    const command = this.#options.override(gateway, device);
    return command?.state === 'applied' || command?.state === 'verified' ? command : undefined;
  }

  #goOn(open: Open, depthKw: number, time: number): void {
    open.energyKwh += (depthKw * Math.max(0, time - open.seenAt)) / HOUR_MS;
    open.depthKw = Math.max(open.depthKw, depthKw);
    open.lastKw = depthKw;
    open.seenAt = time;
  }

  #entry(
    gateway: string,
    { kind, own }: Held,
    { report, freeKw }: { readonly report: HealthReport; readonly freeKw: number },
  ): NewIntervention {
    const { override, stopper } = this.#options;
    const command =
      kind === 'override' ? override(gateway, own.device) : kind === 'stop' ? stopper(gateway, own.device) : undefined;
    const who: Record<InterventionView['kind'], string> = {
      guard: 'guard',
      'grid-limit': 'cloud',
      override: command?.user ?? 'operator',
      'local-manual': 'at the site',
      stop: command?.user ?? 'at the site',
    };
    return {
      gateway,
      device: own.device,
      kind,
      who: who[kind],
      startedAt: report.time,
      depthKw: depthOf(own, { kind, freeKw }),
      energyKwh: 0,
      why: command?.reason ?? own.reason ?? kind,
      measurement: this.#measurement(gateway, { kind, own }, { report, freeKw }),
      command: kind === 'override' ? (this.#followed(gateway, own.device)?.id ?? null) : null,
      freeKw,
    };
  }

  /** For the guard, the element that it relieves; otherwise the device's own power before. */
  #measurement(
    gateway: string,
    { kind, own }: Held,
    { report, freeKw }: { readonly report: HealthReport; readonly freeKw: number },
  ): string {
    const { live } = this.#options;
    if (!isByLimit({ kind })) return `${own.device}: ${freeKw.toFixed(1)} kW`;
    const element = report.guard.element ?? own.device;
    const kw = live(gateway, element, 'activePowerKw')?.value;
    const pu = live(gateway, element, 'voltagePu')?.value;
    const parts = [kw === undefined ? '' : `${kw.toFixed(1)} kW`, pu === undefined ? '' : `${pu.toFixed(4)} pu`].filter(
      Boolean,
    );
    return `${element}: ${parts.join(', ') || 'no measurement'}`;
  }
}

const progress = ({ id, seenAt, depthKw, energyKwh, command }: Open, endedAt: number | null): Progress => ({
  id,
  seenAt,
  endedAt,
  depthKw,
  energyKwh,
  command,
});

function kindOf(own: DeviceHealth): InterventionView['kind'] | null {
  const { stopped, source, limitedBy } = own;
  if (stopped === true) return 'stop';
  if (source === 'override' || source === 'local-manual') return source;
  const by = limitedBy === 'guard' || limitedBy === 'grid-limit' ? limitedBy : null;
  return by === null || reliefKwOf(own) < LEAST_KW ? null : by;
}

const isByLimit = ({ kind }: Pick<Open, 'kind'>): boolean => kind === 'guard' || kind === 'grid-limit';

/** The relief by a limit; for a person's intervention, the distance from the setpoint to the device's power before. */
function depthOf(own: DeviceHealth, { kind, freeKw }: Pick<Open, 'kind' | 'freeKw'>): number {
  if (isByLimit({ kind })) return reliefKwOf(own);
  return own.setpointKw === null ? 0 : Math.abs(freeKw - own.setpointKw);
}
