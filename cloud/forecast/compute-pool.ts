import { Piscina } from 'piscina';
import type { Compute, TaskTable } from '../../shared/ports/compute.ts';

export interface ComputePoolOptions {
  /** Worker file whose default export runs { name, input }. */
  readonly file: URL;
  readonly threads: number;
}

/** The Compute port on a pool of worker threads; threads start with the first task and end after a minute without one. */
export function computePool<Tasks extends TaskTable>(options: ComputePoolOptions): Compute<Tasks> {
  let pool: Piscina | undefined;
  return {
    run: (name, input) => {
      pool ??= new Piscina({
        filename: options.file.href,
        minThreads: 0,
        maxThreads: options.threads,
        idleTimeout: 60_000,
        concurrentTasksPerWorker: 1,
      });
      return pool.run({ name, input }) as never;
    },
    close: async () => {
      await pool?.destroy();
      pool = undefined;
    },
  };
}

export const forecastWorker = new URL('./forecast.worker.ts', import.meta.url);
