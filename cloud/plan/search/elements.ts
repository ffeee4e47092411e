import type { Corner } from '../../../shared/sentences/limit-names.ts';
import type { BranchEnd } from '../problem/ac.ts';
import type { LimitRow } from './constraints/constraint.ts';
import { constraintOf } from './constraints/table.ts';
import { headNode, type Layout, type Scenario } from '../problem/layout.ts';
import type { OperatingPoint } from './model.ts';

/** A limit in the words and units of the plan. */
export interface NamedRow {
  readonly element: string;
  readonly constraint: string;
  readonly limit: number;
  readonly value: number;
  readonly unit: string;
  /** Turns the programme's shadow price (EUR per percent or MW over a step) into one per unit and hour. */
  readonly perUnit: number;
}

/** The name of a limit with the corner of the forecast at which it binds. */
export const atCorner = (name: string, scenario: Scenario): string => `${name}${CORNERS[scenario]}`;

const CORNERS = {
  mid: '',
  lowSun: ' with load high',
  highSun: ' with load low and sun high',
} as const satisfies Readonly<Record<Scenario, Corner>>;

/** Names a limit and reads its value from a power flow. */
export function nameRow(layout: Layout, { x, solved }: Pick<OperatingPoint, 'x' | 'solved'>, row: LimitRow): NamedRow {
  const { unit, slack, ...constraint } = constraintOf(row);
  const { value, limit } = constraint.reading(layout, { x, solved: solved[row.scenario]![row.step]! }, row);
  return {
    element: constraint.element(layout, row),
    constraint: atCorner(constraint.name(row), layout.scenarios[row.scenario]!),
    limit: limit * unit.scale,
    value: value * unit.scale,
    unit: unit.shown,
    perUnit: slack.per(layout, row) / unit.scale / layout.hours[row.step]!,
  };
}

/** What is metered at the substation: the transformer's outgoing side and each feeder's head. */
export interface Head {
  /** `transformer`, or the id of the feeder. */
  readonly element: string;
  readonly node: number;
  readonly end: BranchEnd;
}

/** Heads of a network; without a transformer at its source only the feeders'. */
export function headsOf(layout: Layout): Head[] {
  const heads: Head[] = [];
  const { grid, problem } = layout;
  const main = grid.transformers.find(({ node }) => node >= 0 && grid.parent[node]! < grid.sourceCount);
  if (main !== undefined) heads.push({ element: 'transformer', node: main.node, end: 'far' });
  for (const { id } of problem.network.feeders) {
    const node = headNode(layout, id);
    if (node >= 0) heads.push({ element: id, node, end: 'near' });
  }
  return heads;
}
