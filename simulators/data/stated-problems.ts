import { existsSync, readFileSync } from 'node:fs';
import { checkStatedProblem, poseProblem, StatedProblem } from '../../cloud/plan/problem/mpacopf.ts';
import type { DispatchProblem } from '../../cloud/plan/problem/problem.ts';
import { importMatpower } from '../../shared/grid/matpower.ts';
import type { Network } from '../../shared/grid/network.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';

const shipped = new URL('grids/', import.meta.url);
/** Data that may not be shipped is beside the clone, if present at all. */
const shelf = new URL('../../../shared/data/grids/', import.meta.url);

/** A multi-period AC optimal power flow with its optimum. The optimiser only gets `problem`, without the optimum. */
export interface SolvedProblem {
  readonly name: string;
  readonly stated: StatedProblem;
  readonly network: Network;
  readonly problem: DispatchProblem;
  readonly optimumEur: number;
}

export const shippedNames = ['case33bw_T24', 'case33bw_T96'] as const;
export const shelfNames = ['case22_T24'] as const;

/** A shipped problem (see grids/SOURCE.md). */
export function shippedProblem(name: (typeof shippedNames)[number]): SolvedProblem {
  const optima = JSON.parse(text(new URL('mpacopf-optima.json', shipped))) as Record<string, number>;
  const network = text(new URL('case33bw/case33bw.m', shipped));
  return solved(name, { posed: JSON.parse(text(new URL(`mpacopf_${name}.problem.json`, shipped))), network, optimumEur: optima[name]! });
}

/** A problem of the reference shelf; undefined without the shelf. */
export function shelfProblem(name: (typeof shelfNames)[number]): SolvedProblem | undefined {
  const file = new URL(`reference/mpacopf_${name}.json`, shelf);
  if (!existsSync(file)) return undefined;
  const whole = JSON.parse(text(file)) as Record<string, unknown>;
  const posed = Object.fromEntries(Object.keys(StatedProblem.properties).map((key) => [key, whole[key]]));
  const network = text(new URL(`matpower/${name.split('_')[0]}.m`, shelf));
  return solved(name, { posed, network, optimumEur: Number(whole['objective_eur']) });
}

function solved(name: string, from: { posed: unknown; network: string; optimumEur: number }): SolvedProblem {
  const stated = unwrap(checkStatedProblem(from.posed));
  const { network } = importMatpower(from.network);
  return { name, stated, network, problem: unwrap(poseProblem(stated, network)), optimumEur: from.optimumEur };
}

const text = (file: URL): string => readFileSync(file, 'utf8');
