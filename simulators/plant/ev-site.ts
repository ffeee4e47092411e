import type { ChargingSession } from '../../shared/contracts/sessions.ts';
import type { Device, Surroundings, Values } from './device.ts';
import { arrivalsOn, HOUR_MS, localDay, type EvArrival } from './ev-sessions.ts';
import { Setpoints, type DeviceCommand, type SetpointState } from './setpoints.ts';
import type { EvSpec } from './spec.ts';

interface Session extends EvArrival {
  deliveredKwh: number;
}

/** A car connected to its charger. */
export interface PluggedCar {
  readonly charger: number;
  readonly arrivalMs: number;
  readonly departureMs: number;
  /** Power that the car would draw without a limit, kW. */
  readonly wishKw: number;
  readonly kw: number;
  readonly deliveredKwh: number;
  readonly missingKwh: number;
}

interface State {
  readonly timeMs: number;
  readonly sessions: readonly Session[];
  readonly notServedKwh: number;
  readonly activePowerKw: number;
  readonly setpoints: SetpointState;
}

const DEAD_TIME_MS = 1000;
const POWER_FACTOR_TAN = 0.05;
const DONE_KWH = 1e-9;
/** A car does not charge below this power: 6 A on one phase (IEC 61851-1, A.2.3). */
const CHARGES_FROM_KW = 1.38;

/**
 * Charging sessions with an energy due by a deadline. Without a limit each session charges at once. Under a limit every session keeps its
 * floor and the rest goes to the sessions with the least slack (least laxity first; Dertouzos and Mok, IEEE Trans. Softw. Eng. 15, 1989).
 */
export class EvSite implements Device {
  readonly id: string;
  readonly #spec: EvSpec;
  readonly #seed: number;
  readonly #setpoints: Setpoints;
  #timeMs: number;
  #sessions: Session[] = [];
  #arrivals: { readonly day: number; readonly list: readonly EvArrival[] } = { day: -1, list: [] };
  #wishedKw = 0;
  #notServedKwh = 0;
  #limitOf: ((charger: number) => number) | undefined;
  /** Power of each car by charger; filled only when chargers follow their own limits. */
  #cars = new Map<number, number>();
  activePowerKw = 0;
  reactivePowerKvar = 0;

