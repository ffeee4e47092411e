import { join } from 'node:path';
import { runChild } from '../sim/child-lines.ts';
import type { SeedReport } from './run-seed.ts';
import type { Invariant } from './violation.ts';

export interface SeedsOptions {
  readonly first: number;
  readonly count: number;
  /** Processes at once; each runs its share of the seeds one after the other. */
  readonly processes: number;
  /** A run ends once this invariant does not hold; absent: at its end. */
  readonly until?: Invariant;
  /** Further arguments of Node. */
  readonly nodeArguments?: readonly string[];
  /** Beside the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Told of each run; false ends all. */
  onReport(report: SeedReport): boolean;
}

/** Runs seeds in processes of their own; rejects where a process ends before its seeds have run. */
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
