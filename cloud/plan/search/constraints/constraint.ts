import type { Part } from '../../../../shared/sentences/said.ts';
import type { Solved } from '../../problem/ac.ts';
import type { Control, Layout } from '../../problem/layout.ts';
import type { DispatchProblem } from '../../problem/problem.ts';
import type { Moved, StepModel } from '../model.ts';

/** A limit in one scenario and step. Each constraint adds what tells its own limits apart. */
export interface LimitRow {
  /** That of its constraint. */
  readonly kind: string;
  readonly scenario: number;
  readonly step: number;
}

/** Decisions with the power flow that they make in a scenario and step. */
export interface State {
  readonly x: Float64Array;
  readonly solved: Solved;
}

export interface At {
  readonly scenario: number;
  readonly step: number;
}

/** What the power flow says of a limit, in the unit of its constraint; load convention. */
export interface Reading {
  readonly value: number;
  readonly limit: number;
  /** Whether the limit is the most; else it is the least. */
  readonly atMost: boolean;
}

/** The model of a scenario and step, with the decisions that it stands around. */
export interface Around {
  readonly model: StepModel;
  readonly x: Float64Array;
}

/** What stands at a bus, by its input of the linearisation; of a decision also whose it is. */
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
  /** All limits that are broken are asked for, not the worst alone. */
  readonly every: boolean;
  /** By node, for whoever looks: written anew each time. */
  readonly over: Float64Array;
}

/** What the model says of a proposal. */
export interface Seen<Row extends LimitRow = LimitRow> {
  /** The worst violation for each slack; 0 where all is kept. */
  readonly worst: readonly number[];
  /** Those that are worth a row. */
  readonly rows: readonly Row[];
}

/** A limit with its room in a state, for envelopes. */
export interface Room {
  readonly element: string;
  /** Which limit of it. */
  readonly constraint: string;
  /** pu, MVA or MW, as everything here. */
  readonly room: number;
  /** What one MW of consumption at an input takes of it around a state; may be negative. */
  readonly per: (model: StepModel) => (input: number) => number;
  /** How far it is broken in another state. What is broken anyway is no breach. */
  readonly broken: (solved: Solved) => number;
}

export interface MeterEnd {
  /** Of consumption. */
  readonly mw: number;
  readonly by: Pick<Room, 'element' | 'constraint'>;
}

/** What is asked for rooms: a state under the plan, and what could move there at the most, MW by node, counted up the tree. */
export interface RoomsAt extends At, Around {
  readonly layout: Layout;
  readonly behind: Float64Array;
}

/** What a violation costs, EUR per hour: more than all else in the plan. */
export interface PriceScale {
  /** A percent of voltage, and one of a rating. */
  readonly voltagePct: number;
  readonly ratingPct: number;
  /** A MW beyond a limit of power, and one beyond a contract. */
  readonly mw: number;
  readonly contractMw: number;
}

/**
 * A limit of the network or of a contract: all that the optimiser, its check, its words and its envelopes know of it. It may be passed at
 * a price, so the programme always has an answer. `table.ts` lists them all.
 */
export interface Constraint<Row extends LimitRow = LimitRow> {
  readonly kind: string;
  /** Of readings and rooms: what is shown, and how many of it are one pu, MVA or MW. */
  readonly unit: { readonly shown: string; readonly scale: number };

  // Rows of the programme.
  /** A violation in the programme: percent of what is nominal or rated, or MW. In a scenario and step all limits share one. */
  readonly slack: {
    readonly unit: '%' | 'MW';
    /** Up to here it is the arithmetic's. */
    readonly heldUpTo: number;
    /** Below this a row is not worth adding. */
    readonly worthARow: number;
    /** One of it in percent of voltage, where a conflict is looked for. */
    readonly weight: number;
    /** EUR per one of it and hour. */
    price(scale: PriceScale): number;
    /** One pu, MVA or MW of a limit in it. */
    per(layout: Layout, row: Row): number;
    /** Set where what one limit is passed by is no reason to pass another one: how many slacks there are, and which a limit has. */
    readonly own?: { count(problem: DispatchProblem): number; of(row: Row): number };
  };
  /** `allowed`: what the programme has paid for, by slack. */
  inspect(look: Look, allowed: readonly number[]): Seen<Row>;
  line(layout: Layout, around: Around, row: Row): Line;
  /** Tells a row from others of the same constraint, scenario and step. */
  place(row: Row): string;
  /** Where several rows stand for one limit: which of them it is. */
  tangent?(row: Row): string;

  // Check by the power flow.
  /** All limits that there are in a scenario and step. */
  rows(layout: Layout, at: At): Row[];
  reading(layout: Layout, state: State, row: Row): Reading;
  /** The worst over all rows for each slack; 0 where all are kept. */
  violation(layout: Layout, state: State & At): readonly number[];
  /** Room that plans keep at the limit besides what their forecasts' corners need. */
  kept(layout: Layout): number;

  // Words.
  element(layout: Layout, row: Row): string;
  /** Which limit of it. */
  name(row: Row): string;
  /** "bus b5" and "below 1.05 pu": what cannot stay where. `size`: the limit as it is shown. */
  words(layout: Layout, row: Row, size: Part): readonly [subject: Part, place: Part];
  /** "0.0120 pu beyond its band" */
  passed(reading: Reading): Part;
  /** Part of the price at a bus that it makes. */
  readonly priced: 'voltage' | 'congestion';

  // Envelopes.
  /** Whether all that stands behind may burden it alike, so that it bounds what all do together. */
  readonly sharedByAll: boolean;
  /** Whether the reactive power of inverters on their own curves burdens it; else it relieves it. */
  readonly burdenedByCurves: boolean;
  rooms(at: RoomsAt): Room[];
  /** What it allows at the meter of a connection point at the least and at the most. */
  meter?(
    layout: Layout,
    at: { readonly step: number; readonly point: number },
  ): readonly [low: MeterEnd, high: MeterEnd];
}

export const slacksOf = ({ slack }: Constraint, problem: DispatchProblem): number => slack.own?.count(problem) ?? 1;

export const slackOf = <Row extends LimitRow>({ slack }: Constraint<Row>, row: Row): number => slack.own?.of(row) ?? 0;

/** How far a limit is passed, in the unit of the constraint; negative: what is left of it. */
export const overOf = ({ value, limit, atMost }: Reading): number => (atMost ? value - limit : limit - value);
