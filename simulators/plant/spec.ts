import type { GridCodeId } from '../../shared/grid/grid-codes.ts';
import type { Network } from '../../shared/grid/network.ts';
import type { MeterPoint } from '../../shared/contracts/region.ts';

/** Fields common to all devices. */
interface DeviceBase {
  readonly id: string;
  readonly bus: string;
  readonly feeder: string;
  /** Revert time: a command older than this no longer counts. */
  readonly revertAfterS: number;
}

export interface BatterySpec extends DeviceBase {
  readonly type: 'battery';
  /** For charging and discharging. */
  readonly powerKw: number;
  readonly capacityKwh: number;
  readonly socMinPct: number;
  readonly socMaxPct: number;
  /** One-way. */
  readonly efficiency: number;
  readonly rampKwPerS: number;
  readonly maxReactiveKvar: number;
  readonly apparentPowerKva: number;
}

export interface PvSpec extends DeviceBase {
  readonly type: 'pv-inverter';
  readonly ratedKw: number;
  readonly apparentPowerKva: number;
  readonly maxReactiveKvar: number;
  readonly safeLimitKw: number;
}

export interface EvSpec extends DeviceBase {
  readonly type: 'ev-site';
  readonly chargers: number;
  readonly chargerKw: number;
  readonly siteKw: number;
  readonly floorKwPerSession: number;
  readonly use: 'overnight' | 'workplace';
  readonly safeKw: number;
}

export interface FlexSpec extends DeviceBase {
  readonly type: 'flexible-load';
  readonly ratedKw: number;
  readonly minimumKw: number;
  /** Energy that can be deferred or taken ahead, kWh. */
  readonly bufferKwh: number;
}

export interface TapSpec extends DeviceBase {
  readonly type: 'tap-changer';
  readonly transformer: string;
  readonly defaultTargetPu: number;
  /** Half width of the dead band, pu. */
  readonly bandPu: number;
  readonly delayS: number;
  /** Line-drop compensation: voltage raise at rated import, pu. */
  readonly dropPu: number;
  readonly minTargetPu: number;
  readonly maxTargetPu: number;
}

export interface CapacitorSpec extends DeviceBase {
  readonly type: 'capacitor-bank';
  readonly steps: number;
  /** Reactive power that each step feeds in at 1 pu, kvar. */
  readonly stepKvar: number;
}

export type DeviceSpec = BatterySpec | PvSpec | EvSpec | FlexSpec | TapSpec | CapacitorSpec;

/** 15-min series that drive the plant, all on one time grid; each value is the mean of the interval that starts there. */
export interface PlantInputs {
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
  /** True net power at the busbar side of the transformer without any control, kW; no gaps. */
  readonly netKw: Float64Array;
  /** 1 where the record has no value and neighbours were interpolated. */
  readonly gap: Uint8Array;
  /** PV output per unit of rating. */
  readonly sun: Float64Array;
  /** Relative spread of the sun within an interval: 0 under a clear or overcast sky. */
  readonly sunSpread: Float64Array;
  /** As recorded; NaN marks a gap. */
  readonly radiationWm2: Float64Array;
  readonly windSpeedMs: Float64Array;
  readonly temperatureC: Float64Array;
  /** Load shapes, mean about 1. */
  readonly shapes: readonly Float32Array[];
}

/** Differences between the plant and the controllers' model of it. With all off, the two are identical. */
export interface Differences {
  /** Largest relative error of R and X of a line, such as 0.1. */
  readonly impedance?: number;
  /** Standard deviation of a common factor on R and X of all lines of a feeder, and of a further factor for each line. */
  readonly commonImpedanceSd?: number;
  readonly lineImpedanceSd?: number;
  /** Largest relative error of R and X of a transformer. */
  readonly transformerImpedance?: number;
  /** Steps by which the plant's tap is off its reported position. */
  readonly tapSteps?: number;
  /** Largest relative error of the load share and the power factor of a bus. */
  readonly loadShare?: number;
  /** Largest error of the power factor of a bus, independent of its load share. */
  readonly powerFactor?: number;
  /** Shares of the load that follow the voltage: with its square, and in proportion. The rest is constant power. */
  readonly zip?: { readonly impedance: number; readonly current: number };
  /** Share of devices that neither report nor obey. */
  readonly silentShare?: number;
  /** One line is open and another closed instead, by id, unknown to the model. */
  readonly exchange?: { readonly open: string; readonly close: string };
}

/** Physical consequences. With all off, nothing trips. */
export interface Consequences {
  /** Overcurrent relays at the feeder heads: IEC 60255 standard inverse, TMS 0.3. */
  readonly relays?: boolean;
  /** Inverters trip at 1.10 pu for 2 s and at 1.20 pu for 0.16 s. */
  readonly inverterTrips?: boolean;
  /** Inverters apply volt-watt and frequency droop, and volt-var while they have no reactive setpoint, in each step. */
  readonly curves?: GridCodeId;
  /** Reactive power follows active power instead of voltage. */
  readonly wattVar?: boolean;
  /** A feeder draws more than its usual load for a while after an outage. */
  readonly coldLoad?: boolean;
  /** The transformer has a hot spot: it ages, and above 140 C its winding temperature protection opens the feeder heads. */
  readonly hotSpot?: boolean;
}

/** A meter whose power is off by a factor or in kW, or whose voltage is off in pu. */
export interface GrossFault {
  readonly factor?: number;
  readonly offsetKw?: number;
  readonly offsetPu?: number;
}

/** A meter that reports false values. `fuse`: one phase of its voltage transformer has blown its fuse. */
export type MeterFault = 'dead' | 'reversed' | 'fuse' | GrossFault;

export interface PlantSpec {
  readonly id: string;
  /** The model's network; the plant's own network is this one with the differences applied. */
  readonly network: Network;
  readonly devices: readonly DeviceSpec[];
  readonly meters: readonly MeterPoint[];
  readonly meterFaults: Readonly<Record<string, MeterFault>>;
  readonly inputs: PlantInputs;
  /** Mean of the loads over their nominal values. */
  readonly loadFactor: number;
}

export interface PlantOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly differs?: Differences;
  readonly bites?: Consequences;
}
