import type { Region } from '../../shared/contracts/region.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import { computePool } from '../compute/compute-pool.ts';
import { inlineCompute } from '../compute/inline-compute.ts';
import { estimateTasks, type EstimateTasks } from './tasks.ts';

/** The estimate on threads of its own, so that a judgement of an hour holds up neither ingest nor the API. */
export const estimatePool = (region: Region, threads: number): Compute<EstimateTasks> =>
  computePool<EstimateTasks>({
    file: new URL('estimate.worker.ts', import.meta.url),
    threads: Math.min(threads, region.substations.length),
    lane: 'estimate',
    data: region.substations,
  });

/** The estimate in the caller's own thread, for virtual time. */
export const estimateInline = (region: Region): Compute<EstimateTasks> =>
  inlineCompute(estimateTasks(region.substations));
