import type { CommandView } from '../../shared/contracts/command.ts';
import type { EventParameters } from '../../shared/contracts/event.ts';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { IncidentKind } from '../../shared/contracts/incident.ts';
import type { RegionSubstation } from '../../shared/contracts/region.ts';
import type { HealthReport } from '../../shared/contracts/report.ts';
import type { EventView } from '../../shared/contracts/view.ts';
import type { Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { reliefKwOf } from '../gateways/relief-kw.ts';
import { HeadWatch, type JumpChange } from './head-watch.ts';
import { isPast, type Incident, type PassedLimit } from './incident.ts';
import { IncidentKeeper, type KeeperOptions } from './incident-keeper.ts';

export interface IncidentBookOptions extends KeeperOptions {
  readonly live: (
    gateway: string,
    device: string,
    metric: string,
  ) => { readonly value: number; readonly time: number } | undefined;
  /** Whether a meter is known to be reversed. */
  readonly isReversed: (gateway: string, meter: string) => boolean;
}

/** An alarm as seen by the desk. */
export interface AlarmNote {
  readonly id: number;
  readonly source: string;
  readonly code: string;
  readonly active: boolean;
  readonly text: string;
  readonly parameters?: EventParameters | undefined;
  /** `feeder:owd-1`, `substation:owd`. */
  readonly target: string;
  readonly raisedAt: number | null;
  readonly returnedAt: number | null;
  readonly acknowledged: { readonly by: string; readonly at: number } | null;
}

/** Alarms that make incidents. All others stand alone. */
const ALARMS: Readonly<Record<string, IncidentKind>> = {
  'LS-CONTROL-004': 'limit',
  'LS-FEEDER-001': 'trip',
  'LS-METER-006': 'outage',
  'LS-GATEWAY-001': 'outage',
};

const TICK_MS = 1_000;
/** A smaller excess is the guard's daily work: as a share of the limit; for a voltage, pu. */
const LEAST_SHARE = 0.02;
const LEAST_PU = 0.005;
const DARK_PU = 0.1;
const MOST_PLANS = 3;
/** How long devices settle after an overrun of a gateway's cycles, ms of plant time. */
const LATE_MS = 5 * 60_000;
/** The guard may act up to this long before an incident is reported, ms of plant time. */
const LEAD_MS = 5000;

/** How far the guard relieves with a device, kW: in the last report, its time, and in the report before. */
interface Held {
  readonly kw: number;
  readonly at: number;
  readonly beforeKw: number;
}

/**
 * Assembles incidents: a jump of a feeder's load, the limits it exceeds, what the guard curtails because of it, the plan that follows, what
 * people do, and the end. Stored every second, so that running incidents survive a restart.
 */
export class IncidentBook {
  readonly #options: IncidentBookOptions;
  readonly #heads: HeadWatch;
  readonly #substations: ReadonlyMap<string, RegionSubstation>;
  readonly #keeper: IncidentKeeper;
  readonly #held = new Map<string, Held>();
  /** Devices that their gateway cannot reach. */
  readonly #silent = new Set<string>();
  /** By gateway: its overruns, and until when its device reports are late, ms of plant time. */
  readonly #late = new Map<string, { readonly overruns: number; readonly until: number }>();
  #timer: Timer | undefined;

  constructor(options: IncidentBookOptions) {
    this.#options = options;
    this.#keeper = new IncidentKeeper(options);
    this.#heads = new HeadWatch(options.region, (gateway, device) => {
      const reading = options.live(gateway, device, 'activePowerKw');
      return reading === undefined
        ? undefined
        : { ...reading, isSilent: this.#silent.has(`${gateway}/${device}`) || this.#isLate(gateway) };
    });
    this.#substations = new Map(options.region.substations.map((each) => [each.gateway, each]));
  }

  /** The store must be open and alarms resumed. */
  async start(): Promise<void> {
    await this.#keeper.load();
    this.#timer = every(this.#options.clock.machine, TICK_MS, () => this.#tick());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#keeper.settle();
  }

  /** Handles a live frame of a gateway. */
  frame(gateway: string, frame: Frame): void {
    if (!this.#substations.has(gateway)) return;
    this.#keeper.heard(gateway);
    const kw = frame.values.find(({ metric }) => metric === 'activePowerKw')?.value;
    if (kw === undefined) return;
    const signed = this.#signOf(gateway, frame.device) * kw;
    const found = this.#heads.reading(gateway, frame.device, { time: frame.time, kw: signed });
    if (found !== undefined) this.#jumped(gateway, found.feeder, found.change);
    for (const incident of this.#keeper.open(gateway)) this.#look(incident, frame);
  }

  /** Handles an event of the log; one from a backlog may be days old. */
  event(event: EventView): void {
    const { source, code, parameters, subject } = event;
    if (event.own !== true) this.#keeper.heard(source);
    const time = this.#keeper.pastOf(event.time);
    if (code === 'guard.relief' && parameters !== undefined && subject !== null)
      this.#relieved(source, subject, { parameters, time });
    if (code === 'guard.released')
      for (const incident of this.#keeper.recent(source))
        this.#allBack(incident, time, ({ passedAt }) => passedAt <= time);
    if (code === 'plan.applied')
      for (const incident of this.#keeper.open(source))
        if (time >= incident.startedAt) this.#plan(incident, { at: time, code, by: source, plan: subject ?? '' });
  }

  alarm(alarm: AlarmNote): void {
    const kind = ALARMS[alarm.code];
    if (kind === undefined || alarm.raisedAt === null) return;
    const gateway = this.#gatewayOf(alarm);
    if (gateway === undefined) return;
    const cause = `alarm:${alarm.id}`;
    const known = this.#keeper.withCause(cause);
    const parameters = { alarm: alarm.id, alarmCode: alarm.code };
    if (alarm.active && known === undefined) {
      const feeder = alarm.target.startsWith('feeder:') ? alarm.target.slice('feeder:'.length) : null;
      const at = this.#keeper.pastOf(alarm.raisedAt);
      const incident = this.#keeper.of({ gateway, feeder, kind, at });
      incident?.causes.add(cause);
      if (incident !== undefined) {
        if (kind === 'limit') this.#beyond(incident, alarm.parameters, at);
        this.#keeper.note(incident, { at, code: 'alarm.raised', by: null, parameters });
      }
    }
    if (known === undefined) return;
    const { acknowledged } = alarm;
    if (acknowledged !== null && !known.causes.has(`${cause}:seen`)) {
      known.causes.add(`${cause}:seen`);
      this.#keeper.note(known, { at: acknowledged.at, code: 'alarm.acknowledged', by: acknowledged.by, parameters });
    }
    if (alarm.active) return;
    known.causes.delete(cause);
    known.causes.delete(`${cause}:seen`);
    this.#keeper.note(known, { at: alarm.returnedAt ?? this.#now(), code: 'alarm.returned', by: null, parameters });
  }

  /** Handles a gateway's health report, which shows what its guard curtails. */
  reported(gateway: string, report: HealthReport): void {
    if (!this.#substations.has(gateway)) return;
    this.#keeper.heard(gateway);
    const time = this.#keeper.pastOf(report.time);
    this.#heads.heard(gateway, time);
    // While the guard is active, incidents with unresolved limits continue.
    if (report.guard.active)
      for (const incident of this.#keeper.recent(gateway))
        if (incident.endedAt !== null && [...incident.limits.values()].some(({ backAt }) => backAt === null)) {
          incident.goesOn();
          this.#keeper.touch(incident);
        }
    const incidents = this.#keeper.open(gateway);
    this.#keepsUp(gateway, report);
    for (const own of report.devices) {
      const kw = reliefKwOf(own);
      const key = `${gateway}/${own.device}`;
      // A gateway that invents devices must not fill the memory.
      const isKnown = this.#substations.get(gateway)?.devices.some(({ id }) => id === own.device) === true;
      if (own.link === 'up') this.#silent.delete(key);
      else if (isKnown) this.#silent.add(key);
      const last = this.#held.get(key) ?? { kw: 0, at: time, beforeKw: 0 };
      if (isKnown) this.#held.set(key, { kw, at: time, beforeKw: last.kw });
      for (const incident of incidents) {
        // The guard acts, and shows in reports, before the cause is reported.
        const before = last.at < incident.startedAt - LEAD_MS ? last.kw : last.beforeKw;
        // On a dark feeder a device relieves nothing, whatever its setpoint.
        const change = incident.held(own.device, this.#isDark(incident, own.device) ? 0 : kw, {
          at: time,
          before,
          mostMs: this.#keeper.heldMs,
        });
        if (change === undefined) continue;
        const parameters = { device: own.device, ...(change === 'begins' ? { kw: Math.round(kw - before) } : {}) };
        const at = incident.reliefs.get(own.device)!.until ?? incident.reliefs.get(own.device)!.since;
        this.#keeper.note(incident, {
          at,
          code: `relief.${change === 'begins' ? 'began' : 'ended'}`,
          by: 'guard',
          parameters,
        });
      }
    }
    for (const incident of incidents) {
      if (!report.guard.active) this.#allBack(incident, time);
      if (incident.reliefs.size > 0) this.#keeper.touch(incident);
    }
  }

  /** A gateway whose cycles overrun reads its devices late, and so for a while after. */
  #keepsUp(gateway: string, { cycle: { overruns } }: HealthReport): void {
    const known = this.#late.get(gateway);
    const isWorse = known !== undefined && overruns > known.overruns;
    this.#late.set(gateway, { overruns, until: isWorse ? this.#now() + LATE_MS : (known?.until ?? 0) });
  }

  #isLate(gateway: string): boolean {
    return this.#now() < (this.#late.get(gateway)?.until ?? 0);
  }

  /** Handles a new plan. */
  planned(substation: string, plan: { readonly id: string; readonly trigger: string }): void {
    const gateway = this.#options.region.substations.find(({ id }) => id === substation)?.gateway;
    if (gateway === undefined) return;
    for (const incident of this.#keeper.open(gateway))
      this.#plan(incident, { at: this.#now(), code: 'plan.made', by: 'cloud', plan: plan.id, trigger: plan.trigger });
  }

  /** Handles an operator's act. */
  acted({ gateway, kind, user, target, reason, issuedAt, id }: CommandView): void {
    for (const incident of this.#keeper.open(gateway)) {
      if (incident.view().entries.some(({ parameters }) => parameters['command'] === id)) continue;
      const parameters = { command: id, act: kind, target, reason: reason.slice(0, 128) };
      this.#keeper.note(incident, { at: issuedAt, code: 'act', by: user, parameters });
    }
  }

  #jumped(gateway: string, feeder: string, change: JumpChange): void {
    const at = this.#keeper.pastOf(change.at);
    if (change.kind === 'began') {
      const { beforeKw, peakKw } = change;
      const incident = this.#keeper.of({ gateway, feeder, kind: 'spike', at });
      if (incident === undefined) return;
      incident.jumped(feeder, { at, beforeKw, peakKw, limitKw: this.#heads.limitOf(feeder) });
      const parameters = { feeder, beforeKw: Math.round(beforeKw), kw: Math.round(peakKw) };
      this.#keeper.note(incident, { at, code: 'spike.began', by: null, parameters });
      return;
    }
    const incident = this.#keeper.withCause(`jump:${feeder}`);
    const jump = incident?.jumps.get(feeder);
    if (incident === undefined || jump === undefined) return;
    if (change.kind === 'refined') {
      incident.refined(feeder, change.beforeKw);
      this.#keeper.touch(incident);
      return;
    }
    if (change.kind === 'higher') {
      if (change.peakKw > jump.peakKw) Object.assign(jump, { peakKw: change.peakKw, peakAt: at });
      this.#keeper.touch(incident);
      return;
    }
    incident.jumpEnded(feeder, at);
    const parameters = { feeder, kw: Math.round(change.kw) };
    this.#keeper.note(incident, { at, code: `spike.${change.kind}`, by: null, parameters });
  }

  /** The guard has acted against a limit. */
  #relieved(
    gateway: string,
    id: string,
    { parameters, time }: { readonly parameters: EventParameters; readonly time: number },
  ): void {
    const passed = passedOf(parameters);
    if (passed === undefined || !this.#substations.has(gateway)) return;
    if (passed.unit === 'pu' && passed.value < DARK_PU) return;
    const least = passed.unit === 'pu' ? LEAST_PU : LEAST_SHARE * Math.abs(passed.bound);
    if (Math.abs(passed.value - passed.bound) < least) return;
    const feeder = this.#feederOf(gateway, passed.element);
    const incident = this.#keeper.of({ gateway, feeder, kind: 'limit', at: time });
    if (incident === undefined) return;
    incident.passed(id, { ...passed, feeder }, time);
    const devices = Array.isArray(parameters['devices']) ? parameters['devices'] : [];
    incident.expects(devices, time);
    if (incident.addToTwin(id, devices)) {
      this.#keeper.touch(incident);
      return;
    }
    this.#keeper.note(incident, { at: time, code: 'limit.passed', by: 'guard', parameters: { ...parameters } });
  }

  /** Adds the limit of an alarm: the guard reports a limit only once, possibly before it was exceeded by much. */
  #beyond(incident: Incident, parameters: EventParameters | undefined, at: number): void {
    const passed = passedOf(parameters);
    if (passed === undefined) return;
    const { element, unit } = passed;
    const isKnown = [...incident.limits.values()].some(
      (each) => each.element === element && each.unit === unit && each.backAt === null,
    );
    if (isKnown) return;
    const feeder = this.#feederOf(incident.gateway, element);
    incident.passed(`alarm:${element}:${unit}`, { ...passed, feeder }, at);
  }

  /** A new reading may show that limits are kept again. */
  #look(incident: Incident, { device, time }: Frame): void {
    for (const [id, limit] of incident.limits) {
      if (limit.element !== device || limit.backAt !== null) continue;
      const value = this.#valueOf(incident.gateway, device, limit.unit);
      if (value === undefined || time <= limit.passedAt) continue;
      if (!isPast({ value, bound: limit.bound }, limit.side)) this.#back(incident, id, time);
      else if (limit.side * value > limit.side * limit.worst) {
        limit.worst = value;
        this.#keeper.touch(incident);
      }
    }
  }

  #allBack(
    incident: Incident,
    at: number,
    holds: (limit: { readonly passedAt: number }) => boolean = () => true,
  ): void {
    for (const [id, limit] of incident.limits) if (limit.backAt === null && holds(limit)) this.#back(incident, id, at);
  }

  #back(incident: Incident, id: string, at: number): void {
    incident.back(id, at);
    if (incident.hasTwin(id)) {
      this.#keeper.touch(incident);
      return;
    }
    const { element, bound, unit } = incident.limits.get(id)!;
    this.#keeper.note(incident, { at, code: 'limit.back', by: null, parameters: { element, bound, unit } });
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
    this.#keeper.note(incident, { at, code, by, parameters: { plan, ...(trigger === undefined ? {} : { trigger }) } });
  }

  #isDark({ gateway, kind, feeder, causes }: Incident, device: string): boolean {
    if (kind !== 'trip' || ![...causes].some((cause) => cause.startsWith('alarm:'))) return false;
    return feeder === null || this.#feederOf(gateway, device) === feeder;
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
        // A dark feeder has no voltage, not a low one.
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

  async #tick(): Promise<void> {
    for (const { gateway, feeder, change } of this.#heads.tick()) this.#jumped(gateway, feeder, change);
    this.#keeper.look();
    await this.#keeper.settle();
  }

  #now(): number {
    return this.#keeper.now();
  }
}

function passedOf(parameters: EventParameters | undefined): Omit<PassedLimit, 'feeder'> | undefined {
  const { element, unit, value, bound } = parameters ?? {};
  if (typeof element !== 'string' || typeof unit !== 'string') return undefined;
  return typeof value === 'number' && typeof bound === 'number' ? { element, unit, value, bound } : undefined;
}
