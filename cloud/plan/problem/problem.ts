import type { Horizon } from '../../../shared/contracts/plan.ts';
import type { Network } from '../../../shared/grid/network.ts';

/** Consumption per step and bus: [step * buses + bus], buses in the order of the network. Load convention. */
export interface LoadProfile {
  readonly activePowerKw: Float64Array;
  readonly reactivePowerKvar: Float64Array;
}

/**
 * Shares of the loads that are of constant impedance at the voltage for which they are stated; the rest is of constant power (ZIP model:
 * IEEE Task Force on Load Representation for Dynamic Performance, IEEE Trans. Power Syst. 10(3), 1995). A half answers a small change of
 * voltage as a constant current does.
 */
export interface LoadModel {
  readonly active: number;
  readonly reactive: number;
  /** Voltage for which the loads are stated, pu per bus in the order of the network. */
  readonly voltagePu: Float64Array;
}

interface DeviceBase {
  readonly id: string;
  readonly bus: string;
}

/** Power that the sun would give, kW as magnitudes per step: expected, and at the corners of the forecast. */
export interface PvDevice extends DeviceBase {
  readonly kind: 'pv';
  /** Connection point; the plants behind one are one customer. Default: the device alone. */
  readonly customer?: string | undefined;
  /** Date of its connection agreement, YYYY-MM-DD: the newest is cut first, before any older one. Absent: cost and fairness decide. */
  readonly connectedOn?: string | undefined;
  readonly availableKw: readonly number[];
  readonly availableLowKw?: readonly number[] | undefined;
  readonly availableHighKw?: readonly number[] | undefined;
  /** The most under any sky: envelopes reach up to it where the network allows. Absent: no more than the above. */
  readonly availableMostKw?: readonly number[] | undefined;
  /** 0: its reactive power is not planned. */
  readonly maxReactiveKvar: number;
  /** Inverter rating: P and Q stay within its circle. */
  readonly apparentPowerKva?: number | undefined;
  readonly curtailmentEurPerKwh: number;
  /** A limit set by a person, kW of consumption per step, so at most 0; -Infinity: none. Null or absent: the plan decides. */
  readonly heldKw?: readonly (number | null)[] | undefined;
}

export interface StorageDevice extends DeviceBase {
  readonly kind: 'storage';
  readonly chargeKw: number;
  readonly dischargeKw: number;
  readonly capacityKwh: number;
  /** One way. */
  readonly efficiencyCharge: number;
  readonly efficiencyDischarge: number;
  /** Shares of the capacity, 0 to 1. */
  readonly socStart: number;
  readonly socMin: number;
  readonly socMax: number;
  /** Least level at the end of the horizon. */
  readonly socEndMin: number;
  /** Per kWh through the terminal, either way. */
  readonly wearEurPerKwh: number;
  readonly maxReactiveKvar: number;
  readonly apparentPowerKva?: number | undefined;
  /** Power set by a person, kW of consumption per step, which its levels allow. Null or absent: the plan decides. */
  readonly heldKw?: readonly (number | null)[] | undefined;
}

/** How a session charges that must not pause. */
export interface Uninterrupted {
  /** The least that it takes from its first step until it has its energy, kW. */
  readonly kw: number;
  /** It charges already: its first step is step 0. */
  readonly charging: boolean;
  /** 1 for the steps in which it gets `kw`. Absent: start and end are not chosen yet, and it is planned as if it could pause. */
  readonly steps?: Uint8Array | undefined;
}

/** One car at a charging site. */
export interface EvSession {
  readonly id: string;
  /** Energy that it still takes, kWh; Infinity: unknown, and none of it is due. */
  readonly energyKwh: number;
  /** First step of the horizon in which it may charge; default 0. */
  readonly firstStep?: number | undefined;
  /** Last step of the horizon in which it can charge; -1: it leaves before the first one ends. */
  readonly lastStep: number;
  /** Share of that step during which it is present, above 0; default 1. */
  readonly lastShare?: number | undefined;
  /** Most that it takes while it is present, kW. */
  readonly maxKw: number;
  /** Power that it always gets until it has its energy, kW. */
  readonly minKw: number;
  /** Set if it must not pause once it charges. */
  readonly uninterrupted?: Uninterrupted | undefined;
  /** Departure, ms UTC, for texts; absent: none known within the horizon. */
  readonly departure?: number | undefined;
}

