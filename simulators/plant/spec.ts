import type { GridCodeId } from '../../shared/grid/grid-codes.ts';
import type { Network } from '../../shared/grid/network.ts';
import type { MeterPoint } from '../../shared/contracts/region.ts';

/** What a customer's device falls back to by itself when commands stop. */
interface DeviceBase {
  readonly id: string;
  readonly bus: string;
  readonly feeder: string;
  /** A command older than this no longer counts. */
  readonly revertAfterS: number;
}

export interface BatterySpec extends DeviceBase {
  readonly type: 'battery';
  /** Both ways. */
  readonly powerKw: number;
  readonly capacityKwh: number;
  readonly socMinPct: number;
  readonly socMaxPct: number;
  /** Of one way. */
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
  /** Energy that may be put off or taken ahead, kWh. */
  readonly bufferKwh: number;
}

export interface TapSpec extends DeviceBase {
  readonly type: 'tap-changer';
  readonly transformer: string;
  readonly defaultTargetPu: number;
  /** Half width of the band in which the controller rests, pu. */
  readonly bandPu: number;
  readonly delayS: number;
  /** Line-drop compensation: voltage raised at rated import, pu. */
  readonly dropPu: number;
  readonly minTargetPu: number;
  readonly maxTargetPu: number;
}

export interface CapacitorSpec extends DeviceBase {
  readonly type: 'capacitor-bank';
  readonly steps: number;
  /** What each step feeds in at 1 pu, kvar. */
  readonly stepKvar: number;
}

export type DeviceSpec = BatterySpec | PvSpec | EvSpec | FlexSpec | TapSpec | CapacitorSpec;

/** 15-min series that drive the plant, on one grid; each value is the mean of the interval that starts there. */
export interface PlantInputs {
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
  /** True net power at the busbar side of the transformer without any control, kW; no gaps. */
  readonly netKw: Float64Array;
  /** 1 where the record has no value and the neighbours were joined. */
  readonly gap: Uint8Array;
  /** Feed of a PV plant per unit of its rating. */
  readonly sun: Float64Array;
  /** Relative spread of the sun within an interval: 0 under a clear or a closed sky. */
  readonly sunSpread: Float64Array;
  /** As recorded; NaN is a gap. */
  readonly radiationWm2: Float64Array;
  readonly windSpeedMs: Float64Array;
  readonly temperatureC: Float64Array;
  /** Load shapes, mean about 1. */
  readonly shapes: readonly Float32Array[];
}

/** What differs between the plant and the model that controllers have of it. All off: plant and model are one. */
export interface Differences {
  /** Largest relative error of R and X of a line, such as 0.1. */
  readonly impedance?: number;
  /** Standard deviation of one factor on R and X of all lines of a feeder, and of one of each line beside it. */
  readonly commonImpedanceSd?: number;
  readonly lineImpedanceSd?: number;
  /** Largest relative error of R and X of a transformer. */
  readonly transformerImpedance?: number;
  /** The plant's tap stands this many steps off what its position says. */
  readonly tapSteps?: number;
  /** Largest relative error of the share of load and of the power factor of a bus. */
  readonly loadShare?: number;
  /** Largest error of the power factor of a bus, where that is to be apart from its share. */
  readonly powerFactor?: number;
  /** Shares of load that follow the voltage: squared, and in proportion. The rest is constant power. */
  readonly zip?: { readonly impedance: number; readonly current: number };
  /** Share of devices that neither report nor obey. */
  readonly silentShare?: number;
  /** One section of feeder 1 is open and its tie closed, unknown to the model. */
  readonly switchState?: boolean;
  /** One line is open and another closed in its place, by their ids, unknown to the model. */
  readonly exchange?: { readonly open: string; readonly close: string };
}

/** What has consequences. All off: nothing trips. */
export interface Consequences {
  /** Overcurrent relays at the feeder heads: IEC 60255 standard inverse, TMS 0.3. */
  readonly relays?: boolean;
  /** Inverters trip at 1.10 pu for 2 s and at 1.20 pu for 0.16 s. */
  readonly inverterTrips?: boolean;
  /** Inverters carry volt-watt and frequency droop, and volt-var while no reactive setpoint stands, at their own step. */
  readonly curves?: GridCodeId;
  /** Their reactive power follows their active power instead of the voltage. */
  readonly wattVar?: boolean;
  /** A feeder that was dead takes more than its usual load for a while. */
  readonly coldLoad?: boolean;
  /** The transformer has a hot spot: it ages, and above 140 C its winding temperature opens the feeder heads. */
  readonly hotSpot?: boolean;
}

/** A meter whose powers are off by a factor or by kW, or whose voltage is off by pu. */
export interface GrossFault {
  readonly factor?: number;
  readonly offsetKw?: number;
  readonly offsetPu?: number;
}

/** A meter that does not say what is true. `fuse`: that of one phase of its voltage transformer has blown. */
export type MeterFault = 'dead' | 'reversed' | 'fuse' | GrossFault;

export interface PlantSpec {
  readonly id: string;
  /** The model's network; the plant's own is made from it with the differences. */
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
