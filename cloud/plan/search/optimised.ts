import type { Layout } from '../problem/layout.ts';
import type { Collapse } from './collapse.ts';
import type { Evaluation, ViolationPrices } from './evaluate.ts';
import type { NetworkModel } from './model.ts';
import type { BindingRow } from './round.ts';

/** What a search has found. */
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
  /** What one MWh more of consumption at the source costs per step, EUR; absent where the solver failed. */
  readonly energyEurPerMwh: Float64Array | undefined;
  /** Set where no decision was found that has a power flow at all of the loads: then the plan is for the share of them that has. */
  readonly collapse: Collapse | undefined;
  readonly rounds: number;
  readonly programmes: number;
  readonly iterations: number;
}
