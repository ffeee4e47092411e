import type { RadialGrid } from '../../../shared/grid/radial.ts';
import type { LpBuilder } from './lp.ts';
import type { DispatchOptions, DispatchProblem } from './problem.ts';

export type Scenario = 'mid' | 'lowSun' | 'highSun';

export type Role = 'feed-in' | 'limit' | 'charge' | 'discharge' | 'power' | 'reactive' | 'source' | 'capacitor';

/**
 * One decision per step. Its value is in MW or Mvar, and `sign` turns it into consumption; for stepped devices (`source`, `capacitor`) it
 * is the position.
 */
export interface Control {
  readonly device: number;
  readonly role: Role;
  /** The input of the linearisation that it moves. */
  readonly input: number;
  readonly sign: 1 | -1;
}

/** Node that the head of a feeder feeds; -1 if nothing reaches it. */
export function headNode({ grid, problem }: Pick<Layout, 'grid' | 'problem'>, feeder: string): number {
  const branch = problem.network.feeders.find(({ id }) => id === feeder)?.headBranch;
  const index = branch === undefined ? undefined : grid.branchIndex.get(branch);
  return index === undefined ? -1 : grid.branchNode[index]!;
}

/** Whether a role moves in whole positions. */
export const isWhole = (role: Role): boolean => role === 'source' || role === 'capacitor';

/** Whether a role is active power. */
export const isActive = (role: Role): boolean => role !== 'reactive' && !isWhole(role);

/** Whether a problem has so many decisions that the search limits its memory and effort. */
export const isLarge = ({ controls, steps, options }: Layout): boolean => controls.length * steps > options.large;

/** Columns that each step has besides its controls. */
export interface StepColumns {
  readonly imported: number;
  readonly exported: number;
  readonly losses: number;
  /** The row whose dual is the value of energy in this step. */
  readonly balance: number;
  /** Violations of each constraint, in the expected state and at the forecast's corners. */
  readonly slack: Readonly<Record<string, readonly Readonly<Record<'mid' | 'corner', number>>[]>>;
}

/** Columns that a device adds for itself. */
export interface DeviceColumns {
  /** Storage: level at the end of each step, MWh. EV: energy given so far, MWh. Empty elsewhere. */
  readonly level: readonly number[];
  /** Flexible load: energy owed at the end of each step, MWh. Empty elsewhere. */
  readonly owed: readonly number[];
  /** Stepped device: moves within each of its budgets. Empty elsewhere. */
  readonly moves: readonly number[];
  /** EV: energy that is missing at departures, and energy that no session can take, MWh. Absent elsewhere. */
  readonly missing?: { readonly unserved: number; readonly untaken: number } | undefined;
}

/** A connection point with the positions of its devices in the problem. */
export interface Point {
  readonly id: string;
  readonly devices: readonly number[];
  /** Controls of their active power, with their index among all. */
  readonly controls: readonly (Control & { readonly index: number })[];
}

/** A plant with the indices of its controls; `limit`: only where the forecast has corners. */
export interface Plant {
  readonly device: number;
  readonly feedIn: number;
  readonly limit: number | undefined;
}

/** Plants of one date: they are cut alike. */
export type Agreement = readonly Plant[];

/** Steps whose import is billed as one mean by the capacity tariff. */
export interface Billed {
  readonly steps: readonly number[];
  readonly hours: number;
  /** Peaks of each month are billed apart; 0 is the running one. */
  readonly month: number;
}

/** The fixed part of the linear programme, and the place of everything in it. */
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
  /** By the date of connection, the oldest first; empty unless the newest is to be cut first. */
  readonly agreements: readonly Agreement[];
  /** Node of each position of the linearisation. */
  readonly nodes: Int32Array;
  /** By node: voltage band less the margin, pu, and rating of the branch that feeds it, MVA; infinite if there is none. */
  readonly bandLow: Float64Array;
  readonly bandHigh: Float64Array;
  readonly ratings: Float64Array;
  /** Index of the source's voltage among the inputs. */
  readonly sourceInput: number;
  /** [step * controls + control], which is also the index of the column. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly start: Float64Array;
  readonly step: readonly StepColumns[];
  /** Intervals of the capacity tariff. */
  readonly billed: readonly Billed[];
  readonly devices: readonly DeviceColumns[];
  readonly builder: LpBuilder;
  readonly staticRows: number;
  /** Highest marginal cost in the problem, EUR/MWh; a violation is priced above it. */
  readonly dearest: number;
}
