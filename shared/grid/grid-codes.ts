import type { Curve } from './inverter-curves.ts';

/** A function of an inverter with where its numbers come from. */
interface Sourced {
  /** Clause or table of the code, and where the numbers come from if not from there. */
  readonly source: string;
  /**
   * Whose the numbers are. A network operator may name others for each connection: what the connection agreement says goes first.
   *
   * - `code`: the code's own default, in force as long as the operator names nothing else.
   * - `operator`: the code asks for the function and leaves its numbers to the operator; here stands what makers deliver, so it holds
   *   only until the operator has been asked.
   * - `own`: the code permits the function and gives no numbers; these are ours.
   */
  readonly basis: 'code' | 'operator' | 'own';
}

export interface CurveFunction extends Sourced {
  readonly curve: Curve;
  /** Open-loop response: time to 90 % of a step, s. */
  readonly responseS: number;
}

/**
 * What is fed in falls by 1 / (droop x nominal) of its reference per Hz above a dead band, and rises below it, there by a share of
 * the rating in every code. European codes let the operator set a droop of 2 to 12 % and other dead bands.
 */
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

/**
 * What a grid code asks of an inverter. Load convention: positive reactive power is absorbed. Which of volt-var, watt-var, a fixed
 * power factor or a fixed reactive power is on is the operator's choice in each of them. Left out: the active power from which
 * EN 50549 lets volt-var begin and end, and its least power factor, both the operator's.
 */
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
    basis: 'code',
  },
  droop: {
    nominalHz: 60,
    overHz: 0.036,
    underHz: 0.036,
    droop: 0.05,
    reference: 'rated',
    responseS: 5,
    source: 'IEEE 1547-2018, 6.5.2.7.2, table 24, default',
    basis: 'code',
  },
} as const;

/** Three time constants of what follows it are 10 s; an operator may ask for 6 to 60 s. */
const germanVars = (cosPhi: number, sourced: Sourced): CurveFunction => ({
  curve: [
    [0.93, -atFactor(cosPhi)],
    [0.97, 0],
    [1.03, 0],
    [1.07, atFactor(cosPhi)],
  ],
  responseS: ninetyPct(10),
  ...sourced,
});

/** A power factor that falls on a straight line from 1 at half of the rating to `cosPhi` at all of it. */
const byPower = (cosPhi: number, sourced: Sourced): CurveFunction => ({
  curve: [0.5, 0.6, 0.7, 0.8, 0.9, 1].map((share) => {
    const factor = 1 - (1 - cosPhi) * 2 * (share - 0.5);
    return [share, (share * cosPhi * atFactor(factor)) / factor] as const;
  }),
  responseS: ninetyPct(10),
  ...sourced,
});

/** An inverter's fall is a share of what it fed in when the dead band was left (Pref = PM): it is not synchronous. */
const europeanDroop = (source: string): FrequencyDroop => ({
  nominalHz: 50,
  overHz: 0.2,
  underHz: 0.2,
  droop: 0.05,
  reference: 'momentary',
  responseS: 2,
  source,
  basis: 'code',
});

