import { join } from 'node:path';
import { runChild } from '../sim/child-lines.ts';
import type { SeedReport } from './run-seed.ts';
import type { Invariant } from './violation.ts';

export interface SeedsOptions {
  readonly first: number;
  readonly count: number;
  /** Concurrent processes; each runs its share of the seeds one after the other. */
  readonly processes: number;
  /** Ends a run once this invariant is violated; absent: runs to the end. */
  readonly until?: Invariant;
  /** Further Node arguments. */
  readonly nodeArguments?: readonly string[];
  /** Extra environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called for each run; returning false ends all. */
  onReport(report: SeedReport): boolean;
}

/** Runs seeds in child processes; rejects if a process ends before its seeds have run. */
export async function runSeeds(options: SeedsOptions): Promise<void> {
  const { first, count, processes } = options;
  const stop = new AbortController();
  const shares = Array.from({ length: Math.min(processes, count) }, (_, at) => ({
    first: first + at,
    count: Math.ceil((count - at) / Math.min(processes, count)),
  }));
  try {
    await Promise.all(shares.map((share) => runShare(share, shares.length, options, stop)));
  } finally {
    stop.abort();
  }
}

async function runShare(
  share: { readonly first: number; readonly count: number },
  stride: number,
  options: SeedsOptions,
  stop: AbortController,
): Promise<void> {
  const { until, nodeArguments = [], environment = {} } = options;
  let done = 0;
  const end = await runChild({
    file: join(import.meta.dirname, 'seeds.child.ts'),
    args: [
      `--first=${share.first}`,
      `--count=${share.count}`,
      `--stride=${stride}`,
      ...(until === undefined ? [] : [`--until=${until}`]),
    ],
    nodeArguments,
    environment,
    signal: stop.signal,
    onLine: (line) => {
      done++;
      if (!options.onReport(JSON.parse(line) as SeedReport)) stop.abort();
    },
  });
  if (stop.signal.aborted || done === share.count) return;
  throw new Error(`seed ${share.first + done * stride}: the process ${end}`);
}
