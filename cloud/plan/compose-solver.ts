import { HighsSolver } from './search/highs-solver.ts';
import type { LpSolver } from './problem/lp.ts';

/** The solver of this build, loaded and warm. */
export const loadSolver = (): Promise<LpSolver> => HighsSolver.load();
