import type { ForecastTarget } from '../../forecast/registry/forecast-target.ts';
import { STEPS, STEP_S } from '../../forecast/registry/horizons.ts';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import { HISTORY_DAYS } from '../../../shared/forecast/features.ts';
import { LoadstoneError, unwrap } from '../../../shared/outcome/outcome.ts';
import type { Compute } from '../../../shared/ports/compute.ts';
import { SqliteForecastStore } from '../../forecast/serve/sqlite-forecast-store.ts';
import { Replayed } from '../../forecast/serve/replayed.ts';
import { JointSums } from '../../forecast/serve/sums/joint-sums.ts';
import { InputReader, type TargetInputs } from '../../forecast/serve/target-inputs.ts';
import { isFallbackAt } from '../../forecast/serve/vintages.ts';
import { weatherKindAt } from '../../forecast/serve/weather-kind.ts';
import { WEEK_DAYS } from '../../forecast/serve/week-ahead.ts';
import type { JobContext } from '../../jobs/job-runner.ts';
import type { ModelRegistry } from '../../forecast/registry/registry.ts';
import { sumForecast } from '../forecast/sum-forecast.ts';
import { membersOf } from '../inputs/sum-target.ts';
import { toWeekAhead } from '../forecast/week-ahead-forecast.ts';
import { weatherFor } from '../inputs/weather-mode.ts';
import type { BacktestTasks } from './backtest-tasks.ts';
import type { BacktestTask } from './contract.ts';
import { isNaive, NAIVE, type NaiveName } from './naive-names.ts';
import type { Made } from './predictions.ts';
import { Refitter, type RefitParts } from './refit.ts';

export interface ContenderParts extends RefitParts {
  readonly targets: readonly ForecastTarget[];
  readonly registry: Pick<ModelRegistry, 'get' | 'active' | 'bytes'>;
}

const STEP_MS = STEP_S * 1000;
/** Whether the task reaches beyond the models' horizon. Those steps come from the week-ahead member, fitted at each issue. */
const goesBeyondModels = ({ horizonMs }: BacktestTask): boolean => horizonMs > STEPS * STEP_MS;

/** The target with this id; for a sum, what its members have in common. LS-API-004: not forecast. */
export function targetOf({ targets }: Pick<ContenderParts, 'targets'>, id: string): ForecastTarget {
  const members = membersOf(id);
  const [first, ...others] = (members ?? [id]).map((member) => {
    const found = targets.find((each) => each.id === member);
    if (found === undefined) throw new LoadstoneError('LS-API-004', `${member} is not forecast`, '/body/target');
    return found;
  }) as [ForecastTarget, ...ForecastTarget[]];
  if (members === undefined) return first;
  return { ...first, id, gateway: false, parts: [first, ...others].map((each) => each.id) };
}

/** One model of a backtest. */
export interface Contender {
  readonly name: string;
  /** Undefined if too little was known. */
  issue(issuedAt: number, inputs: TargetInputs): Promise<Made | undefined>;
  close(): Promise<void>;
}

interface Run {
  readonly target: ForecastTarget;
  readonly task: BacktestTask;
  readonly context: JobContext;
  readonly warnings: string[];
}

/** Builds the forecasters of a backtest by their requested names. */
export async function contendersOf(parts: ContenderParts, run: Run): Promise<Contender[]> {
  const contenders: Contender[] = [];
  const members = membersOf(run.target.id);
  try {
    for (const name of run.task.models) {
      if (isNaive(name)) contenders.push(naiveContender(parts.compute, run, name));
      else if (members === undefined) contenders.push(contender(name, await modelOf(parts, run, name)));
      else contenders.push(contender(name, await sumOf(parts, run, members)));
    }
  } catch (error) {
    // A model may have been removed meanwhile; unload those loaded before it.
    for (const each of contenders) await each.close();
    throw error;
  }
  return contenders;
}

const naiveContender = (compute: Compute<BacktestTasks>, { task }: Run, name: NaiveName): Contender => ({
  name,
  issue: async (issuedAt, { load, context: history }) => {
    if (load.values.every(Number.isNaN)) return undefined;
    const steps = goesBeyondModels(task) ? WEEK_DAYS * 96 : STEPS;
    const { start, values } = await compute.run('naiveForecast', { baseline: NAIVE[name], history, steps });
    return { issuedAt, start, stepMs: STEP_MS, values, isFallbackAt: () => false, weatherAt: () => 'none' };
  },
  close: async () => undefined,
});

/** Makes the forecasts of a contender. */
interface Forecaster {
  /** Undefined if too little was known. */
  readonly forecast: (issuedAt: number, inputs: TargetInputs) => Promise<Forecast | undefined>;
  readonly close: () => Promise<void>;
}

