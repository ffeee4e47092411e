import type { Authority, DeviceType } from '../../shared/contracts/ids.ts';
import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { Setpoint } from './setpoint.ts';

/**
 * How a device is told its active power. `power`: a value. `import-limit`, `export-limit`: a magnitude in the device's own
 * direction. Inside control and safety all are one signed number in kW: for a limit, the boundary itself (a PV limit of 80 kW
 * is -80). `none`: nothing of its power is commanded.
 */
export type Lever = 'power' | 'import-limit' | 'export-limit' | 'none';

export interface BatterySpec {
  readonly socMinPct: number;
  readonly socMaxPct: number;
  readonly capacityKwh: number;
  /** Of one way. */
  readonly efficiency: number;
}

/** What a load that is switched may be asked for: a compressor that is started again too soon stalls, one that cycles wears out. */
export interface RunTimes {
  /** Once it runs it goes on at least this long, s. */
  readonly minOnS: number;
  /** Once it has been stopped it rests at least this long, s. */
  readonly minOffS: number;
  /** Least power at which it runs, kW; what is below it counts as off. */
  readonly leastKw: number;
}

/** What control and safety know of a device. Signed ranges, load convention. */
export interface DeviceSpec {
  readonly id: string;
  readonly type: DeviceType;
  /** Guarded feeder head that it lies behind. */
  readonly feeder: string | null;
  readonly authority: Authority;
  readonly lever: Lever;
  readonly rating: PowerRange;
  readonly contract: PowerRange;
  /** What the customer may never be limited below, a magnitude in the direction of the lever. */
  readonly floorKw: number;
  /** 0: reactive power is not commanded. */
  readonly maxReactiveKvar: number;
  readonly apparentKva: number | null;
  readonly battery: BatterySpec | null;
  /** Infinity: no ramp. */
  readonly rampKwPerS: number;
  /** Null: it may be switched at any time. */
  readonly run: RunTimes | null;
  /** Safe default of active power; null where none is told. */
  readonly safeKw: number;
  readonly safeVoltagePu: number | null;
  readonly takesVoltageTarget: boolean;
  /** Steps of a capacitor bank that is commanded; 0: none is. */
  readonly capacitorSteps: number;
  /** Its setpoint without any wish. Null: it stays as it is. */
  readonly safeStep: number | null;
  readonly voltageBand: readonly [number, number] | null;
  /** How it is set to count, sign and scales both ways: what was found of its relief holds for that alone. */
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
  /** What `range` may be raised to for a time, by two operators; absent: nothing. */
  readonly emergency?: PowerRange | null;
  /** `range` is the emergency one now: the plan, made for normal limits, does not narrow it. */
  readonly raised?: boolean;
  /** Its overcurrent relay: standard inverse, with its pick-up in A of a phase; absent: not known. */
  readonly relay?: { readonly pickUpA: number; readonly timeMultiplier: number };
  /** How its meter is set to count, sign and scale: what was found of a meter holds for that alone. */
  readonly counts?: string;
  /** Loaded by its predicted hot spot, with the ambient temperature where none is measured; null: by its rating alone. */
  readonly thermal: { readonly ambientC: number } | null;
}

export const TRANSFORMER = 'transformer';

/** Relief goes first to what costs a customer least: battery, flexible load, EV, sun. */
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

/** The boundary or value of a setpoint as a signed kW, or undefined where the setpoint tells the lever nothing. */
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

/** The setpoint that tells a lever a signed kW. */
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

/** What a lever wishes when nothing limits it: all of a limit, nothing of a power. */
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
