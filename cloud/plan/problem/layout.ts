import type { RadialGrid } from '../../../shared/grid/radial.ts';
import type { LpBuilder } from './lp.ts';
import type { DispatchOptions, DispatchProblem } from './problem.ts';

export type Scenario = 'mid' | 'low' | 'high';

export type Role = 'feed-in' | 'limit' | 'charge' | 'discharge' | 'power' | 'reactive' | 'source' | 'capacitor';

/**
 * One decision per step. Its value is MW or Mvar, and `sign` turns it into consumption; of what is stepped (`source`, `capacitor`) it
 * is the position.
 */
export interface Control {
  readonly device: number;
  readonly role: Role;
  /** Which input of the linearisation it moves. */
  readonly input: number;
  readonly sign: 1 | -1;
}

/** Whether a role moves in whole positions. */
export const isWhole = (role: Role): boolean => role === 'source' || role === 'capacitor';

/** Whether a role is active power. */
export const isActive = (role: Role): boolean => role !== 'reactive' && !isWhole(role);

/** Whether a problem has so many decisions that what the search keeps and does is bounded. */
export const isLarge = ({ controls, steps, options }: Layout): boolean => controls.length * steps > options.large;

/** Columns that each step has besides its controls. */
export interface StepColumns {
  readonly imported: number;
  readonly exported: number;
  readonly losses: number;
  /** Row that says what energy is worth in this step. */
  readonly balance: number;
  /** Violations of each constraint, of what is expected, and of the forecast's corners. */
  readonly slack: Readonly<Record<string, readonly Readonly<Record<'mid' | 'corner', number>>[]>>;
}

/** Columns and constants that a device adds for itself. */
export interface DeviceColumns {
  /** Storage: level at the end of each step, MWh. EV: energy given so far, MWh. Empty elsewhere. */
  readonly level: readonly number[];
  /** Flexible load: energy owed at the end of each step, MWh. Empty elsewhere. */
  readonly owed: readonly number[];
  /** Of what is stepped: moves within each of its budgets. Empty elsewhere. */
  readonly moves: readonly number[];
  /** EV: energy that is missing at departures, and energy that no session can take, MWh. Absent elsewhere. */
  readonly missing?: { readonly unserved: number; readonly untaken: number } | undefined;
}

/** A connection point with the positions of its devices in the problem. */
export interface Point {
  readonly id: string;
  readonly devices: readonly number[];
  /** Controls of their active power, with their places among all. */
  readonly controls: readonly (Control & { readonly index: number })[];
}

/** The linear programme's fixed part, and where everything stands in it. */
export interface Layout {
  readonly problem: DispatchProblem;
  readonly options: DispatchOptions;
  readonly grid: RadialGrid;
  readonly scenarios: readonly Scenario[];
  readonly steps: number;
  readonly hours: Float64Array;
  readonly controls: readonly Control[];
  /** Connection points, in the order of the problem. */
  readonly points: readonly Point[];
  /** Node of each position of the linearisation. */
  readonly nodes: Int32Array;
  /** By node: voltage band with the room that is kept, pu, and rating of the branch that feeds it, MVA; infinite where there is none. */
  readonly bandLow: Float64Array;
  readonly bandHigh: Float64Array;
  readonly ratings: Float64Array;
  /** Position of the source's voltage among the inputs. */
  readonly sourceInput: number;
  /** [step * controls + control]; that is also the index of its column. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly start: Float64Array;
  readonly step: readonly StepColumns[];
  readonly peak: number;
  readonly devices: readonly DeviceColumns[];
  readonly builder: LpBuilder;
  readonly staticRows: number;
  /** Highest marginal cost in the problem, EUR/MWh: what a violation's price stands above. */
  readonly dearest: number;
}
