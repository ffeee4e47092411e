import { HighsSolver } from '../optimise/highs-solver.ts';
import type { LpSolver } from '../optimise/lp.ts';

/** The solver of this build, loaded and warm. */
export const loadSolver = (): Promise<LpSolver> => HighsSolver.load();
