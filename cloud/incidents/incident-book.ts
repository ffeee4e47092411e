import type { CommandView } from '../../shared/contracts/command.ts';
import type { EventParameters } from '../../shared/contracts/event.ts';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { IncidentKind, IncidentView } from '../../shared/contracts/incident.ts';
import type { Region, RegionSubstation } from '../../shared/contracts/region.ts';
import type { DeviceHealth, HealthReport } from '../../shared/contracts/report.ts';
import type { EventView } from '../../shared/contracts/view.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { Turns } from '../../shared/time/turns.ts';
import { HeadWatch, type JumpChange } from './head-watch.ts';
import { Incident, isPast, type PassedLimit } from './incident.ts';
import type { IncidentStore, KeptIncident } from './incident-store.ts';

export interface IncidentBookOptions {
  readonly region: Region;
  readonly clock: Clock;
  readonly store: IncidentStore;
  readonly live: (
    gateway: string,
    device: string,
    metric: string,
  ) => { readonly value: number; readonly time: number } | undefined;
  /** A meter that is known to count with the wrong sign. */
  readonly isReversed: (gateway: string, meter: string) => boolean;
  /** An alarm that stands. */
  readonly isActive: (alarm: number) => boolean;
  readonly onChange: (incident: IncidentView) => void;
}

/** An alarm as the desk has it. */
export interface AlarmNote {
  readonly id: number;
  readonly source: string;
  readonly code: string;
  readonly active: boolean;
  readonly text: string;
  /** `feeder:owd-1`, `substation:owd`. */
  readonly target: string;
  readonly raisedAt: number | null;
  readonly returnedAt: number | null;
  readonly acknowledged: { readonly by: string; readonly at: number } | null;
}

/** Alarms that are incidents. All others are told by themselves. */
const ALARMS: Readonly<Record<string, IncidentKind>> = {
  'LS-CONTROL-004': 'limit',
  'LS-FEEDER-001': 'trip',
  'LS-METER-006': 'outage',
  'LS-GATEWAY-001': 'outage',
};

const TICK_MS = 1_000;
/** What happens at the same place so soon after the end belongs to it, ms of plant time. */
const JOINS_MS = 5 * 60_000;
/** A limit that is passed by less is the guard's daily work: a share of it; a voltage by so much, pu. */
const LEAST_SHARE = 0.02;
const LEAST_PU = 0.005;
const DARK_PU = 0.1;
const MOST_PLANS = 3;
/** More begin at no gateway within an hour of plant time: what goes on there belongs to the last. */
const MOST_AN_HOUR = 12;
const HOUR_MS = 3_600_000;
/** So long after a gateway's cycles overran its devices settle, ms of plant time. */
const LATE_MS = 5 * 60_000;

/**
 * Puts together what belongs together: a jump of a feeder's load, limits that it passes, what the guard holds because of it, the plan
 * that follows, what people do, and whether it is over. What goes on is kept each second, so that a restart goes on with it.
 */
export class IncidentBook {
  readonly #options: IncidentBookOptions;
  readonly #heads: HeadWatch;
  readonly #substations: ReadonlyMap<string, RegionSubstation>;
  readonly #recent: Incident[] = [];
  /** By gateway: its last incident, and when the last ones began. */
  readonly #begun = new Map<string, { readonly at: number[]; last: Incident }>();
  /** By how much the guard holds each device now, kW. */
  readonly #held = new Map<string, number>();
  /** Devices that their gateway hears no more. */
  readonly #silent = new Set<string>();
  /** By gateway: its overruns, and until when what it tells of its devices comes too late, ms of plant time. */
  readonly #late = new Map<string, { readonly overruns: number; readonly until: number }>();
  readonly #dirty = new Set<Incident>();
  readonly #turns = new Turns();
  #nextId = 1;
  #timer: Timer | undefined;

