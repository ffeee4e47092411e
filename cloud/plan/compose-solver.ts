import { HighsSolver } from './search/highs-solver.ts';
import type { LpSolver } from './problem/lp.ts';

/** The solver of this build, loaded and warm. */
export const loadSolver = (): Promise<LpSolver> => HighsSolver.load();

/** One solver for all plans, loaded with the first of them and replaced after an abort. */
export function keptSolver(): () => Promise<LpSolver> {
  let loaded: Promise<LpSolver> | undefined;
  return async () => {
    if (loaded === undefined || (await loaded).aborted !== undefined) loaded = loadSolver();
    return loaded;
  };
}
