import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from '../sim/child-lines.ts';
import type { ArmId } from './protocol.ts';
import type { ArmRun } from './run-arm.ts';
import type { Scenario } from './scenario.ts';

/** One seed of a tier, with the arms to run. */
export interface SeedJob {
  readonly seed: number;
  readonly name: string;
  readonly scenario: Scenario;
  readonly hours: number;
  readonly trains: boolean;
  readonly arms: readonly ArmId[];
}

export interface RunsOptions {
  /** Named by the hashes of code and protocol, so that its results belong to exactly these. */
  readonly folder: string;
  readonly processes: number;
  /** True ignores results already in the folder. */
  readonly fresh: boolean;
  readonly onRun: (run: ArmRun, isCached: boolean) => void;
}

/** Runs the jobs that have no result yet. Each result is saved at once, so that a later call resumes. */
export async function runJobs(jobs: readonly SeedJob[], options: RunsOptions): Promise<void> {
  mkdirSync(options.folder, { recursive: true });
  const left = jobs.flatMap((job) => {
    const arms = job.arms.filter((arm) => {
      const cached = options.fresh ? undefined : read(fileOf(options.folder, job, arm));
      if (cached !== undefined) options.onRun(cached, true);
      return cached === undefined;
    });
    return arms.length === 0 ? [] : [{ ...job, arms }];
  });
  const shared = spread(left, options.processes);
  const stop = new AbortController();
  const hand = async (): Promise<void> => {
    for (let job = shared.shift(); job !== undefined; job = shared.shift()) await runJob(job, options, stop.signal);
  };
  try {
    await Promise.all(Array.from({ length: options.processes }, hand));
  } finally {
    stop.abort();
  }
}

/** Keeps each seed in one process, which trains its models once. Seeds left over after full rounds of all processes are split by arm. */
export function spread(jobs: readonly SeedJob[], processes: number): SeedJob[] {
  const whole = jobs.length - (jobs.length % processes);
  return jobs.flatMap((job, at) => (at < whole ? [job] : job.arms.map((arm) => ({ ...job, arms: [arm] }))));
}

const fileOf = (folder: string, { name, hours, trains, seed }: SeedJob, arm: ArmId): string =>
  join(folder, `${name}-${hours}h${trains ? '' : '-untrained'}-${seed}-${arm}.json`);

function read(file: string): ArmRun | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ArmRun;
  } catch {
    return undefined;
  }
}

async function runJob(job: SeedJob, { folder, onRun }: RunsOptions, signal: AbortSignal): Promise<void> {
  let done = 0;
  const end = await runChild({
    file: join(import.meta.dirname, 'prove.child.ts'),
    args: [JSON.stringify(job)],
    signal,
    onLine: (line) => {
      const run = JSON.parse(line) as ArmRun;
      const file = fileOf(folder, job, run.arm);
      writeFileSync(`${file}.part`, line);
      renameSync(`${file}.part`, file);
      done++;
      onRun(run, false);
    },
  });
  if (done === job.arms.length || signal.aborted) return;
  throw new Error(`${job.name}, seed ${job.seed}, arm ${job.arms[done]}: the run ${end}`);
}
