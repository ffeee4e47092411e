import { Piscina } from 'piscina';
import type { Compute, TaskTable } from '../../shared/ports/compute.ts';

/**
 * Nice increments by lane (0 to 19): first what people look at now, then plans for gateways, then what people have requested, last what
 * improves later forecasts.
 */
const lanes = { estimate: 5, plan: 10, planner: 15, train: 19 } as const;

export interface ComputePoolOptions {
  /** Worker file whose default export runs { name, input }. */
  readonly file: URL;
  readonly threads: number;
  /** Given to every thread once, at its start. */
  readonly data?: unknown;
  /** Absent: normal priority. */
  readonly lane?: keyof typeof lanes;
}

/** A thread may die once during a task that is not to blame; a task that ends two threads is refused. */
const ATTEMPTS = 2;

/**
 * The Compute port on a pool of worker threads, one task per thread. Threads start with waiting tasks and end after a minute without one,
 * because each has a heap of its own. A thread that dies is replaced and its task runs once more; a task that fails by itself rejects at
 * once.
 */
export function computePool<Tasks extends TaskTable>(options: ComputePoolOptions): Compute<Tasks> {
  let pool: Piscina | undefined;
  return {
    run: async (name, input) => {
      for (let attempt = 1; ; attempt++) {
        pool ??= open(options);
        try {
          return (await pool.run({ name, input })) as never;
        } catch (error) {
          if (attempt === ATTEMPTS || !isDeath(error)) throw error;
        }
      }
    },
    close: async () => {
      await pool?.destroy();
      pool = undefined;
    },
  };
}

function open({ file, threads, data, lane }: ComputePoolOptions): Piscina {
  const pool = new Piscina({
    filename: file.href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 60_000,
    // An idle thread then waits in its event loop, where V8 collects what the last task left.
    atomics: 'disabled',
    concurrentTasksPerWorker: 1,
    workerData: data,
    niceIncrement: lane === undefined ? 0 : lanes[lane],
  });
  // A death without a task: the pool has already replaced the thread. With a task, the task gets the error.
  pool.on('error', () => undefined);
  return pool;
}

const isDeath = (error: unknown): boolean =>
  error instanceof Error &&
  (error.message.startsWith('worker exited') || ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'));
