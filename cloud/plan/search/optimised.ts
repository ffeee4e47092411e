import type { Layout } from '../problem/layout.ts';
import type { Collapse } from './collapse.ts';
import type { Evaluation, ViolationPrices } from './evaluate.ts';
import type { NetworkModel } from './model.ts';
import type { BindingRow } from './round.ts';

/** The result of a search. */
export interface Optimised {
  readonly layout: Layout;
  readonly prices: ViolationPrices;
  readonly best: Evaluation;
  readonly nothing: Evaluation;
  readonly merit: number;
  readonly nothingMerit: number;
  /** Around the best point, with the rows that bind there. */
  readonly model: NetworkModel;
  readonly binding: readonly BindingRow[];
  /** Cost of one more MWh of consumption at the source per step, EUR; absent if the solver failed. */
  readonly energyEurPerMwh: Float64Array | undefined;
  /** Set if no decisions have a power flow at all of the loads; the plan is then for the share of them that has. */
  readonly collapse: Collapse | undefined;
  /** Plants are cut in the order of their connection agreements. Absent: they have none. */
  readonly isInOrder?: boolean;
  readonly rounds: number;
  readonly programmes: number;
  readonly iterations: number;
}
