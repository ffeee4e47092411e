import type { Curve } from './inverter-curves.ts';

/** A function of an inverter with where its numbers come from. */
interface Sourced {
  /** Clause or table of the code; where the code leaves the numbers to the grid operator, it says so and whose they are. */
  readonly source: string;
}

export interface CurveFunction extends Sourced {
  readonly curve: Curve;
  /** Open-loop response: time to 90 % of a step, s. */
  readonly responseS: number;
}

/** What is fed in falls by 1 / (droop x nominal) of its reference per Hz above a dead band, and rises below it. */
export interface FrequencyDroop extends Sourced {
  readonly nominalHz: number;
  /** Dead bands above and below nominal, Hz. */
  readonly overHz: number;
  readonly underHz: number;
  /** Droop, per unit of frequency over per unit of power. */
  readonly droop: number;
  /** Of what the fall is a share: the rating, or what was fed in when the dead band was left. */
  readonly reference: 'rated' | 'momentary';
  readonly responseS: number;
}

/** What a grid code asks of an inverter. Load convention: positive reactive power is absorbed. */
export interface GridCode {
  readonly name: string;
  /** Voltage in pu, reactive power over the rated apparent power. */
  readonly voltVar: CurveFunction;
  /** Voltage in pu, most that may be fed in over the rated active power. */
  readonly voltWatt: CurveFunction;
  /** Active power fed in over the rating, reactive power over the rated apparent power; only one of it and volt-var is on. */
  readonly wattVar: CurveFunction;
  readonly droop: FrequencyDroop;
}

/** Time to 90 % of a first-order response that takes `seconds` for three time constants. */
const ninetyPct = (seconds: number): number => (seconds * Math.LN10) / 3;
/** Reactive power over apparent power at a power factor. */
const atFactor = (cosPhi: number): number => Math.sqrt(1 - cosPhi ** 2);

const ieee = {
  voltWatt: {
    curve: [
      [1.06, 1],
      [1.1, 0.2],
    ],
    responseS: 10,
    source: 'IEEE 1547-2018, 5.4.2, table 10, default',
  },
  droop: {
    nominalHz: 60,
    overHz: 0.036,
    underHz: 0.036,
    droop: 0.05,
    reference: 'rated',
    responseS: 5,
    source: 'IEEE 1547-2018, 6.5.2.7.2, table 24, default',
  },
} as const;

const germanVars = (least: number, source: string): CurveFunction => ({
  curve: [
    [0.93, -least],
    [0.97, 0],
    [1.03, 0],
    [1.07, least],
  ],
  responseS: ninetyPct(10),
  source,
});

const byPower = (most: number, source: string): CurveFunction => ({
  curve: [
    [0.5, 0],
    [1, most],
  ],
  responseS: ninetyPct(10),
  source,
});

const europeanDroop = (source: string, reference: FrequencyDroop['reference'] = 'rated'): FrequencyDroop => ({
  nominalHz: 50,
  overHz: 0.2,
  underHz: 0.2,
  droop: 0.05,
  reference,
  responseS: 2,
  source,
});

/** Ends below the first stage of the overvoltage protection, 1.10 pu as a mean of ten minutes. */
const beforeTrip = (source: string): CurveFunction => ({
  curve: [
    [1.08, 1],
    [1.1, 0.2],
  ],
  responseS: 10,
  source,
});

