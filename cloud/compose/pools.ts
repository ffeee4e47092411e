import type { Compute } from '../../shared/ports/compute.ts';
import { computePool } from '../compute/compute-pool.ts';
import { countedCompute, type CountedCompute } from '../compute/counted-compute.ts';
import type { CloudConfig } from '../config.ts';
import type { ForecastTasks } from '../forecast/serve/forecast-tasks.ts';
import { forecastWorker } from '../forecast/serve/worker-files.ts';
import { dispatchPool } from '../plan/compose-compute.ts';
import type { DispatchTasks } from '../plan/tasks.ts';
import type { PlannerTasks } from '../planner/planner-tasks.ts';
import { plannerWorker } from '../planner/worker-file.ts';
import type { ByLane } from '../task-queue/lanes.ts';

/** Heavy work by lane, wherever it runs. */
export interface HeavyWork {
  readonly plan: Compute<DispatchTasks>;
  readonly train: Compute<ForecastTasks>;
  readonly planner: Compute<PlannerTasks>;
}

export const threadsOf = ({ dispatch, forecast }: Pick<CloudConfig, 'dispatch' | 'forecast'>): ByLane<number> => ({
  plan: dispatch.workers,
  train: forecast.workers,
  // A long job and a short one run in parallel, each with one task at a time.
  planner: 2,
});

/** The same on threads of this process. */
export interface OwnThreads extends HeavyWork {
  readonly plan: CountedCompute<DispatchTasks>;
  readonly train: CountedCompute<ForecastTasks>;
  readonly planner: CountedCompute<PlannerTasks>;
}

/** Threads of this process for heavy work, started with the first tasks. */
export function heavyPools(config: Pick<CloudConfig, 'dispatch' | 'forecast'>): OwnThreads {
  const threads = threadsOf(config);
  return {
    plan: countedCompute(dispatchPool(threads.plan)),
    train: countedCompute(computePool<ForecastTasks>({ file: forecastWorker, threads: threads.train, lane: 'train' })),
    planner: countedCompute(
      computePool<PlannerTasks>({ file: plannerWorker, threads: threads.planner, lane: 'planner' }),
    ),
  };
}

export async function closeWork({ plan, train, planner }: HeavyWork): Promise<void> {
  await Promise.all([plan, train, planner].map((each) => each.close()));
}
