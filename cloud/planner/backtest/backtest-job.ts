import { createHash } from 'node:crypto';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { HISTORY_DAYS } from '../../../shared/forecast/features.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { fromNullable, screened, valueAt } from '../../../shared/forecast/series.ts';
import { LoadstoneError, unwrap } from '../../../shared/outcome/outcome.ts';
import type { Compute } from '../../../shared/ports/compute.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { LiveBlends } from '../../forecast/blend/live-blends.ts';
import type { ForecastTarget, LoadSource } from '../../forecast/inputs.ts';
import { makeForecast, STEP_S, STEPS } from '../../forecast/issuer.ts';
import { InputReader, type TargetInputs } from '../../forecast/target-inputs.ts';
import { Verification } from '../../forecast/verification.ts';
import { isFallbackAt } from '../../forecast/vintages.ts';
import { WEEK_DAYS } from '../../forecast/week-ahead.ts';
import type { JobContext } from '../../jobs/job-runner.ts';
import type { ModelRegistry } from '../../models/registry.ts';
import type { Exclusions } from '../inputs/annotated-load.ts';
import type { PlannerTasks } from '../planner-tasks.ts';
import { weatherFor } from '../weather-mode.ts';
import { toWeekAhead } from '../week-ahead-forecast.ts';
import type { BacktestStore } from './backtest-store.ts';
import { type BacktestTask, isNaive, NAIVE, type NaiveName } from './contract.ts';
import { type Made, PredictionBook } from './predictions.ts';
import { Refitter, type RefitParts } from './refit.ts';

export interface BacktestParts extends RefitParts {
  readonly clock: Clock;
  readonly targets: readonly ForecastTarget[];
  /** The load without annotated outages, and what they touch. */
  readonly load: LoadSource & Partial<Exclusions>;
  readonly registry: Pick<ModelRegistry, 'get' | 'active' | 'bytes'>;
  readonly backtests: Pick<BacktestStore, 'put'>;
  codeVersion(): string;
}

const STEP_MS = STEP_S * 1000;
/** Whether steps behind the models' horizon are asked for: those are of the week-ahead member, fitted at each issue. */
const goesBeyondModels = ({ horizonMs }: BacktestTask): boolean => horizonMs > STEPS * STEP_MS;
/** A naive forecaster learns its quantiles from so many days. */
const NAIVE_DAYS = 28;