export interface EvDevice extends DeviceBase {
  readonly kind: 'ev';
  /** Power that the sessions would take if nothing limited them, per step. */
  readonly wishedKw: readonly number[];
  /** Bounds per step: the statutory floor and the most that the sessions can take. */
  readonly minKw: readonly number[];
  readonly maxKw: readonly number[];
  /** The least for sessions that arrive later: no envelope goes below it. */
  readonly floorKw: number;
  /**
   * The most for sessions that arrive later: envelopes reach up to it where the network allows. Absent: no more than the present sessions
   * can take.
   */
  readonly ratedKw?: number | undefined;
  /**
   * The sessions: the energy of each is due when it leaves or at the end of the horizon; what is missing then is unserved. Empty: nothing
   * is due, and all that is wished can be taken.
   */
  readonly sessions: readonly EvSession[];
  /** Elapsed part of the first step, s, in which nothing charges. Default 0. */
  readonly elapsedS?: number | undefined;
  readonly unservedEurPerKwh: number;
  /** Small: the price of charging later than wished. */
  readonly delayEurPerKwh: number;
  /** A limit set by a person, kW per step; Infinity: none. Below it the plan delays nothing. Null or absent: the plan decides. */
  readonly heldKw?: readonly (number | null)[] | undefined;
}

export interface FlexibleDevice extends DeviceBase {
  readonly kind: 'flexible';
  readonly wishedKw: readonly number[];
  readonly minKw: readonly number[];
  readonly maxKw: readonly number[];
  /** Shed energy must be given back by the end of each window of this many steps. */
  readonly paybackSteps: number;
  /** Most energy owed or in hand, kWh. */
  readonly bufferKwh: number;
  readonly shiftEurPerKwh: number;
}

/** At most this many moves in the steps from `fromStep` to `toStep`, inclusive. */
export interface MoveBudget {
  readonly fromStep: number;
  readonly toStep: number;
  readonly moves: number;
}

/** A device with a row of positions, counted from 0, that wears with each move from one to the next. */
interface SteppedBase extends DeviceBase {
  /** Level of each position, ascending. */
  readonly levels: readonly number[];
  /** Present position. */
  readonly start: number;
  readonly moveEur: number;
  /** Spans of steps do not overlap; steps outside them are not bounded. */
  readonly budgets: readonly MoveBudget[];
}

/**
 * A tap changer under its own voltage controller, modelled as the voltage before the network's impedances: `levels` are source voltages, pu
 * at nominal ratio. `bus` is the one whose voltage the controller holds.
 */
export interface TapDevice extends SteppedBase {
  readonly kind: 'tap';
  /** Half of the band in which the controller rests, pu. */
  readonly bandPu: number;
  /** Line-drop compensation: by how much the controller holds the voltage above its target, pu per MW of import. */
  readonly dropPuPerMw: number;
}

/** A capacitor bank: `levels` are the reactive power that its steps feed in at 1 pu, kvar. */
export interface CapacitorDevice extends SteppedBase {
  readonly kind: 'capacitor';
}

export type InjectingDevice = PvDevice | StorageDevice | EvDevice | FlexibleDevice;
export type SteppedDevice = TapDevice | CapacitorDevice;
export type DispatchDevice = InjectingDevice | SteppedDevice;

export const isStepped = (device: DispatchDevice): device is SteppedDevice =>
  device.kind === 'tap' || device.kind === 'capacitor';

/** Where a customer meets the grid: everything behind one meter, at one bus, shares its limits. */
export interface ConnectionPoint {
  readonly id: string;
  /** Ids of its devices. */
  readonly devices: readonly string[];
  /** At the meter; magnitudes, kW per step. Infinity: no limit. */
  readonly importKw: readonly number[];
  readonly exportKw: readonly number[];
  /**
   * Unplanned consumption behind the meter, kW per step, a part of its bus's load: expected, and at the forecast's corners, as in
   * `DispatchProblem`.
   */
  readonly loadKw: {
    readonly mid: readonly number[];
    readonly lowSun?: readonly number[] | undefined;
    readonly highSun?: readonly number[] | undefined;
  };
}

