import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { GuardFinding, GuardState } from '../control/safety-memory.ts';

/** A limit with its measurement. `value` is null while the meter is silent. */
export interface WatchedValue {
  readonly id: string;
  readonly element: string;
  readonly quantity: 'activePowerKw' | 'apparentPowerKva' | 'voltagePu' | 'currentA';
  readonly min: number;
  readonly max: number;
  readonly value: number | null;
  /** Age of the measurement, s. Absent: measured in this cycle. */
  readonly ageS?: number | undefined;
  /** Change of the value per kW and per kvar of a device, load convention. Absent: the device has no effect. */
  readonly perKw: ReadonlyMap<string, number>;
  readonly perKvar: ReadonlyMap<string, number>;
  /** True: sensitivities come from a plan, cheapest relief first. False: equal shares. */
  readonly mapped: boolean;
  /** True: an agreed limit below the equipment's rating. Battery reserves are not used for it. */
  readonly spares?: boolean;
}

/** Something that the guard can move: active or reactive power of one device. */
export interface GuardLever {
  /** `battery-1:p` or `battery-1:q`. */
  readonly key: string;
  readonly device: string;
  readonly kind: 'p' | 'q';
  /** Measured, kW or kvar. */
  readonly value: number;
  /** Age of the measurement, s. */
  readonly ageS: number;
  /** The device's last setpoint, signed. Null: none. */
  readonly commanded: number | null;
  /** The guard's range for the lever; rating, contract, charge and floor are already included. */
  readonly span: PowerRange;
  /** Range that the lever has soon, if it is wider: a bound within it stays. Absent: its span. */
  readonly soon?: PowerRange;
  /** `up` and `down`: a limit can hold a device back, but not drive it. */
  readonly moves: 'both' | 'up' | 'down';
  readonly safe: number;
  /** The device's setpoint without any limit, signed. Absent: the end of its span. */
  readonly goal?: number;
  readonly cost: number;
  /** How fast the device moves, kW/s. Absent: at once. */
  readonly rampKwPerS?: number;
}

export interface GuardSettings {
  /** Time until a command shows at the meter, s. */
  readonly responseS: number;
  /** Relief aims this far below the limit, %. */
  readonly marginPct: number;
  readonly releaseKwPerS: number;
  /** Standard error of the meters, % of reading; half of it for voltages. Absent: exact meters. */
  readonly meterErrorPct?: number;
}

/** A value that is past its limit. */
export interface Excess {
  readonly limit: string;
  readonly element: string;
  readonly quantity: WatchedValue['quantity'];
  readonly value: number;
  readonly bound: number;
  /** Amount past the limit, positive. */
  readonly over: number;
}

export interface Intervention {
  readonly limit: string;
  readonly element: string;
  readonly quantity: WatchedValue['quantity'];
  readonly value: number;
  readonly bound: number;
  /** Share of the need that the levers could give, 0 to 1. */
  readonly met: number;
  /**
   * What prevents more relief: another limit, the reserve of a battery, levers that do not follow, or levers found not to relieve
   * the limit. Absent: the need is met, or nothing is left.
   */
  readonly left?: 'limit' | 'reserve' | 'lost' | 'found' | undefined;
  readonly levers: readonly string[];
}

export interface GuardResult {
  readonly state: GuardState;
  /** Ranges per lever key. */
  readonly ranges: ReadonlyMap<string, PowerRange>;
  /** Per lever key, the limits that set its bounds. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Values past their limits, relieved or not. */
  readonly passed: readonly Excess[];
  readonly interventions: readonly Intervention[];
  /** Elements with a limit whose value is missing. */
  readonly silent: readonly string[];
  /** Levers that do not relieve as they should, and meters that seem to read wrong. */
  readonly findings: readonly GuardFinding[];
}

/** An excess of this many standard errors of its meter is not noise. */
export const CLEAR_SIGMAS = 3;

/** Standard error of a limit's meter, in the limit's unit. */
export function sigmaOf({ quantity, value }: WatchedValue, { meterErrorPct = 0 }: GuardSettings): number {
  return ((quantity === 'voltagePu' ? 0.5 : 1) * meterErrorPct * Math.abs(value ?? 0)) / 100;
}

/** Change of a limit's value per kW or kvar of a lever; 0 if it has no effect. */
export function reachOf({ perKw, perKvar }: WatchedValue, { kind, device }: GuardLever): number {
  const reach = (kind === 'p' ? perKw : perKvar).get(device) ?? 0;
  return Number.isFinite(reach) ? reach : 0;
}

/**
 * How far an end of a lever's range, now at `at`, may move at most, kW or kvar: to the lever's goal, else to the end of its span.
 */
export function wantOf({ goal, span }: GuardLever, end: 'min' | 'max', at: number): number {
  const far = end === 'max' ? span.maxKw : span.minKw;
  const to = goal === undefined || !Number.isFinite(goal) ? far : Math.max(span.minKw, Math.min(span.maxKw, goal));
  return end === 'max' ? to - at : at - to;
}

/**
 * Margin below a limit that relief aims for: a share of the limit (for a voltage, of a tenth of its band), at most a quarter of the
 * band.
 */
export function marginOf(limit: WatchedValue, marginPct: number): number {
  const band = limit.max - limit.min;
  return Math.max(0, Math.min((marginPct / 100) * scaleOf(limit), band / 4));
}

function scaleOf({ quantity, min, max }: WatchedValue): number {
  if (quantity === 'voltagePu') return Number.isFinite(max - min) ? (max - min) / 10 : 0.01;
  return Math.max(...[Math.abs(min), Math.abs(max)].filter((each) => Number.isFinite(each)), 0);
}
