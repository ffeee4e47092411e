import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { GuardState } from '../control/safety-memory.ts';

/** A limit with its measurement. `value` null: the meter is silent. */
export interface WatchedValue {
  readonly id: string;
  readonly element: string;
  readonly quantity: 'activePowerKw' | 'apparentPowerKva' | 'voltagePu' | 'currentA';
  readonly min: number;
  readonly max: number;
  readonly value: number | null;
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
  /** Range of the guard: rating, contract, charge and floor are already included. */
  readonly span: PowerRange;
  /** `up` and `down`: a limit can only hold a device back. It cannot drive it. */
  readonly moves: 'both' | 'up' | 'down';
  readonly safe: number;
  /** The device's setpoint without any limit, signed. Absent: the end of its span. */
  readonly goal?: number;
  readonly cost: number;
}

export interface GuardSettings {
  /** Time until a command shows at the meter, s. */
  readonly responseS: number;
  /** Relief aims this far below the limit, %. */
  readonly marginPct: number;
  readonly releaseKwPerS: number;
}

/** A value that is past its limit. */
export interface Excess {
  readonly limit: string;
  readonly element: string;
  readonly quantity: WatchedValue['quantity'];
  readonly value: number;
  readonly bound: number;
  /** By how much, positive. */
  readonly over: number;
}

export interface Intervention {
  readonly limit: string;
  readonly element: string;
  readonly quantity: WatchedValue['quantity'];
  readonly value: number;
  readonly bound: number;
  /** How much of the need the levers could give, 0 to 1. */
  readonly met: number;
  readonly levers: readonly string[];
}

export interface GuardResult {
  readonly state: GuardState;
  /** Ranges per lever key. */
  readonly ranges: ReadonlyMap<string, PowerRange>;
  /** Bounds per lever key with the limits that set them. */
  readonly reasons: ReadonlyMap<string, string>;
  /** What is past its limit, relieved or not. */
  readonly passed: readonly Excess[];
  readonly interventions: readonly Intervention[];
  readonly silent: readonly string[];
}

/** Margin below a limit that relief aims for: a share of the limit, a tenth of the band for a voltage, at most a quarter of the band. */
export function marginOf(limit: WatchedValue, marginPct: number): number {
  const band = limit.max - limit.min;
  return Math.max(0, Math.min((marginPct / 100) * scaleOf(limit), band / 4));
}

function scaleOf({ quantity, min, max }: WatchedValue): number {
  if (quantity === 'voltagePu') return Number.isFinite(max - min) ? (max - min) / 10 : 0.01;
  return Math.max(...[Math.abs(min), Math.abs(max)].filter((each) => Number.isFinite(each)), 0);
}
