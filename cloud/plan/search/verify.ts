import type { Layout } from '../problem/layout.ts';
import { overOf, type At, type Constraint, type LimitRow, type Reading, type State } from './constraints/constraint.ts';
import { rating } from './constraints/rating.ts';
import { constraints } from './constraints/table.ts';
import { voltage } from './constraints/voltage.ts';
import type { OperatingPoint } from './model.ts';

/** The worst limit of a constraint. */
export interface Worst {
  readonly constraint: Constraint;
  readonly row: LimitRow;
  readonly reading: Reading;
  /** How far it is exceeded, in the unit of its slack; negative: the room left. */
  readonly over: number;
}

/** The worst limit of each constraint that has one in the states, by kind. The margin that plans keep is no part of a limit. */
export function worstOf(layout: Layout, states: Iterable<State & At>): Map<string, Worst> {
  const worst = new Map<string, Worst>();
  for (const state of states)
    for (const constraint of constraints) {
      const margin = constraint.margin(layout);
      for (const row of constraint.rows(layout, state)) {
        const reading = constraint.reading(layout, state, row);
        const over = constraint.slack.per(layout, row) * (overOf(reading) - margin);
        if (over <= (worst.get(constraint.kind)?.over ?? -Infinity)) continue;
        const limit = reading.limit + (reading.atMost ? margin : -margin);
        worst.set(constraint.kind, { constraint, row, reading: { ...reading, limit }, over });
      }
    }
  return worst;
}

/** The worst of those with violations in percent, which can be compared. */
export const worstInPercent = (worst: ReadonlyMap<string, Worst>): Worst | undefined =>
  [...worst.values()]
    .filter(({ constraint }) => constraint.slack.unit === '%')
    .reduce<Worst | undefined>((a, b) => (a === undefined || b.over > a.over ? b : a), undefined);

/** The limits of the network by the AC power flow, over all steps of one scenario. */
export interface Verification {
  readonly maxVoltageViolationPu: number;
  readonly maxBranchViolationPct: number;
  /** Highest apparent power over its rating, %; 0 if nothing is rated. */
  readonly maxLoadingPct: number;
  /** The bus or branch that is worst against its limit. */
  readonly worstElement: string;
}

export function verify(
  layout: Layout,
  { x, solved }: Pick<OperatingPoint, 'x' | 'solved'>,
  scenario = 0,
): Verification {
  const states = solved[scenario]!.map((one, step) => ({ x, solved: one, scenario, step }));
  const worst = worstOf(layout, states);
  const loading = worst.get(rating.kind)?.reading;
  const maxLoadingPct = loading === undefined ? 0 : (100 * loading.value) / loading.limit;
  const all = worstInPercent(worst);
  return {
    maxVoltageViolationPu: Math.max(0, worst.get(voltage.kind)?.over ?? 0) / 100,
    maxBranchViolationPct: Math.max(0, maxLoadingPct - 100),
    maxLoadingPct,
    worstElement: all?.constraint.element(layout, all.row) ?? '',
  };
}
