import type { Region } from '../../shared/contracts/region.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import { computePool } from '../compute/compute-pool.ts';
import { inlineCompute } from '../compute/inline-compute.ts';
import { estimateTasks, type EstimateTasks } from './tasks.ts';

/** Runs the estimate on its own threads, so that judging an hour blocks neither ingest nor the API. */
export const estimatePool = (region: Region, threads: number): Compute<EstimateTasks> =>
  computePool<EstimateTasks>({
    file: new URL('estimate.worker.ts', import.meta.url),
    threads: Math.min(threads, region.substations.length),
    lane: 'estimate',
    data: region.substations,
  });

/** Runs the estimate on the caller's thread, for virtual time. */
export const estimateInline = (region: Region): Compute<EstimateTasks> =>
  inlineCompute(estimateTasks(region.substations));