export interface DispatchLimits {
  /** Margin at both ends of each bus's voltage band, pu: dead band of the tap changer, error of the estimate. */
  readonly voltageMarginPu: number;
  /** At the source; magnitudes per step. Infinity: no limit. */
  readonly importKw: readonly number[];
  readonly exportKw: readonly number[];
  /** At the heads of feeders; magnitudes. Those without a limit are absent. */
  readonly heads?:
    | readonly { readonly feeder: string; readonly importKw: number; readonly exportKw: number }[]
    | undefined;
}

/** A capacity tariff: the highest mean import of each calendar month is billed. */
export interface CapacityTariff {
  readonly eurPerKw: number;
  /** Length of the intervals whose means are billed, s. */
  readonly intervalS: number;
  /** The highest mean of the running month so far, kW: only what exceeds it costs anything. */
  readonly peakSoFarKw: number;
  /** First step of each later month in the horizon: its peak starts from 0. */
  readonly laterMonths?: readonly number[] | undefined;
}

/** Prices, EUR. A grid operator pays for losses; a community also trades energy. */
export interface DispatchPrices {
  /** Energy at the source per step; export has its own price. */
  readonly importEurPerMwh: readonly number[];
  readonly exportEurPerMwh: readonly number[];
  /** Energy lost in the network, in addition to the above. */
  readonly lossesEurPerMwh: number;
  /** Highest import of the horizon. */
  readonly peakEurPerKw: number;
  /** Of import at the source, besides the above. Absent: none. */
  readonly capacity?: CapacityTariff | undefined;
  /** The part of the energy prices that is for CO2: intensity of the grid per step, and the price of a kg. */
  readonly emissions?: { readonly kgPerMwh: readonly number[]; readonly eurPerKg: number } | undefined;
}

/** Bound on how far one customer's curtailed share may exceed another's, and the price of each percent beyond. */
export interface Fairness {
  readonly maxSpreadPct: number;
  readonly excessEurPerPct: number;
}

/**
 * One network over a horizon. `lowSun` and `highSun` are the corners of the forecast: with low sun the load is high, with high sun it is
 * low. Without them the forecast counts as certain. Structured-cloneable, so it can go to a worker.
 */
export interface DispatchProblem {
  readonly id: string;
  readonly network: Network;
  readonly horizon: Horizon;
  /** Voltage of the source if no tap changer is planned. */
  readonly sourceVoltagePu: number;
  readonly loads: {
    readonly mid: LoadProfile;
    readonly lowSun?: LoadProfile | undefined;
    readonly highSun?: LoadProfile | undefined;
  };
  /** How loads follow the voltage at their buses. Absent: they do not. */
  readonly loadModel?: LoadModel | undefined;
  readonly devices: readonly DispatchDevice[];
  /** Devices in none of them stand alone. */
  readonly connectionPoints?: readonly ConnectionPoint[] | undefined;
  readonly limits: DispatchLimits;
  readonly prices: DispatchPrices;
  /** Absent: cost alone decides who is curtailed. */
  readonly fairness?: Fairness | undefined;
  readonly options?: Partial<DispatchOptions> | undefined;
}

export interface DispatchOptions {
  /** Most rounds: linear programmes, each around a new power flow. */
  readonly maxRounds: number;
  /** Most solves within a round, while rows are missing. */
  readonly maxInner: number;
  /** Stop when a round promises less than this share of the cost. */
  readonly tolerance: number;
  /** Simplex iterations after which no new round begins: bounds the time of a plan by a measure that is the same everywhere. */
  readonly maxIterations: number;
  /** Decisions over all steps above which a problem is large: rows that do not bind are dropped after each solve, and rounds are few. */
  readonly large: number;
}

export const defaultOptions: DispatchOptions = {
  maxRounds: 14,
  maxInner: 5,
  tolerance: 1e-4,
  maxIterations: Infinity,
  large: 20_000,
};
