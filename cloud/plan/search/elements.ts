import { flowOf, type BranchEnd } from '../problem/ac.ts';
import { pointLimits, pointMw } from '../problem/connection-point.ts';
import { ratingMva, sourceLimits, voltageBand, type Evaluation } from './evaluate.ts';
import type { Layout, Scenario } from '../problem/layout.ts';
import type { NetworkRow } from './network-rows.ts';
import { flowModel, type StepModel } from './model.ts';

/** A row of the network in words and units of the plan. */
export interface NamedRow {
  readonly element: string;
  readonly constraint: string;
  readonly limit: number;
  readonly value: number;
  readonly unit: string;
  /** Turns the programme's shadow price (EUR per percent or MW over a step) into one per unit and hour. */
  readonly perUnit: number;
}

export type LimitRow = Exclude<NetworkRow, { kind: 'loss' | 'capability' | 'sessions' }>;

export const isLimit = (row: NetworkRow): row is LimitRow =>
  row.kind !== 'loss' && row.kind !== 'capability' && row.kind !== 'sessions';

/** Which corner of the forecast a limit binds at, after its name. */
export const cornerWords = (scenario: Scenario): string =>
  scenario === 'mid' ? '' : scenario === 'low' ? ' with load high' : ' with load low and sun high';

/** Names a row and reads its value from a power flow. */
export function nameRow(layout: Layout, evaluation: Evaluation, row: LimitRow): NamedRow {
  const solved = evaluation.solved[row.scenario]![row.step]!;
  const scenario = layout.scenarios[row.scenario]!;
  const hours = layout.hours[row.step]!;
  const corner = cornerWords(scenario);
  switch (row.kind) {
    case 'voltage': {
      const [least, most] = voltageBand(layout, row.node);
      return {
        element: layout.grid.busIds[layout.grid.nodeBus[row.node]!]!,
        constraint: `voltage ${row.side === 'max' ? 'maximum' : 'minimum'}${corner}`,
        limit: row.side === 'max' ? most : least,
        value: Math.hypot(solved.workspace.vRe[row.node]!, solved.workspace.vIm[row.node]!),
        unit: 'pu',
        perUnit: 100 / hours,
      };
    }
    case 'flow': {
      const flow = flowOf(solved, row.node, row.end);
      return {
        element: layout.grid.branchIds[layout.grid.nodeBranch[row.node]!]!,
        constraint: `rating${corner}`,
        limit: ratingMva(layout, row.node) * 1000,
        value: Math.hypot(flow.mw, flow.mvar) * 1000,
        unit: 'kVA',
        perUnit: 1 / hours / (10 * ratingMva(layout, row.node)),
      };
    }
    case 'source': {
      const [importMw, exportMw] = sourceLimits(layout, scenario, row.step);
      const flow = sourceFlow(evaluation, row.scenario, row.step);
      return {
        element: 'transformer',
        constraint: `${row.side} power${corner}`,
        limit: (row.side === 'imported' ? importMw : -exportMw) * 1000,
        value: flow * 1000,
        unit: 'kW',
        perUnit: 1 / hours / 1000,
      };
    }
    case 'point': {
      const at = { scenario, step: row.step, point: row.point };
      const [importMw, exportMw] = pointLimits(layout, at);
      return {
        element: layout.points[row.point]!.id,
        constraint: `${row.side} power at the meter${corner}`,
        limit: (row.side === 'imported' ? importMw : -exportMw) * 1000,
        value: pointMw(layout, evaluation.x, at) * 1000,
        unit: 'kW',
        perUnit: 1 / hours / 1000,
      };
    }
  }
}

function sourceFlow(evaluation: Evaluation, scenario: number, step: number): number {
  if (scenario === 0) return evaluation.importMw[step]!;
  const { grid, workspace } = evaluation.solved[scenario]![step]!;
  let mw = 0;
  for (let node = 0; node < grid.sourceCount; node++)
    mw += workspace.vRe[node]! * workspace.jRe[node]! + workspace.vIm[node]! * workspace.jIm[node]!;
  return (mw * grid.baseKva) / 1000;
}

/**
 * Coefficient of a limit row on one input of the linearisation, as the programme has it; rises with what the row bounds. What stands
 * at a bus is not behind the meter of one of its customers: 0 for a connection point.
 */
export function rowCoefficient(layout: Layout, model: StepModel, row: LimitRow, input: number): number {
  switch (row.kind) {
    case 'voltage':
      return 100 * model.lin.dvm[input * model.lin.nodes + row.node]!;
    case 'flow': {
      const { dMw, dMvar } = flowModel(model, row.node, row.end);
      return (100 / ratingMva(layout, row.node)) * (row.cos * dMw[input]! + row.sin * dMvar[input]!);
    }
    case 'source':
      return (row.side === 'imported' ? 1 : -1) * model.dImport[input]!;
    case 'point':
      return 0;
  }
}

/** What is metered at the substation: the transformer's outgoing side and each feeder's head. */
export interface Head {
  /** `transformer`, or the id of the feeder. */
  readonly element: string;
  readonly node: number;
  readonly end: BranchEnd;
}

/** Heads of a network; without a transformer at its source there are only the feeders'. */
export function headsOf({ grid, problem }: Layout): Head[] {
  const heads: Head[] = [];
  const { network } = problem;
  const main = grid.transformers.find(({ node }) => node >= 0 && grid.parent[node]! < grid.sourceCount);
  if (main !== undefined) heads.push({ element: 'transformer', node: main.node, end: 'far' });
  for (const feeder of network.feeders) {
    const branch = grid.branchIndex.get(feeder.headBranch);
    const node = branch === undefined ? -1 : grid.branchNode[branch]!;
    if (node >= 0) heads.push({ element: feeder.id, node, end: 'near' });
  }
  return heads;
}
