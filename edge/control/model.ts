import type { Authority, DeviceType } from '../../shared/contracts/ids.ts';
import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { Setpoint } from './setpoint.ts';

/**
 * How a device's active power is commanded. `power`: a value. `import-limit`, `export-limit`: a magnitude in the device's own
 * direction. Inside control and safety all are one signed number in kW; for a limit, the boundary itself (a PV limit of 80 kW is
 * -80). `none`: its active power is not commanded.
 */
export type Lever = 'power' | 'import-limit' | 'export-limit' | 'none';

export interface BatterySpec {
  readonly socMinPct: number;
  readonly socMaxPct: number;
  readonly capacityKwh: number;
  /** One-way efficiency. */
  readonly efficiency: number;
}

/** Minimum times of a switched load: a compressor restarted too soon stalls, and one that cycles wears out. */
export interface RunTimes {
  /** Least time it keeps running, s. */
  readonly minOnS: number;
  /** Least time it stays off, s. */
  readonly minOffS: number;
  /** Least power at which it runs, kW; anything below counts as off. */
  readonly leastKw: number;
}

/** What control and safety know about a device. Signed ranges, load convention. */
export interface DeviceSpec {
  readonly id: string;
  readonly type: DeviceType;
  /** Guarded feeder head that the device lies behind. */
  readonly feeder: string | null;
  readonly authority: Authority;
  readonly lever: Lever;
  readonly rating: PowerRange;
  /** Its rating once the state from before the start is known. Absent: that of `rating`. */
  readonly wholeRating?: PowerRange;
  readonly contract: PowerRange;
  /** The customer may never be limited below this; a magnitude in the direction of the lever. */
  readonly floorKw: number;
  /** 0: reactive power is not commanded. */
  readonly maxReactiveKvar: number;
  readonly apparentKva: number | null;
  readonly battery: BatterySpec | null;
  /** Infinity: no ramp. */
  readonly rampKwPerS: number;
  /** Null: it may be switched at any time. */
  readonly run: RunTimes | null;
  /** Safe default of active power; 0 if none is configured. */
  readonly safeKw: number;
  readonly safeVoltagePu: number | null;
  readonly takesVoltageTarget: boolean;
  /** Steps of a commanded capacitor bank; 0 for other devices. */
  readonly capacitorSteps: number;
  /** Step of the bank without a wish; null: it stays as it is. */
  readonly safeStep: number | null;
  readonly voltageBand: readonly [number, number] | null;
  /** Configured sign and scales of reads and writes. A finding about the device's relief applies to these alone. */
  readonly counts?: string;
}

export interface FailsafeSpec {
  readonly range: PowerRange;
  readonly minimumS: number;
}

/** An element that the guard keeps within its limits. */
export interface ElementSpec {
  readonly id: string;
  readonly range: PowerRange;
  readonly ratedKva: number | null;
  readonly currentA: number | null;
  readonly voltageBand: readonly [number, number] | null;
  readonly failsafe: FailsafeSpec | null;
  /** What two operators together may raise `range` to for a time; absent or null: nothing. */
  readonly emergency?: PowerRange | null;
  /** `range` is the emergency range now; the plan, made for normal limits, does not narrow it. */
  readonly raised?: boolean;
  /** Its overcurrent relay: standard inverse, pick-up in A per phase; absent: unknown. */
  readonly relay?: { readonly pickUpA: number; readonly timeMultiplier: number };
  /** Configured sign and scale of its meter. A finding about the meter applies to these alone. */
  readonly counts?: string;
  /** Loaded by its predicted hot spot, with the ambient temperature to assume if none is measured; null: by its rating alone. */
  readonly thermal: { readonly ambientC: number } | null;
}

export const TRANSFORMER = 'transformer';

/** Relief first uses what costs the customer least: battery, flexible load, EV, PV. */
export function reliefCost({ type }: DeviceSpec): number {
  switch (type) {
    case 'battery':
      return 1;
    case 'flexible-load':
      return 3;
    case 'ev-site':
      return 5;
    case 'pv-inverter':
      return 8;
    case 'tap-changer':
    case 'capacitor-bank':
    case 'meter':
      return 100;
  }
}

/** A setpoint's value or boundary as signed kW; undefined if the setpoint does not command the lever. */
export function signedKw(lever: Lever, { activePowerKw, activePowerLimitKw }: Setpoint): number | undefined {
  switch (lever) {
    case 'power':
      return activePowerKw;
    case 'import-limit':
      return activePowerLimitKw ?? (activePowerKw === undefined ? undefined : Math.max(0, activePowerKw));
    case 'export-limit':
      if (activePowerLimitKw !== undefined) return activePowerLimitKw === 0 ? 0 : -activePowerLimitKw;
      return activePowerKw === undefined ? undefined : Math.min(0, activePowerKw);
    case 'none':
      return undefined;
  }
}

/** The setpoint that commands a signed kW through a lever. */
export function setpointOf(lever: Lever, kw: number): Setpoint {
  switch (lever) {
    case 'power':
      return { activePowerKw: kw === 0 ? 0 : kw };
    case 'import-limit':
      return { activePowerLimitKw: Math.max(0, kw) };
    case 'export-limit':
      return { activePowerLimitKw: kw >= 0 ? 0 : -kw };
    case 'none':
      return {};
  }
}

/** Wish of an unrestricted lever: the full range of a limit, zero of a power. */
export function freeKw({ lever, rating }: DeviceSpec): number {
  switch (lever) {
    case 'import-limit':
      return rating.maxKw;
    case 'export-limit':
      return rating.minKw;
    case 'power':
    case 'none':
      return 0;
  }
}