/** Presets of the grid codes, each number with its clause. A grid operator's own numbers go before them. */
export const gridCodes = {
  'ieee1547-a': {
    name: 'IEEE 1547-2018, category A',
    voltVar: {
      curve: [
        [0.9, -0.25],
        [1, 0],
        [1.1, 0.25],
      ],
      responseS: 10,
      source: 'IEEE 1547-2018, 5.3.3, table 8, category A, default',
    },
    wattVar: {
      curve: [
        [0.5, 0],
        [1, 0.25],
      ],
      responseS: 10,
      source: 'IEEE 1547-2018, 5.3.4, table 9, category A, default',
    },
    ...ieee,
  },
  'ieee1547-b': {
    name: 'IEEE 1547-2018, category B',
    voltVar: {
      curve: [
        [0.92, -0.44],
        [0.98, 0],
        [1.02, 0],
        [1.08, 0.44],
      ],
      responseS: 5,
      source: 'IEEE 1547-2018, 5.3.3, table 8, category B, default',
    },
    wattVar: {
      curve: [
        [0.5, 0],
        [1, 0.44],
      ],
      responseS: 10,
      source: 'IEEE 1547-2018, 5.3.4, table 9, category B, default',
    },
    ...ieee,
  },
  'en50549-1': {
    name: 'EN 50549-1, low voltage',
    voltVar: germanVars(
      atFactor(0.9),
      'EN 50549-1:2019, 4.7.2.3.3: left to the operator; corners of VDE-AR-N 4105, power factor of 4.7.2.2',
    ),
    voltWatt: beforeTrip('EN 50549-1:2019, 4.7.3: left to the operator; ends before the trip of 4.9.3'),
    wattVar: byPower(atFactor(0.9), 'EN 50549-1:2019, 4.7.2.3.4: left to the operator; corners of VDE-AR-N 4105'),
    droop: europeanDroop('EN 50549-1:2019, 4.6.1 and 4.6.2, default'),
  },
  'en50549-2': {
    name: 'EN 50549-2, medium voltage',
    voltVar: germanVars(
      atFactor(0.95),
      'EN 50549-2:2019, 4.7.2.3.3: left to the operator; corners of VDE-AR-N 4105, power factor 0.95',
    ),
    voltWatt: beforeTrip('EN 50549-2:2019, 4.7.3: left to the operator; ends before the trip of 4.9.3'),
    wattVar: byPower(atFactor(0.95), 'EN 50549-2:2019, 4.7.2.3.4: left to the operator'),
    droop: europeanDroop('EN 50549-2:2019, 4.6.1 and 4.6.2, default'),
  },
  'vde-ar-n-4105': {
    name: 'VDE-AR-N 4105, low voltage',
    voltVar: germanVars(atFactor(0.9), 'VDE-AR-N 4105:2018-11, 5.7.2.4, Q(U) for more than 4.6 kVA, 3 tau = 10 s'),
    voltWatt: beforeTrip('VDE-AR-N 4105:2018-11 asks for none; ends before the trip of 6.5.2'),
    wattVar: byPower(atFactor(0.9), 'VDE-AR-N 4105:2018-11, 5.7.2.4, cos phi (P) for more than 4.6 kVA'),
    droop: europeanDroop('VDE-AR-N 4105:2018-11, 5.7.4.2.2 and 5.7.4.3', 'momentary'),
  },
  'vde-ar-n-4110': {
    name: 'VDE-AR-N 4110, medium voltage',
    voltVar: {
      curve: [
        [0.96, -atFactor(0.95)],
        [0.995, 0],
        [1.005, 0],
        [1.04, atFactor(0.95)],
      ],
      responseS: ninetyPct(10),
      source: 'VDE-AR-N 4110, 10.2.2.4 a: the operator names the reference voltage, here nominal; dead band 0.5 %',
    },
    voltWatt: beforeTrip('VDE-AR-N 4110 asks for none; ends before the trip of 10.3'),
    wattVar: byPower(atFactor(0.95), 'VDE-AR-N 4110, 10.2.2.4 b: the operator names the corners'),
    droop: europeanDroop('VDE-AR-N 4110, 10.2.4.3', 'momentary'),
  },
} as const satisfies Record<string, GridCode>;
export type GridCodeId = keyof typeof gridCodes;

/** By how much a frequency lowers what is fed in (below zero: raises), over the droop's reference. */
export function droopFall({ nominalHz, overHz, underHz, droop }: FrequencyDroop, frequencyHz: number): number {
  const off = frequencyHz - nominalHz;
  const beyond = off > overHz ? off - overHz : off < -underHz ? off + underHz : 0;
  return beyond / (nominalHz * droop);
}
