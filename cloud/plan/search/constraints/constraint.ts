import type { Part } from '../../../../shared/sentences/said.ts';
import type { Solved } from '../../problem/ac.ts';
import type { Control, Layout } from '../../problem/layout.ts';
import type { DispatchProblem } from '../../problem/problem.ts';
import type { Moved, StepModel } from '../model.ts';

/** A limit in one scenario and step. Each constraint adds what identifies its own limits. */
export interface LimitRow {
  /** Kind of its constraint. */
  readonly kind: string;
  readonly scenario: number;
  readonly step: number;
}

/** Decisions with their power flow in a scenario and step. */
export interface State {
  readonly x: Float64Array;
  readonly solved: Solved;
}

export interface At {
  readonly scenario: number;
  readonly step: number;
}

/** A limit by the power flow, in the unit of its constraint; load convention. */
export interface Reading {
  readonly value: number;
  readonly limit: number;
  /** Whether the limit is a maximum; otherwise it is a minimum. */
  readonly atMost: boolean;
  /** Magnitude that the guard takes off the value; `value` is what is left then. Absent: none. */
  readonly relief?: number;
}

/** The model of a scenario and step, and the decisions around which it was made. */
export interface Around {
  readonly model: StepModel;
  readonly x: Float64Array;
}

/** Something at a bus, by its input of the linearisation; for a decision also its control. */
export type Place = Pick<Control, 'input'> & Partial<Control>;

/** A limit as a row of the programme, in the unit of the slack. */
export interface Line {
  /** At the model's point. */
  readonly value: number;
  readonly bound: number;
  readonly atMost: boolean;
  /** Change of the value per MW, Mvar or pu at a place. */
  readonly slope: (place: Place) => number;
}

/** A proposal as the model of one scenario and step sees it. */
export interface Look extends At, Around {
  readonly layout: Layout;
  readonly change: Moved;
  readonly proposed: Float64Array;
  /** Whether to return all broken limits, not the worst alone. */
  readonly every: boolean;
  /** Scratch by node, overwritten by each look. */
  readonly over: Float64Array;
}

/** What the model says of a proposal. */
export interface Seen<Row extends LimitRow = LimitRow> {
  /** The worst violation for each slack; 0 if all limits are kept. */
  readonly worst: readonly number[];
  /** Limits that are worth a row. */
  readonly rows: readonly Row[];
}

/** A limit with its room in a state, for envelopes. */
export interface Room {
  readonly element: string;
  /** Which limit of the element. */
  readonly constraint: string;
  /** pu, MVA or MW, like everything here. */
  readonly room: number;
  /** Breaches of different limits are compared by their share of this: the limit itself, or as much voltage as weighs the same. */
  readonly whole: number;
  /** Room that one MW of consumption at an input takes around a state; may be negative. */
  readonly per: (model: StepModel) => (input: number) => number;
  /** How far the limit is broken in another state. What is broken anyway does not count. */
  readonly broken: (solved: Solved) => number;
}

export interface MeterEnd {
  /** MW of consumption. */
  readonly mw: number;
  readonly by: Pick<Room, 'element' | 'constraint'>;
}

/** Input of `rooms`: a state under the plan, and the most that could move there, MW by node, summed up the tree. */
export interface RoomsAt extends At, Around {
  readonly layout: Layout;
  readonly behind: Float64Array;
}

/** Price of a violation, EUR per hour: above all else in the plan. */
export interface PriceScale {
  /** One percent of voltage, and one of a rating. */
  readonly voltagePct: number;
  readonly ratingPct: number;
  /** One MW beyond a limit of power, and one beyond a contract. */
  readonly mw: number;
  readonly contractMw: number;
}

/**
 * A limit of the network or of a contract: all that the optimiser, its check, its texts and its envelopes know of it. It may be broken at a
 * price, so the programme always has a solution. `table.ts` lists them all.
 */
export interface Constraint<Row extends LimitRow = LimitRow> {
  readonly kind: string;
  /** Of readings and rooms: the unit shown, and how many of it are one pu, MVA or MW. */
  readonly unit: { readonly shown: string; readonly scale: number };

  // Rows of the programme.
  /**
   * A slack measures a violation in the programme, in percent of the nominal or rated value, or in MW. All limits of a scenario and step
   * share one unless `own` is set.
   */
  readonly slack: {
    readonly unit: '%' | 'MW';
    /** Violations up to here are numerical error. */
    readonly heldUpTo: number;
    /** Below this a row is not worth adding. */
    readonly worthARow: number;
    /** Weight of one unit, in percent of voltage, in the search for conflicts. */
    readonly weight: number;
    /** EUR per unit and hour. */
    price(scale: PriceScale): number;
    /** Units of slack per pu, MVA or MW of a limit. */
    per(layout: Layout, row: Row): number;
    /** Set if breaking one limit is no reason to break another: how many slacks there are, and which one a limit has. */
    readonly own?: { count(problem: DispatchProblem): number; of(row: Row): number };
  };
  /** `allowed`: the violation that the programme has paid for, by slack. */
  inspect(look: Look, allowed: readonly number[]): Seen<Row>;
  line(layout: Layout, around: Around, row: Row): Line;
  /** Distinguishes a row from others of the same constraint, scenario and step. */
  place(row: Row): string;
  /** Distinguishes several rows that stand for one limit. */
  tangent?(row: Row): string;

  // Check by the power flow.
  /** All limits of a scenario and step. */
  rows(layout: Layout, at: At): Row[];
  reading(layout: Layout, state: State, row: Row): Reading;
  /** The worst over all rows for each slack; 0 if all limits are kept. */
  violation(layout: Layout, state: State & At): readonly number[];
  /** Margin that plans keep at the limit in addition to their forecasts' corners. */
  margin(layout: Layout): number;

  // Words.
  element(layout: Layout, row: Row): string;
  /** Which limit of the element. */
  name(row: Row): string;
  /** For example "bus b5" and "below 1.05 pu": what cannot stay where. `size`: the limit as shown. */
  words(layout: Layout, row: Row, size: Part): readonly [subject: Part, place: Part];
  /** For example "0.0120 pu beyond its band". */
  passed(reading: Reading): Part;
  /** The part of the price at a bus to which it contributes. */
  readonly priced: 'voltage' | 'congestion';

  // Envelopes.
  /** Whether everything behind may burden it alike, so that it bounds the sum. */
  readonly sharedByAll: boolean;
  /** Whether the reactive power of inverters on their own curves burdens it; otherwise that relieves it. */
  readonly burdenedByCurves: boolean;
  rooms(at: RoomsAt): Room[];
  /** The least and the most that it allows at the meter of a connection point. */
  meter?(
    layout: Layout,
    at: { readonly step: number; readonly point: number },
  ): readonly [low: MeterEnd, high: MeterEnd];
}

export const slacksOf = ({ slack }: Constraint, problem: DispatchProblem): number => slack.own?.count(problem) ?? 1;

export const slackOf = <Row extends LimitRow>({ slack }: Constraint<Row>, row: Row): number => slack.own?.of(row) ?? 0;

/** How far a limit is exceeded, in the unit of the constraint; negative: the room left. */
export const overOf = ({ value, limit, atMost }: Reading): number => (atMost ? value - limit : limit - value);