const contender = (name: string, { forecast, close }: Forecaster): Contender => ({
  name,
  issue: async (issuedAt, inputs) => {
    const whole = await forecast(issuedAt, inputs);
    if (whole === undefined) return undefined;
    const { start, values } = whole;
    return {
      issuedAt,
      start,
      stepMs: STEP_MS,
      values,
      isFallbackAt: (step) => isFallbackAt(whole, step),
      weatherAt: (step) => weatherKindAt(whole, step),
    };
  },
  close,
});

/**
 * A sum as it would have been issued: each member by its active model, and the joint distribution of their errors from what this backtest
 * has forecast and seen by then, or, until that suffices, from the mean of the week. Returns nothing while neither is known.
 */
async function sumOf(parts: ContenderParts, run: Run, ids: readonly string[]): Promise<Forecaster> {
  const { task, context } = run;
  const store = new SqliteForecastStore(':memory:');
  store.open();
  const joint = new JointSums(store);
  const members: { readonly id: string; readonly reader: InputReader; readonly made: Forecaster }[] = [];
  const close = async (): Promise<void> => {
    for (const { made } of members) await made.close();
    store.close();
  };
  try {
    for (const id of ids) {
      const target = targetOf(parts, id);
      const reader = new InputReader(parts.load, weatherFor(task.weather, parts.weather, task.seed), [target]);
      members.push({ id, reader, made: await modelOf(parts, { ...run, target }, 'active') });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    forecast: async (issuedAt) => {
      const said: Forecast[] = [];
      for (const { id, reader, made } of members) {
        context.check();
        const end = Math.floor(issuedAt / STEP_MS) * STEP_MS;
        const inputs = await reader.read(id, { end, days: HISTORY_DAYS + 1, ahead: STEPS, asOf: issuedAt });
        const forecast = await made.forecast(issuedAt, inputs);
        if (forecast === undefined) return undefined;
        const issued: Forecast = { ...forecast, id: `${id}/${issuedAt}`, kind: 'issued' };
        await store.put([issued]);
        await joint.learn(id, issued.start, inputs.context);
        said.push(issued);
      }
      const together = await joint.sum(said);
      return together && sumForecast({ id: `${run.target.id}/${issuedAt}`, target: run.target.id }, said, together);
    },
    close,
  };
}

async function modelOf(parts: ContenderParts, run: Run, name: string): Promise<Forecaster> {
  const { registry, inference } = parts;
  const { target, task, context, warnings } = run;
  const entry = await (name === 'active' ? registry.active(target.id, 'cloud') : registry.get(name));
  if (entry === undefined || entry.manifest.target !== target.id)
    throw new LoadstoneError('LS-MODEL-002', `${target.id} has no model "${name}"`, '/body/models');
  const loadedAs = `backtest/${context.id}/${entry.manifest.id}`;
  const bytes = await registry.bytes(entry.manifest.sha256);
  if (bytes === undefined)
    throw new LoadstoneError('LS-MODEL-001', `the bytes of ${entry.manifest.id} are not stored`, '/body/models');
  unwrap(await inference.load(loadedAs, bytes));
  const refits = name === 'active' && task.refitMs !== null;
  const refitter = refits
    ? new Refitter(parts, { target, everyMs: task.refitMs!, name: loadedAs, weather: task.weather })
    : undefined;
  if (!refits && entry.manifest.trainedUpTo > task.issues[0]!)
    warnings.push(
      `${entry.manifest.id} was trained on measurements up to ${new Date(entry.manifest.trainedUpTo).toISOString()}, after the first issue: its errors look too small`,
    );
  const replayed = new Replayed(target, { inference, horizon: { steps: STEPS, stepS: STEP_S } });
  let model: ModelManifest = { ...entry.manifest, id: loadedAs };
  return {
    forecast: async (issuedAt, inputs) => {
      const fitted = await refitter?.due(issuedAt);
      if (fitted !== undefined) {
        if (fitted.ok) model = fitted.value;
        else
          warnings.push(
            `refit at ${new Date(issuedAt).toISOString()} failed: ${fitted.fault.detail}; the previous model stays in use`,
          );
      }
      const made = await replayed.issue(issuedAt, inputs, model);
      if (!made.ok) return undefined;
      const { failed, forecast } = made.value;
      const near: Forecast = { ...forecast, fallback: failed && { ...failed, since: issuedAt } };
      const reach = { target, asOf: issuedAt, weather: task.weather };
      return goesBeyondModels(task) ? toWeekAhead(parts, near, reach) : near;
    },
    close: () => inference.unload(loadedAs),
  };
}