  constructor(spec: EvSpec, seed: number, startMs: number) {
    this.id = spec.id;
    this.#spec = spec;
    this.#seed = seed;
    this.#timeMs = startMs;
    this.#setpoints = new Setpoints({
      deadTimeMs: DEAD_TIME_MS,
      revertAfterS: spec.revertAfterS,
      fallback: { activePowerKw: spec.safeKw, activePowerLimitKw: spec.safeKw },
    });
  }

  /** Energy that cars left without, kWh since the start. */
  get notServedKwh(): number {
    return this.#notServedKwh;
  }

  /** From now on each charger follows its own limit, kW (Infinity: none), and the site limit is no longer shared out. */
  follow(limitOf: (charger: number) => number): void {
    this.#limitOf = limitOf;
  }

  cars(): readonly PluggedCar[] {
    return this.#sessions.map(({ charger, arrivalMs, departureMs, energyKwh, deliveredKwh }) => {
      const missingKwh = Math.max(0, energyKwh - deliveredKwh);
      const wishKw = missingKwh > DONE_KWH ? this.#spec.chargerKw : 0;
      return { charger, arrivalMs, departureMs, wishKw, kw: this.#cars.get(charger) ?? 0, deliveredKwh, missingKwh };
    });
  }

  command(command: DeviceCommand, nowMs: number): void {
    this.#setpoints.take(command, nowMs);
  }

  step({ timeMs, dtS, voltagePu }: Surroundings): void {
    this.#setpoints.step(timeMs);
    this.#come(timeMs);
    this.#go(timeMs);
    const hours = dtS / 3600;
    const { chargerKw, siteKw } = this.#spec;
    const wishes = this.#sessions.map(({ energyKwh, deliveredKwh }) =>
      Math.min(chargerKw, Math.max(0, energyKwh - deliveredKwh) / hours),
    );
    this.#wishedKw = Math.min(siteKw, sum(wishes));
    if (voltagePu <= 0 || this.#sessions.length === 0) {
      this.activePowerKw = 0;
      this.reactivePowerKvar = 0;
      this.#cars.clear();
      return;
    }
    const given = this.#limitOf === undefined ? this.#shared(wishes, timeMs) : this.#followed(wishes, this.#limitOf);
    for (const [at, session] of this.#sessions.entries()) session.deliveredKwh += given[at]! * hours;
    if (this.#limitOf !== undefined)
      this.#cars = new Map(this.#sessions.map(({ charger }, at) => [charger, given[at]!]));
    this.activePowerKw = sum(given);
    this.reactivePowerKvar = POWER_FACTOR_TAN * this.activePowerKw;
  }

  /** Shares out the site limit: every session gets its floor, the rest goes to the least slack first. */
  #shared(wishes: readonly number[], timeMs: number): number[] {
    const { siteKw, floorKwPerSession } = this.#spec;
    const limit = Math.min(
      siteKw,
      this.#setpoints.get('activePowerLimitKw') ?? Infinity,
      this.#setpoints.get('activePowerKw') ?? Infinity,
    );
    const given = wishes.map((wish) => Math.min(wish, floorKwPerSession));
    const floors = sum(given);
    // The site cannot carry all floors: they shrink in proportion.
    if (floors > siteKw) for (let at = 0; at < given.length; at++) given[at]! *= siteKw / floors;
    let left = Math.min(this.#wishedKw, Math.max(limit, 0)) - sum(given);
    for (const at of this.#byLaxity(timeMs)) {
      if (left <= 0) break;
      const more = Math.min(left, wishes[at]! - given[at]!);
      given[at]! += more;
      left -= more;
    }
    return given;
  }

  /** Applies the chargers' own limits; all cars shrink in proportion when the site's fuse cannot carry the sum. */
  #followed(wishes: readonly number[], limitOf: (charger: number) => number): number[] {
    const given = wishes.map((wish, at) => {
      const kw = Math.min(wish, Math.max(0, limitOf(this.#sessions[at]!.charger)));
      return wish >= CHARGES_FROM_KW && kw < CHARGES_FROM_KW ? 0 : kw;
    });
    const scale = Math.min(1, this.#spec.siteKw / Math.max(sum(given), DONE_KWH));
    return given.map((kw) => kw * scale);
  }

  values(): Values {
    const open = this.#sessions.filter(({ energyKwh, deliveredKwh }) => energyKwh - deliveredKwh > DONE_KWH);
    const deadlines = open.map(({ departureMs }) => departureMs);
    return {
      activePowerKw: this.activePowerKw,
      reactivePowerKvar: this.reactivePowerKvar,
      wishedKw: this.#wishedKw,
      energyDueKwh: sum(open.map(({ energyKwh, deliveredKwh }) => energyKwh - deliveredKwh)),
      sessions: this.#sessions.length,
      ...(deadlines.length === 0 ? {} : { deadlineMs: Math.min(...deadlines) }),
      activePowerSetpointKw: this.#setpoints.get('activePowerKw') ?? this.#spec.siteKw,
      activePowerLimitKw: this.#setpoints.get('activePowerLimitKw') ?? this.#spec.siteKw,
    };
  }

  /** Connected cars by charger; a full car requests no energy. */
  sessions(): ChargingSession[] {
    const { chargerKw, floorKwPerSession } = this.#spec;
    return this.#sessions.map(({ charger, departureMs, energyKwh, deliveredKwh }) => ({
      id: `charger-${charger + 1}`,
      energyDueKwh: Math.max(0, energyKwh - deliveredKwh),
      departure: departureMs,
      maxKw: chargerKw,
      minKw: Math.min(chargerKw, floorKwPerSession),
    }));
  }

  snapshot(): State {
    return {
      timeMs: this.#timeMs,
      sessions: this.#sessions.map((session) => ({ ...session })),
      notServedKwh: this.#notServedKwh,
      activePowerKw: this.activePowerKw,
      setpoints: this.#setpoints.snapshot(),
    };
  }

  restore(state: unknown): void {
    const from = state as State;
    this.#timeMs = from.timeMs;
    this.#sessions = from.sessions.map((session) => ({ ...session }));
    this.#notServedKwh = from.notServedKwh;
    this.activePowerKw = from.activePowerKw;
    this.#setpoints.restore(from.setpoints);
  }

  /** Adds the cars that arrived since the last step. */
  #come(timeMs: number): void {
    const before = this.#sessions.length;
    for (let day = localDay(this.#timeMs); day <= localDay(timeMs); day++) {
      if (this.#arrivals.day !== day) this.#arrivals = { day, list: arrivalsOn(this.#spec, this.#seed, day) };
      for (const arrival of this.#arrivals.list) {
        if (arrival.arrivalMs <= this.#timeMs) continue;
        if (arrival.arrivalMs > timeMs) break;
        this.#sessions.push({ ...arrival, deliveredKwh: 0 });
      }
    }
    this.#timeMs = timeMs;
    if (this.#sessions.length > before) {
      this.#sessions.sort((a, b) => a.departureMs - b.departureMs || a.charger - b.charger);
    }
  }

  /** Session indices by slack (time until they must charge at full power), least first. */
  #byLaxity(timeMs: number): number[] {
    const spareMs = this.#sessions.map(
      ({ departureMs, energyKwh, deliveredKwh }) =>
        departureMs - timeMs - ((energyKwh - deliveredKwh) / this.#spec.chargerKw) * HOUR_MS,
    );
    return [...spareMs.keys()].sort((a, b) => spareMs[a]! - spareMs[b]! || a - b);
  }

  #go(timeMs: number): void {
    if (!this.#sessions.some(({ departureMs }) => departureMs <= timeMs)) return;
    for (const { departureMs, energyKwh, deliveredKwh } of this.#sessions)
      if (departureMs <= timeMs) this.#notServedKwh += Math.max(0, energyKwh - deliveredKwh);
    this.#sessions = this.#sessions.filter(({ departureMs }) => departureMs > timeMs);
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