/** Ends below the first stage of the overvoltage protection, 1.10 pu as a mean of ten minutes. */
const beforeTrip = (source: string): CurveFunction => ({
  curve: [
    [1.08, 1],
    [1.1, 0.2],
  ],
  responseS: 10,
  source,
  basis: 'own',
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
      basis: 'code',
    },
    wattVar: {
      curve: [
        [0.5, 0],
        [1, 0.25],
      ],
      responseS: 10,
      source: 'IEEE 1547-2018, 5.3.4, table 9, category A, default',
      basis: 'code',
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
      basis: 'code',
    },
    wattVar: {
      curve: [
        [0.5, 0],
        [1, 0.44],
      ],
      responseS: 10,
      source: 'IEEE 1547-2018, 5.3.4, table 9, category B, default',
      basis: 'code',
    },
    ...ieee,
  },
  'en50549-1': {
    name: 'EN 50549-1, low voltage',
    voltVar: germanVars(0.9, {
      source: 'EN 50549-1:2019, 4.7.2.3.3; corners of VDE-AR-N 4105, power factor of 4.7.2.2',
      basis: 'operator',
    }),
    voltWatt: beforeTrip('EN 50549-1:2019, 4.7.3; ends before the trip of 4.9.3'),
    wattVar: byPower(0.9, {
      source: 'EN 50549-1:2019, 4.7.2.3.4; corners of VDE-AR-N 4105, power factor of 4.7.2.2',
      basis: 'operator',
    }),
    droop: europeanDroop('EN 50549-1:2019, 4.6.1 and 4.6.2, default'),
  },
  'en50549-2': {
    name: 'EN 50549-2, medium voltage',
    voltVar: germanVars(0.95, {
      source: 'EN 50549-2:2019, 4.7.2.3.3; corners of VDE-AR-N 4105, power factor of VDE-AR-N 4110',
      basis: 'operator',
    }),
    voltWatt: beforeTrip('EN 50549-2:2019, 4.7.3; ends before the trip of 4.9.3'),
    wattVar: byPower(0.95, {
      source: 'EN 50549-2:2019, 4.7.2.3.4; corners of VDE-AR-N 4105, power factor of VDE-AR-N 4110',
      basis: 'operator',
    }),
    droop: europeanDroop('EN 50549-2:2019, 4.6.1 and 4.6.2, default'),
  },
  'vde-ar-n-4105': {
    name: 'VDE-AR-N 4105, low voltage',
    voltVar: germanVars(0.9, {
      source: 'VDE-AR-N 4105:2018-11, 5.7.2.4, Q(U) for more than 4.6 kVA',
      basis: 'code',
    }),
    voltWatt: beforeTrip('VDE-AR-N 4105:2018-11 asks for none; ends before the trip of 6.5.2'),
    wattVar: byPower(0.9, {
      source: 'VDE-AR-N 4105:2018-11, 5.7.2.4, cos phi (P) for more than 4.6 kVA',
      basis: 'code',
    }),
    droop: europeanDroop('VDE-AR-N 4105:2018-11, 5.7.4.2.2 and 5.7.4.3'),
  },
  'vde-ar-n-4110': {
    name: 'VDE-AR-N 4110, medium voltage',
    voltVar: {
      curve: [
        [0.96, -atFactor(0.95)],
        [1.04, atFactor(0.95)],
      ],
      responseS: ninetyPct(10),
      source: 'VDE-AR-N 4110:2018-11, 10.2.2.4 a, Q(U): 33 % of the power at 4 % off the nominal voltage, no dead band',
      basis: 'operator',
    },
    voltWatt: beforeTrip('VDE-AR-N 4110:2018-11 asks for none; ends before the trip of 10.3'),
    wattVar: {
      curve: [
        [0.5, 0],
        [0.6, 0.05 * 0.95],
        [0.9, atFactor(0.95)],
        [1, atFactor(0.95)],
      ],
      responseS: ninetyPct(10),
      source: 'VDE-AR-N 4110:2018-11, 10.2.2.4 b, Q(P): 5 % of the power at 60 %, 33 % from 90 % on',
      basis: 'operator',
    },
    droop: europeanDroop('VDE-AR-N 4110:2018-11, 10.2.4.3'),
  },
} as const satisfies Record<string, GridCode>;
export type GridCodeId = keyof typeof gridCodes;

/** By how much a frequency lowers what is fed in (below zero: raises), over the droop's reference. */
export function droopFall({ nominalHz, overHz, underHz, droop }: FrequencyDroop, frequencyHz: number): number {
  const off = frequencyHz - nominalHz;
  const beyond = off > overHz ? off - overHz : off < -underHz ? off + underHz : 0;
  return beyond / (nominalHz * droop);
}
