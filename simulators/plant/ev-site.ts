import type { ChargingSession } from '../../shared/contracts/sessions.ts';
import type { Device, Surroundings, Values } from './device.ts';
import { arrivalsOn, HOUR_MS, localDay, type EvArrival } from './ev-sessions.ts';
import { Setpoints, type DeviceCommand, type SetpointState } from './setpoints.ts';
import type { EvSpec } from './spec.ts';

interface Session extends EvArrival {
  deliveredKwh: number;
}

/** A car at its charger. */
export interface PluggedCar {
  readonly charger: number;
  readonly arrivalMs: number;
  readonly departureMs: number;
  /** What it would take now, kW. */
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
/** Below it a car does not charge: 6 A on one phase (IEC 61851-1, A.2.3). */
const CHARGES_FROM_KW = 1.38;

/**
 * Charging sessions with an energy by a deadline. Unlimited, each charges at once; limited, every session keeps its floor and
 * the rest goes to those with the least time to spare (least laxity first; Dertouzos and Mok, IEEE Trans. Softw. Eng. 15, 1989).
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
  /** Power of each car by charger, where these keep limits of their own. */
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

  /** Energy that left uncharged, kWh since the start. */
  get notServedKwh(): number {
    return this.#notServedKwh;
  }

  /** From now on each charger keeps a limit of its own, kW (Infinity: none), and nobody shares out a limit of the site. */
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

  /** By the site's limit: every session its floor, the rest to who has the least time to spare. */
  #shared(wishes: readonly number[], timeMs: number): number[] {
    const { siteKw, floorKwPerSession } = this.#spec;
    const limit = Math.min(
      siteKw,
      this.#setpoints.get('activePowerLimitKw') ?? Infinity,
      this.#setpoints.get('activePowerKw') ?? Infinity,
    );
    const given = wishes.map((wish) => Math.min(wish, floorKwPerSession));
    const floors = sum(given);
    // More floors than the site can carry: all shrink alike.
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

  /** By the chargers' own limits; all shrink alike where the site's fuse would not carry them. */
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

  /** Who stands there, by charger; whoever is full wants nothing more. */
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

  /** Who arrived since the last step. */
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

  /** Sessions by the time that they could still wait, the least first. */
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
