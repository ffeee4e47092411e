import type { Compute } from '../../shared/ports/compute.ts';
import { computePool } from '../compute/compute-pool.ts';
import { inlineCompute } from '../compute/inline-compute.ts';
import { dispatchTasks, type DispatchTasks } from './tasks.ts';
import { keptSolver } from './compose-solver.ts';

/** The optimiser on a pool of worker threads. A thread loads its solver with the first plan and ends after a minute without one. */
export const dispatchPool = (
  threads: number,
  file = new URL('./optimise.worker.ts', import.meta.url),
): Compute<DispatchTasks> => computePool<DispatchTasks>({ file, threads, lane: 'plan' });

/** The optimiser in the caller's own thread, for virtual time. */
export function dispatchInline(): Compute<DispatchTasks> {
  return inlineCompute(dispatchTasks(keptSolver()));
}