  constructor(options: IncidentBookOptions) {
    this.#options = options;
    this.#heads = new HeadWatch(options.region, (gateway, device) => {
      const told = options.live(gateway, device, 'activePowerKw');
      return told === undefined
        ? undefined
        : { ...told, isSilent: this.#silent.has(`${gateway}/${device}`) || this.#isLate(gateway) };
    });
    this.#substations = new Map(options.region.substations.map((each) => [each.gateway, each]));
  }

  /** The store is open, and alarms have been resumed. */
  async start(): Promise<void> {
    const { store, clock, isActive } = this.#options;
    const { recent, nextId } = await store.load(this.#now() - JOINS_MS);
    this.#nextId = nextId;
    for (const kept of recent) this.#recent.push(this.#resumed(kept, isActive));
    this.#timer = every(clock.machine, TICK_MS, () => this.#tick());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#settle();
  }

  /** A live frame of a gateway. */
  frame(gateway: string, frame: Frame): void {
    const kw = frame.values.find(({ metric }) => metric === 'activePowerKw')?.value;
    if (kw === undefined || !this.#substations.has(gateway)) return;
    const signed = this.#signOf(gateway, frame.device) * kw;
    const found = this.#heads.reading(gateway, frame.device, { time: frame.time, kw: signed });
    if (found !== undefined) this.#jumped(gateway, found.feeder, found.change);
    for (const incident of this.#open(gateway)) this.#look(incident, frame);
  }

  /** An event of the log. */
  event(event: EventView): void {
    const { source, code, parameters, subject, time } = event;
    if (code === 'guard.relief' && parameters !== undefined && subject !== null) this.#relieved(source, subject, event);
    if (code === 'plan.applied')
      for (const incident of this.#open(source))
        this.#plan(incident, { at: time, code, by: source, plan: subject ?? '' });
  }

  alarm(alarm: AlarmNote): void {
    const kind = ALARMS[alarm.code];
    if (kind === undefined || alarm.raisedAt === null) return;
    const gateway = this.#gatewayOf(alarm);
    if (gateway === undefined) return;
    const cause = `alarm:${alarm.id}`;
    const known = this.#recent.find(({ causes }) => causes.has(cause));
    const parameters = { alarm: alarm.id, alarmCode: alarm.code };
    if (alarm.active && known === undefined) {
      const feeder = alarm.target.startsWith('feeder:') ? alarm.target.slice('feeder:'.length) : null;
      const incident = this.#of({ gateway, feeder, kind, at: alarm.raisedAt });
      incident.causes.add(cause);
      this.#note(incident, { at: alarm.raisedAt, code: 'alarm.raised', by: null, parameters });
    }
    if (known === undefined) return;
    const { acknowledged } = alarm;
    if (acknowledged !== null && !this.#isNoted(known, cause)) {
      known.causes.add(`${cause}:seen`);
      this.#note(known, { at: acknowledged.at, code: 'alarm.acknowledged', by: acknowledged.by, parameters });
    }
    if (alarm.active) return;
    known.causes.delete(cause);
    known.causes.delete(`${cause}:seen`);
    this.#note(known, { at: alarm.returnedAt ?? this.#now(), code: 'alarm.returned', by: null, parameters });
  }

  /** A report of a gateway tells what its guard holds. */
  reported(gateway: string, report: HealthReport): void {
    const incidents = this.#open(gateway);
    this.#keepsUp(gateway, report);
    for (const own of report.devices) {
      const kw = heldKw(own);
      const key = `${gateway}/${own.device}`;
      // A gateway that invents devices must not fill the memory.
      const isKnown = this.#substations.get(gateway)?.devices.some(({ id }) => id === own.device) === true;
      if (own.link === 'up') this.#silent.delete(key);
      else if (isKnown) this.#silent.add(key);
      const before = this.#held.get(key) ?? 0;
      if (isKnown) this.#held.set(key, kw);
      for (const incident of incidents) {
        // Where the feeder is dark a device relieves nothing, whatever it is told.
        const change = incident.held(own.device, this.#isDark(incident, own.device) ? 0 : kw, {
          at: report.time,
          before,
        });
        if (change === undefined) continue;
        const parameters = { device: own.device, ...(change === 'begins' ? { kw: Math.round(kw - before) } : {}) };
        const at = incident.reliefs.get(own.device)!.until ?? incident.reliefs.get(own.device)!.since;
        this.#note(incident, {
          at,
          code: `relief.${change === 'begins' ? 'began' : 'ended'}`,
          by: 'guard',
          parameters,
        });
      }
    }
    for (const incident of incidents) {
      if (!report.guard.active)
        for (const [id, { backAt }] of incident.limits) if (backAt === null) this.#back(incident, id, report.time);
      if (incident.reliefs.size > 0) this.#dirty.add(incident);
    }
  }

  /** A gateway whose cycles overrun reads its devices when it can, for a while after too. */
  #keepsUp(gateway: string, { cycle: { overruns } }: HealthReport): void {
    const known = this.#late.get(gateway);
    const isWorse = known !== undefined && overruns > known.overruns;
    this.#late.set(gateway, { overruns, until: isWorse ? this.#now() + LATE_MS : (known?.until ?? 0) });
  }

  #isLate(gateway: string): boolean {
    return this.#now() < (this.#late.get(gateway)?.until ?? 0);
  }

  /** A plan was made. */
  planned(substation: string, plan: { readonly id: string; readonly trigger: string }): void {
    const gateway = this.#options.region.substations.find(({ id }) => id === substation)?.gateway;
    if (gateway === undefined) return;
    for (const incident of this.#open(gateway))
      this.#plan(incident, { at: this.#now(), code: 'plan.made', by: 'cloud', plan: plan.id, trigger: plan.trigger });
  }

  /** Somebody has acted. */
  acted({ gateway, kind, user, target, reason, issuedAt, id }: CommandView): void {
    for (const incident of this.#open(gateway)) {
      if (incident.view().entries.some(({ parameters }) => parameters['command'] === id)) continue;
      const parameters = { command: id, act: kind, target, reason: reason.slice(0, 128) };
      this.#note(incident, { at: issuedAt, code: 'act', by: user, parameters });
    }
  }

  #resumed(kept: KeptIncident, isActive: (alarm: number) => boolean): Incident {
    const incident = Incident.resumed(kept, (device) => this.#price(kept.view.gateway, device));
    if (incident.endedAt !== null) return incident;
    const at = this.#now();
    for (const cause of incident.causes) {
      const [what, id] = cause.split(':');
      if (what === 'alarm' && isActive(Number(id))) continue;
      incident.causes.delete(cause);
    }
    // What went on meanwhile was not seen: gateways tell soon what goes on still.
    if (incident.jump !== null) incident.jump.endedAt ??= at;
    for (const limit of incident.limits.values()) limit.backAt ??= at;
    for (const relief of incident.reliefs.values()) relief.until ??= at;
    this.#note(incident, { at, code: 'cloud.restarted', by: 'cloud', parameters: {} });
    return incident;
  }

  #jumped(gateway: string, feeder: string, change: JumpChange): void {
    if (change.kind === 'began') {
      const { at, beforeKw, peakKw } = change;
      const incident = this.#of({ gateway, feeder, kind: 'spike', at });
      incident.startedAt = Math.min(incident.startedAt, at);
      const limitKw = this.#heads.limitOf(feeder);
      incident.jump = { beforeKw, peakKw, peakAt: at, limitKw, endedAt: null };
      incident.causes.add('jump');
      const parameters = { feeder, beforeKw: Math.round(beforeKw), kw: Math.round(peakKw) };
      this.#note(incident, { at, code: 'spike.began', by: null, parameters });
      return;
    }
    const incident = this.#open(gateway).find((each) => each.feeder === feeder && each.causes.has('jump'));
    if (incident?.jump === null || incident === undefined) return;
    this.#dirty.add(incident);
    if (change.kind === 'higher') {
      incident.jump.peakKw = change.peakKw;
      incident.jump.peakAt = change.at;
      return;
    }
    incident.jump.endedAt = change.at;
    incident.causes.delete('jump');
    const parameters = { feeder, kw: Math.round(change.kw) };
    this.#note(incident, { at: change.at, code: `spike.${change.kind}`, by: null, parameters });
  }

  /** The guard has met a limit. */
  #relieved(gateway: string, id: string, { parameters, time }: EventView): void {
    const passed = passedOf(parameters);
    if (passed === undefined || !this.#substations.has(gateway)) return;
    if (passed.unit === 'pu' && passed.value < DARK_PU) return;
    const least = passed.unit === 'pu' ? LEAST_PU : LEAST_SHARE * Math.abs(passed.bound);
    if (Math.abs(passed.value - passed.bound) < least) return;
    const feeder = this.#feederOf(gateway, passed.element);
    const incident = this.#of({ gateway, feeder, kind: 'limit', at: time });
    incident.passed(id, passed, time);
    const { devices } = parameters!;
    if (Array.isArray(devices)) incident.expects(devices, time);
    this.#note(incident, { at: time, code: 'limit.passed', by: 'guard', parameters: { ...parameters } });
  }

  /** A meter was read: limits that it is under again are kept again. */
  #look(incident: Incident, { device, time }: Frame): void {
    for (const [id, limit] of incident.limits) {
      if (limit.element !== device || limit.backAt !== null) continue;
      const value = this.#valueOf(incident.gateway, device, limit.unit);
      if (value === undefined || time <= limit.passedAt) continue;
      if (!isPast({ value, bound: limit.bound }, limit.side)) this.#back(incident, id, time);
      else if (limit.side * value > limit.side * limit.worst) {
        limit.worst = value;
        this.#dirty.add(incident);
      }
    }
  }

  #back(incident: Incident, id: string, at: number): void {
    incident.back(id, at);
    const { element, bound, unit } = incident.limits.get(id)!;
    this.#note(incident, { at, code: 'limit.back', by: null, parameters: { element, bound, unit } });
  }

  #plan(
    incident: Incident,
    {
      at,
      code,
      by,
      plan,
      trigger,
    }: {
      readonly at: number;
      readonly code: string;
      readonly by: string;
      readonly plan: string;
      readonly trigger?: string;
    },
  ): void {
    if (incident.count(code) >= MOST_PLANS) return;
    this.#note(incident, { at, code, by, parameters: { plan, ...(trigger === undefined ? {} : { trigger }) } });
  }

  #note(incident: Incident, entry: Parameters<Incident['note']>[0]): void {
    incident.note({ ...entry, at: Math.round(entry.at) });
    this.#dirty.add(incident);
  }

  #isDark({ gateway, kind, feeder, causes }: Incident, device: string): boolean {
    if (kind !== 'trip' || ![...causes].some((cause) => cause.startsWith('alarm:'))) return false;
    return feeder === null || this.#feederOf(gateway, device) === feeder;
  }

  #isNoted(incident: Incident, cause: string): boolean {
    return incident.causes.has(`${cause}:seen`);
  }

  /**
   * The incident that something belongs to: one at its place that goes on or has just ended, or a new one. Limits join whatever goes on
   * at their substation: its transformer and its devices answer for all feeders.
   */
  #of({
    gateway,
    feeder,
    kind,
    at,
  }: {
    readonly gateway: string;
    readonly feeder: string | null;
    readonly kind: IncidentKind;
    readonly at: number;
  }): Incident {
    const near = this.#recent
      .filter((each) => each.gateway === gateway && (each.endedAt === null || at - each.endedAt < JOINS_MS))
      .toReversed();
    const found = near.find(
      (each) => [feeder, null].includes(each.feeder) || feeder === null || kind === 'limit' || each.kind === 'limit',
    );
    const now = this.#now();
    const begun = this.#begun.get(gateway);
    const isStorm = begun?.at.length === MOST_AN_HOUR && now - begun.at[0]! < HOUR_MS;
    const joined = found ?? (isStorm ? begun.last : undefined);
    if (joined !== undefined) {
      joined.named(kind, feeder);
      joined.endedAt = null;
      if (!this.#recent.includes(joined)) this.#recent.push(joined);
      this.#dirty.add(joined);
      return joined;
    }
    const { id: substation } = this.#substations.get(gateway)!;
    const startedAt = Math.round(Math.min(at, now));
    const incident = new Incident({ id: this.#nextId++, gateway, substation, kind, feeder, startedAt }, (device) =>
      this.#price(gateway, device),
    );
    this.#recent.push(incident);
    this.#begun.set(gateway, { at: [...(begun?.at ?? []), now].slice(-MOST_AN_HOUR), last: incident });
    this.#dirty.add(incident);
    return incident;
  }

  #open(gateway: string): Incident[] {
    return this.#recent.filter((each) => each.gateway === gateway && each.endedAt === null);
  }

  #signOf(gateway: string, meter: string): 1 | -1 {
    return this.#options.isReversed(gateway, meter) ? -1 : 1;
  }

  #valueOf(gateway: string, element: string, unit: string): number | undefined {
    const { live } = this.#options;
    const read = (metric: string): number | undefined => live(gateway, element, metric)?.value;
    const kw = read('activePowerKw');
    switch (unit) {
      case 'kW':
        return kw === undefined ? undefined : this.#signOf(gateway, element) * kw;
      case 'kVA':
        return kw === undefined ? undefined : Math.hypot(kw, read('reactivePowerKvar') ?? 0);
      case 'pu': {
        // Where the feeder is dark there is no voltage, not a low one.
        const pu = read('voltagePu');
        return pu === undefined || pu < DARK_PU ? undefined : pu;
      }
      default:
        return read('currentA');
    }
  }

  #feederOf(gateway: string, element: string): string | null {
    const { devices, meters } = this.#substations.get(gateway)!;
    const own = meters.find(({ device }) => device === element) ?? devices.find(({ id }) => id === element);
    return own?.feeder ?? null;
  }

  #gatewayOf({ source, target }: AlarmNote): string | undefined {
    if (this.#substations.has(source)) return source;
    const place = target.slice(target.indexOf(':') + 1);
    return this.#options.region.substations.find(
      ({ id, network }) => id === place || network.feeders.some((feeder) => feeder.id === place),
    )?.gateway;
  }

  #price(gateway: string, device: string): number | undefined {
    return this.#substations.get(gateway)?.devices.find(({ id }) => id === device)?.contractEurPerKwh;
  }

  async #tick(): Promise<void> {
    const now = Math.round(this.#now());
    for (const { gateway, feeder, change } of this.#heads.tick()) this.#jumped(gateway, feeder, change);
    for (const incident of this.#recent)
      if (incident.endedAt === null && incident.isOver) {
        incident.endedAt = now;
        this.#note(incident, { at: now, code: 'over', by: null, parameters: {} });
      }
    await this.#settle();
    const gone = this.#recent.filter(({ endedAt }) => endedAt !== null && now - endedAt > JOINS_MS);
    for (const incident of gone) this.#recent.splice(this.#recent.indexOf(incident), 1);
  }

  /** Commits one at a time; what could not be kept is tried again. */
  #settle(): Promise<void> {
    return this.#turns.take(async () => {
      const changed = [...this.#dirty];
      if (changed.length === 0) return;
      this.#dirty.clear();
      const kept = changed.map((incident) => incident.kept());
      try {
        await this.#options.store.commit(kept);
      } catch (error) {
        for (const incident of changed) this.#dirty.add(incident);
        throw error;
      }
      for (const { view } of kept) this.#options.onChange(view);
    });
  }

  #now(): number {
    return this.#options.clock.plant.now();
  }
}

/** By how much the guard, or a limit of the grid, holds a device off its wish, kW. */
function heldKw({ limitedBy, wishedKw, setpointKw }: DeviceHealth): number {
  if (limitedBy !== 'guard' && limitedBy !== 'grid-limit') return 0;
  return Math.abs((wishedKw ?? 0) - (setpointKw ?? 0));
}

function passedOf(parameters: EventParameters | undefined): PassedLimit | undefined {
  const { element, unit, value, bound } = parameters ?? {};
  if (typeof element !== 'string' || typeof unit !== 'string') return undefined;
  return typeof value === 'number' && typeof bound === 'number' ? { element, unit, value, bound } : undefined;
}