/** Makes every forecast that the models would have issued from what was known at each issue, scores them, and keeps all of it. */
export async function backtestJob(parts: BacktestParts, task: BacktestTask, context: JobContext): Promise<string> {
  const target = parts.targets.find(({ id }) => id === task.target);
  if (target === undefined)
    throw new LoadstoneError('LS-FORECAST-002', `${task.target} is not forecast`, '/body/target');
  const warnings: string[] = [];
  const contenders = await contendersOf(parts, { target, task, context, warnings });
  const reader = new InputReader(parts.load, weatherFor(task.weather, parts.weather), [target]);
  const names = contenders.map(({ name }) => name);
  const range = { from: task.start, to: task.end, resolutionMs: task.resolutionS * 1000 };
  const book = new PredictionBook(names, range);
  try {
    for (const [index, issuedAt] of task.issues.entries()) {
      context.check();
      const end = Math.floor(issuedAt / STEP_MS) * STEP_MS;
      const inputs = await reader.read(target.id, { end, days: HISTORY_DAYS + 1, ahead: STEPS, asOf: issuedAt });
      for (const [model, contender] of contenders.entries()) {
        // Who asks for the newest forecast meanwhile is answered in between.
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
    throw new LoadstoneError(
      'LS-FORECAST-002',
      `nothing was known of ${target.id} at any of the issues`,
      '/body/start',
    );
  const { load, scored } = await actualOf(parts, task);
  context.check();
  const scores = await parts.compute.run('scoreBacktest', {
    target: target.id,
    predictions,
    load,
    zone: task.zone,
    importLimitKw: task.importLimitKw,
    seed: task.seed,
  });
  const id = `bt_${context.id.replace(/^job_/, '')}`;
  const { issues, ...kept } = task;
  parts.backtests.put(
    {
      id,
      createdAt: parts.clock.plant.now(),
      task: kept,
      issues: issues.length,
      rows: scores.rows,
      differences: scores.differences,
      dataSha256: createHash('sha256').update(new Uint8Array(load.values.buffer)).digest('hex'),
      scored,
      predictionRows: predictions.count,
      codeVersion: parts.codeVersion(),
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

/** The load as it is known today, screened, on the grid of the backtest. */
async function actualOf(parts: BacktestParts, task: BacktestTask) {
  const { target, start, end, resolutionS } = task;
  const fine = fromNullable((await parts.load.intervals({ target, start, end, resolutionS: STEP_S })).values);
  const { values } = screened({ start, stepS: STEP_S, values: fine }).series;
  const factor = (resolutionS * 1000) / STEP_MS;
  const load = Float64Array.from({ length: Math.floor(values.length / factor) }, (_, step) => {
    let sum = 0;
    for (let index = step * factor; index < (step + 1) * factor; index++) sum += values[index]!;
    return sum / factor;
  });
  const outage = parts.load.excluded?.(target, { start, end, resolutionS }) ?? new Uint8Array(load.length);
  const unknown = load.reduce((count, value) => count + Number(Number.isNaN(value)), 0);
  const out = load.reduce((count, value, step) => count + Number(Number.isNaN(value) && outage[step] === 1), 0);
  return {
    load: { start, stepMs: resolutionS * 1000, values: load },
    scored: { known: load.length - unknown, outage: out, missing: unknown - out },
  };
}

/** One model of a backtest. */
interface Contender {
  readonly name: string;
  /** Undefined where it knew too little to say anything. */
  issue(issuedAt: number, inputs: TargetInputs): Promise<Made | undefined>;
  close(): Promise<void>;
}

interface Run {
  readonly target: ForecastTarget;
  readonly task: BacktestTask;
  readonly context: JobContext;
  readonly warnings: string[];
}

async function contendersOf(parts: BacktestParts, run: Run): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const name of run.task.models)
    contenders.push(isNaive(name) ? naiveContender(parts.compute, run, name) : await modelContender(parts, run, name));
  return contenders;
}

const naiveContender = (compute: Compute<PlannerTasks>, { task }: Run, name: NaiveName): Contender => ({
  name,
  issue: async (issuedAt, { load }) => {
    if (load.values.every(Number.isNaN)) return undefined;
    const first = Math.max(0, load.values.length - NAIVE_DAYS * 96);
    const history = { ...load, start: load.start + first * STEP_MS, values: load.values.slice(first) };
    const steps = goesBeyondModels(task) ? WEEK_DAYS * 96 : STEPS;
    const { start, values } = await compute.run('naiveForecast', { baseline: NAIVE[name], history, steps });
    return { issuedAt, start, stepMs: STEP_MS, values, isFallbackAt: () => false };
  },
  close: async () => undefined,
});

async function modelContender(parts: BacktestParts, run: Run, name: string): Promise<Contender> {
  const { registry, inference } = parts;
  const { target, task, context, warnings } = run;
  const entry = name === 'active' ? registry.active(target.id, 'cloud') : registry.get(name);
  if (entry === undefined || entry.manifest.target !== target.id)
    throw new LoadstoneError('LS-MODEL-002', `${name}: there is no such model of ${target.id}`, '/body/models');
  const loadedAs = `backtest/${context.id}/${entry.manifest.id}`;
  const bytes = registry.bytes(entry.manifest.sha256);
  if (bytes === undefined)
    throw new LoadstoneError('LS-MODEL-001', `the bytes of ${entry.manifest.id} are not there`, '/body/models');
  unwrap(await inference.load(loadedAs, bytes));
  const refits = name === 'active' && task.refitMs !== null;
  const refitter = refits
    ? new Refitter(parts, { target, everyMs: task.refitMs!, name: loadedAs, weather: task.weather })
    : undefined;
  if (!refits && entry.manifest.trainedUpTo > task.issues[0]!)
    warnings.push(
      `${entry.manifest.id} was trained on measurements up to ${new Date(entry.manifest.trainedUpTo).toISOString()}, after the first issue: its errors are too small`,
    );
  const verification = new Verification(QUANTILES, { steps: STEPS, stepS: STEP_S });
  const blends = new LiveBlends();
  const calendars = new Map<string, LocalCalendar>();
  let model: ModelManifest = { ...entry.manifest, id: loadedAs };
  return {
    name,
    issue: async (issuedAt, inputs) => {
      const fitted = await refitter?.due(issuedAt);
      if (fitted !== undefined) {
        if (fitted.ok) model = fitted.value;
        else
          warnings.push(`refit at ${new Date(issuedAt).toISOString()}: ${fitted.fault.detail}; the one before went on`);
      }
      const { start, values } = inputs.load;
      const end = start + values.length * STEP_MS;
      const actual = (time: number): number => valueAt(inputs.load, time);
      verification.settle(end, actual);
      const blend = blends.of(target.id, model);
      blend?.settle(end, actual);
      const made = await makeForecast({
        target,
        issuedAt,
        inputs,
        model,
        blend: blend && { weights: blend.weights(), issued: (first, said) => blend.issued(first, said) },
        noModel: 'LS-FORECAST-001: no model',
        inference,
        verification,
        calendars,
      });
      if (!made.ok) return undefined;
      const { failed, forecast } = made.value;
      const near: Forecast = { ...forecast, fallback: failed && { ...failed, since: issuedAt } };
      const reach = { target, asOf: issuedAt, weather: task.weather };
      const whole = goesBeyondModels(task) ? await toWeekAhead(parts, near, reach) : near;
      return {
        issuedAt,
        start: whole.start,
        stepMs: STEP_MS,
        values: whole.values,
        isFallbackAt: (step) => isFallbackAt(whole, step),
      };
    },
    close: () => inference.unload(loadedAs),
  };
}
