import { STEPS, STEP_S } from '../../forecast/registry/horizons.ts';
import { createHash } from 'node:crypto';
import { HISTORY_DAYS } from '../../../shared/forecast/features.ts';
import { fromNullable, screened } from '../../../shared/forecast/series.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { spreadSpan } from '../../forecast/serve/load-spread.ts';
import { InputReader } from '../../forecast/serve/target-inputs.ts';
import type { JobContext } from '../../jobs/job-runner.ts';
import type { Exclusions } from '../inputs/annotated-load.ts';
import { membersOf } from '../inputs/sum-target.ts';
import { weatherFor } from '../inputs/weather-mode.ts';
import type { BacktestStore } from './backtest-store.ts';
import { codeVersion } from './code-version.ts';
import { type ContenderParts, contendersOf, targetOf } from './contenders.ts';
import type { BacktestTask } from './contract.ts';
import { type Made, PredictionBook } from './predictions.ts';

export interface BacktestParts extends ContenderParts {
  readonly clock: Clock;
  /** The load without annotated outages, and the steps that they touch. */
  readonly load: ContenderParts['load'] & Partial<Exclusions>;
  readonly backtests: Pick<BacktestStore, 'put'>;
}

const STEP_MS = STEP_S * 1000;

/** Makes every forecast that the models would have issued from what was known at each issue, scores them, and stores everything. */
export async function backtestJob(parts: BacktestParts, task: BacktestTask, context: JobContext): Promise<string> {
  const target = targetOf(parts, task.target);
  const warnings: string[] = [];
  const contenders = await contendersOf(parts, { target, task, context, warnings });
  // A sum has no location and thus no weather of its own; its members read theirs.
  const weather = membersOf(target.id) === undefined ? weatherFor(task.weather, parts.weather, task.seed) : undefined;
  const reader = new InputReader(parts.load, weather, [target]);
  const names = contenders.map(({ name }) => name);
  const range = { from: task.start, to: task.end, resolutionMs: task.resolutionS * 1000 };
  const book = new PredictionBook(names, range);
  try {
    for (const [index, issuedAt] of task.issues.entries()) {
      context.check();
      const end = Math.floor(issuedAt / STEP_MS) * STEP_MS;
      const inputs = await reader.read(target.id, { end, days: HISTORY_DAYS + 1, ahead: STEPS, asOf: issuedAt });
      for (const [model, contender] of contenders.entries()) {
        // Yields, so that requests are answered meanwhile.
        await new Promise(setImmediate);
        const made = await contender.issue(issuedAt, inputs);
        if (made !== undefined) book.add(model, cut(made, task.horizonMs));
      }
      context.progress((0.9 * (index + 1)) / task.issues.length);
    }
  } finally {
    for (const contender of contenders) await contender.close();
  }
  const predictions = book.all();
  if (predictions.count === 0)
    throw new LoadstoneError('LS-API-007', `${target.id} has no data at any issue time`, '/body/start');
  const { load, history, scored } = await actualOf(parts, task);
  context.check();
  const scores = await parts.compute.run('scoreBacktest', {
    target: target.id,
    predictions,
    load,
    history,
    zone: task.zone,
    importLimitKw: task.importLimitKw,
    excluded: { badQuality: scored.badQuality, outage: scored.outage, missing: scored.missing },
    seed: task.seed,
  });
  const id = `bt_${context.id.replace(/^job_/, '')}`;
  const { issues, ...stored } = task;
  await parts.backtests.put(
    {
      id,
      createdAt: parts.clock.plant.now(),
      task: stored,
      issues: issues.length,
      rows: scores.rows,
      differences: scores.differences,
      dataSha256: createHash('sha256').update(new Uint8Array(load.values.buffer)).digest('hex'),
      scored,
      predictionRows: predictions.count,
      codeVersion: codeVersion(),
      warnings: [...new Set(warnings)],
    },
    scores.parquet,
  );
  return `/v1/backtests/${id}`;
}

const cut = (made: Made, horizonMs: number): Made => {
  const steps = Math.max(0, Math.floor((made.issuedAt + horizonMs - made.start) / made.stepMs));
  return { ...made, values: made.values.map((row) => row.slice(0, steps)) };
};

/** The load as known today, screened, on the grid of the backtest: its span, and the longer one that scales its errors. */
async function actualOf(parts: BacktestParts, task: BacktestTask) {
  const { target, start, end, resolutionS } = task;
  const stepMs = resolutionS * 1000;
  const wide = spreadSpan(task);
  const first = Math.floor((start - wide.start) / stepMs);
  const from = start - first * stepMs;
  const to = Math.min(wide.end, Math.max(end, Math.floor(parts.clock.plant.now() / stepMs) * stepMs));
  const read = { target, start: from, end: to, resolutionS: STEP_S };
  const fine = fromNullable((await parts.load.intervals(read)).values);
  const { values } = screened({ start: from, stepS: STEP_S, values: fine }).series;
  const factor = stepMs / STEP_MS;
  const coarse = (of: Float64Array): Float64Array =>
    Float64Array.from({ length: Math.floor(of.length / factor) }, (_, step) => {
      let sum = 0;
      for (let index = step * factor; index < (step + 1) * factor; index++) sum += of[index]!;
      return sum / factor;
    });
  const whole = coarse(values);
  const last = first + Math.floor((end - start) / stepMs);
  const [load, measured] = [whole.slice(first, last), coarse(fine).slice(first, last)];
  const outage = (await parts.load.excluded?.(target, { start, end, resolutionS })) ?? new Uint8Array(load.length);
  const excluded = { badQuality: 0, outage: 0, missing: 0 };
  let known = 0;
  for (const [step, value] of load.entries())
    if (!Number.isNaN(value)) known++;
    else excluded[outage[step] === 1 ? 'outage' : Number.isNaN(measured[step]!) ? 'missing' : 'badQuality']++;
  return {
    load: { start, stepMs, values: load },
    history: { start: from, stepMs, values: whole },
    scored: { known, ...excluded },
  };
}
