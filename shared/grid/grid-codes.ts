import type { Curve } from './inverter-curves.ts';

/** A function of an inverter and the source of its numbers. */
interface Sourced {
  /** Clause or table of the code, and the source of the numbers if it is another. */
  readonly source: string;
  /**
   * Where the numbers come from. A network operator may set others for a connection; the connection agreement takes precedence.
   *
   * - `code`: the code's own default, in force unless the operator sets something else.
   * - `operator`: the code requires the function and leaves its numbers to the operator. These are what manufacturers deliver, valid only
   *   until the operator has been asked.
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
 * Above a dead band, feed-in falls by 1 / (droop x nominal) of its reference per Hz. Below it, feed-in rises, in every code by a share of
 * the rating. European codes let the operator set a droop of 2 to 12 % and other dead bands.
 */
export interface FrequencyDroop extends Sourced {
  readonly nominalHz: number;
  /** Dead bands above and below nominal, Hz. */
  readonly overHz: number;
  readonly underHz: number;
  /** Droop: frequency change in per unit over power change in per unit. */
  readonly droop: number;
  /** Reference of the fall: the rating, or the feed-in when the dead band was left. */
  readonly reference: 'rated' | 'momentary';
  readonly responseS: number;
}

/**
 * Requirements of a grid code for an inverter. Load convention: positive reactive power is absorbed. In every code the operator chooses
 * between volt-var, watt-var, a fixed power factor and a fixed reactive power. Not modelled: the active power at which volt-var of EN 50549
 * starts and ends, and its minimum power factor; the operator sets both.
 */
export interface GridCode {
  readonly name: string;
  /** x: voltage in pu. y: reactive power over rated apparent power. */
  readonly voltVar: CurveFunction;
  /** x: voltage in pu. y: maximum feed-in over rated active power. */
  readonly voltWatt: CurveFunction;
  /** x: feed-in of active power over the rating. y: reactive power over rated apparent power. Only one of watt-var and volt-var is on. */
  readonly wattVar: CurveFunction;
  readonly droop: FrequencyDroop;
}

/** Time to 90 % of a first-order response whose three time constants take `seconds`. */
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

/** Three time constants of the response are 10 s; an operator may require 6 to 60 s. */
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

/** A power factor that falls linearly from 1 at half of the rating to `cosPhi` at the full rating. */
const byPower = (cosPhi: number, sourced: Sourced): CurveFunction => ({
  curve: [0.5, 0.6, 0.7, 0.8, 0.9, 1].map((share) => {
    const factor = 1 - (1 - cosPhi) * 2 * (share - 0.5);
    return [share, (share * cosPhi * atFactor(factor)) / factor] as const;
  }),
  responseS: ninetyPct(10),
  ...sourced,
});

/** The fall of an inverter is relative to its feed-in when the dead band was left (Pref = PM), because it is not synchronous. */
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

/** Ends below the first stage of the overvoltage protection, 1.10 pu as a ten-minute mean. */
const beforeTrip = (source: string): CurveFunction => ({
  curve: [
    [1.08, 1],
    [1.1, 0.2],
  ],
  responseS: 10,
  source,
  basis: 'own',
});

/** Presets of the grid codes; each number has its clause. A grid operator's own numbers take precedence. */
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

/** Reduction of feed-in at a frequency (negative: increase), relative to the droop's reference. */
export function droopFall({ nominalHz, overHz, underHz, droop }: FrequencyDroop, frequencyHz: number): number {
  const off = frequencyHz - nominalHz;
  const beyond = off > overHz ? off - overHz : off < -underHz ? off + underHz : 0;
  return beyond / (nominalHz * droop);
}
