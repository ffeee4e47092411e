import type { RegisterType } from '../modbus/schema.ts';

/**
 * Registers of the points that Loadstone uses, counted from the model's identifier, as in the SunSpec Information Model
 * Specification. `scale` is the register of the point's scale factor (a power of ten).
 */
export interface Point {
  readonly at: number;
  readonly type: RegisterType | 'enum16';
  readonly scale?: number;
}

const uint = (at: number, scale?: number): Point => ({ at, type: 'uint16', ...(scale === undefined ? {} : { scale }) });
const int = (at: number, scale?: number): Point => ({ at, type: 'int16', ...(scale === undefined ? {} : { scale }) });
const long = (at: number, scale?: number): Point => ({ at, type: 'int32', ...(scale === undefined ? {} : { scale }) });
const seconds = (at: number): Point => ({ at, type: 'uint32' });
const choice = (at: number): Point => ({ at, type: 'enum16' });
const real = (at: number): Point => ({ at, type: 'float32' });

/** What an inverter or a meter measures: W, var, V to neutral and A by phase. */
export interface Measuring {
  readonly watts: Point;
  readonly vars: Point;
  readonly volts: readonly Point[];
  readonly amperes: readonly Point[];
  /** Sign convention in the standard. */
  readonly sign: 'consumption-positive' | 'generation-positive';
  /** Registers from the identifier on that contain all of it. */
  readonly length: number;
}

const inverter: Measuring = {
  watts: int(14, 15),
  vars: int(20, 21),
  volts: [uint(10, 13), uint(11, 13), uint(12, 13)],
  amperes: [uint(3, 6), uint(4, 6), uint(5, 6)],
  sign: 'generation-positive',
  length: 40,
};
const inverterReal: Measuring = {
  watts: real(22),
  vars: real(28),
  volts: [real(16), real(18), real(20)],
  amperes: [real(4), real(6), real(8)],
  sign: 'generation-positive',
  length: 48,
};
const meter: Measuring = {
  watts: int(18, 22),
  vars: int(28, 32),
  volts: [int(8, 15), int(9, 15), int(10, 15)],
  amperes: [int(3, 6), int(4, 6), int(5, 6)],
  sign: 'consumption-positive',
  length: 38,
};
const meterReal: Measuring = {
  watts: real(28),
  vars: real(44),
  volts: [real(12), real(14), real(16)],
  amperes: [real(4), real(6), real(8)],
  sign: 'consumption-positive',
  length: 60,
};
const derMeasurement: Measuring = {
  watts: int(10, 116),
  vars: int(12, 119),
  volts: [uint(47, 114), uint(70, 114), uint(93, 114)],
  amperes: [int(45, 113), int(68, 113), int(91, 113)],
  sign: 'generation-positive',
  length: 123,
};

/** By model, preferred ones first. */
export const measuring: ReadonlyMap<number, Measuring> = new Map([
  [701, derMeasurement],
  ...[113, 112, 111].map((id) => [id, inverterReal] as const),
  ...[103, 102, 101].map((id) => [id, inverter] as const),
  ...[214, 213, 212, 211].map((id) => [id, meterReal] as const),
  ...[204, 203, 202, 201].map((id) => [id, meter] as const),
]);

/** Model 120, nameplate, and 121, settings: maximum W and var. */
export const nameplate = { watts: uint(3, 4), vars: int(7, 11), length: 28 } as const;
export const settings = { watts: uint(2, 22), vars: int(8, 27), length: 32 } as const;
/** Further ratings of model 120, including storage. */
export const nameplateRatings = {
  ...nameplate,
  voltAmperes: uint(5, 6),
  wattHours: uint(19, 20),
  chargeWatts: uint(23, 24),
  dischargeWatts: uint(25, 26),
} as const;
/** Model 702: settings take precedence over ratings. */
export const derCapacity = {
  wattsRating: uint(2, 45),
  watts: uint(26, 45),
  length: 52,
} as const;

export const derRatings = {
  watts: uint(2, 45),
  voltAmperes: uint(7, 47),
  vars: uint(8, 48),
  chargeWatts: uint(10, 45),
  dischargeWatts: uint(11, 45),
  length: derCapacity.length,
} as const;

/** Model 123, immediate controls. */
export const controls = {
  limitPct: uint(5, 23),
  limitRevertS: uint(7),
  limitEnabled: choice(9),
  powerFactor: int(10, 24),
  powerFactorEnabled: choice(14),
  varPctOfWatts: int(15, 25),
  varPctOfVars: int(16, 25),
  varRevertS: uint(19),
  varMode: choice(21),
  varEnabled: choice(22),
  length: 26,
} as const;
export const VAR_MODE = { ofWatts: 1, ofVars: 2 } as const;

/** Model 124, basic storage. */
export const storage = {
  chargeWatts: uint(2, 18),
  /** Bit 0: the charge rate counts, bit 1: the discharge rate counts. */
  mode: { at: 5, type: 'uint16' } as Point,
  chargePct: uint(8, 22),
  dischargeRatePct: int(12, 25),
  chargeRatePct: int(13, 25),
  revertS: uint(15),
  length: 26,
} as const;
export const STORAGE_BOTH_RATES = 3;

/** Model 704, DER AC controls. */
export const derControls = {
  limitEnabled: choice(14),
  limitPct: uint(15, 54),
  limitPctRevert: uint(16, 54),
  limitRevertEnabled: choice(17),
  limitRevertS: seconds(18),
  setEnabled: choice(22),
  setMode: choice(23),
  set: long(24, 55),
  setRevert: long(26, 55),
  setRevertEnabled: choice(30),
  setRevertS: seconds(31),
  varEnabled: choice(35),
  varMode: choice(36),
  varSet: long(38, 57),
  varSetRevert: long(40, 57),
  varRevertEnabled: choice(44),
  varRevertS: seconds(45),
  length: 59,
} as const;
export const SET_IN_WATTS = 1;
export const SET_IN_VARS = 4;

/** Model 713, storage capacity. */
export const storageCapacity = { wattHours: uint(2, 7), chargePct: uint(4, 8), length: 9 } as const;

/** Model 715, DER control. */
export const derControl = { local: choice(2), beat: seconds(3), controllerBeat: seconds(5), length: 9 } as const;

/** Name of each model, for the output of a scan. */
export const modelNames: Readonly<Record<number, string>> = {
  1: 'common',
  101: 'inverter, one phase',
  102: 'inverter, split phase',
  103: 'inverter, three phases',
  111: 'inverter, one phase, floating point',
  112: 'inverter, split phase, floating point',
  113: 'inverter, three phases, floating point',
  120: 'nameplate',
  121: 'basic settings',
  122: 'measurements and status',
  123: 'immediate controls',
  124: 'basic storage',
  160: 'several maximum power point trackers',
  201: 'meter, one phase',
  202: 'meter, split phase',
  203: 'meter, three phases, star',
  204: 'meter, three phases, delta',
  211: 'meter, one phase, floating point',
  212: 'meter, split phase, floating point',
  213: 'meter, three phases, star, floating point',
  214: 'meter, three phases, delta, floating point',
  701: 'DER measurement',
  702: 'DER capacity',
  703: 'enter service',
  704: 'DER controls',
  705: 'volt-var',
  706: 'volt-watt',
  707: 'trip at low voltage',
  708: 'trip at high voltage',
  709: 'trip at low frequency',
  710: 'trip at high frequency',
  711: 'frequency droop',
  712: 'watt-var',
  713: 'storage capacity',
  714: 'DC measurement',
  715: 'DER control',
};
