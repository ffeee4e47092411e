import type { ForecastTarget } from '../../forecast/registry/forecast-target.ts';
import { STEPS, STEP_S } from '../../forecast/registry/horizons.ts';
import { Type, type Static } from 'typebox';
import { ForecastLoad, type Forecast } from '../../../shared/contracts/forecast.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { catalogue, type ErrorCode } from '../../../shared/outcome/catalogue.ts';
import { LoadstoneError, unwrap } from '../../../shared/outcome/outcome.ts';
import type { Inference } from '../../../shared/ports/inference.ts';
import type { ForecastService } from '../../forecast/serve/forecast-service.ts';
import { makeForecast } from '../../forecast/serve/issuer.ts';
import { InputReader } from '../../forecast/serve/target-inputs.ts';
import { Verification } from '../../forecast/serve/verification.ts';
import { HISTORY_DAYS } from '../../../shared/forecast/features.ts';
import type { JobContext } from '../../jobs/job-runner.ts';
import type { ModelRegistry } from '../../forecast/registry/registry.ts';
import { Splits } from '../../forecast/serve/splits.ts';
import { JointSums } from '../../forecast/serve/sums/joint-sums.ts';
import { isRemainder } from '../../forecast/serve/sums/remainder.ts';
import type { LoadSeries } from '../../../shared/forecast/series.ts';
import type { CommandedSources } from './commanded.ts';
import { withDevices } from './load-kind.ts';
import { sumForecast } from './sum-forecast.ts';
import { membersOf } from '../inputs/sum-target.ts';
import { toWeekAhead } from './week-ahead-forecast.ts';
import { issuedWeekAhead, type IssuedWeekParts } from './week-ahead-issuer.ts';
import { weatherFor } from '../inputs/weather-mode.ts';

/** An accepted forecast job. Times in ms UTC. */
export const ForecastTask = Type.Object({
  target: Type.String(),
  /** Absent: uncontrolled. */
  load: Type.Optional(ForecastLoad),
  /** Null: now. */
  asOf: Type.Union([Type.Integer(), Type.Null()]),
  model: Type.String(),
  weather: Type.Union([Type.Literal('vintage'), Type.Literal('actual'), Type.Literal('none')]),
  fallback: Type.Union([Type.Literal('allow'), Type.Literal('fail')]),
  /** Extends to the end of the seventh day, beyond the models' horizon. */
  weekAhead: Type.Optional(Type.Boolean()),
  /** Query string of the result: which part of the forecast to show. */
  show: Type.String(),
});
export type ForecastTask = Static<typeof ForecastTask>;

export interface ForecastJobParts extends IssuedWeekParts {
  readonly service: Pick<ForecastService, 'newest' | 'issue' | 'joint'>;
  readonly targets: readonly ForecastTarget[];
  readonly registry: Pick<ModelRegistry, 'get' | 'active' | 'bytes'>;
  readonly inference: Inference;
  readonly commanded: CommandedSources;
  newId(): string;
}

const STEP_MS = STEP_S * 1000;

/**
 * Makes the requested forecast. As of now and by the active model, it is the issued one: the newest if it starts in the current quarter of
 * an hour, else a new one. Anything else is a reconstruction, stored but never among the issued ones. So is the load with its devices,
 * which is derived from the uncontrolled load.
 */
export async function forecastJob(parts: ForecastJobParts, task: ForecastTask, context: JobContext): Promise<string> {
  const members = membersOf(task.target);
  const plain = members === undefined ? await single(parts, task, task.target) : await sum(parts, task, members);
  const fallback = plain.fallback ?? plain.extension?.fallback ?? null;
  if (task.fallback === 'fail' && fallback !== null) throw faultOf(fallback.reason);
  const { load = 'uncontrolled' } = task;
  const asOf = task.asOf ?? parts.clock.plant.now();
  const forecast =
    load === 'uncontrolled'
      ? plain
      : await withDevices(plain, load, { sources: parts.commanded, asOf, id: parts.newId() });
  if (forecast.kind !== 'issued' || members !== undefined || forecast !== plain) await parts.store.put([forecast]);
  context.check();
  return `/v1/forecasts/${forecast.id}${task.show === '' ? '' : `?${task.show}`}`;
}

async function single(parts: ForecastJobParts, task: ForecastTask, id: string): Promise<Forecast> {
  const target = targetOf(parts, id);
  if (!isAsIssued(task)) return (await reconstructed(parts, target, task)).forecast;
  const near = await issued(parts, id);
  if (task.weekAhead !== true) return near;
  if (isRemainder(near))
    throw new LoadstoneError(
      'LS-FORECAST-011',
      `${id} is forecast up to 48 h ahead and no further, because it has no measurements of its own`,
      // Without a horizon, it is the start that lies beyond.
      new URLSearchParams(task.show).has('horizon') ? '/body/horizon' : '/body/start',
    );
  return issuedWeekAhead(parts, target, near);
}

function targetOf({ targets }: ForecastJobParts, id: string): ForecastTarget {
  const target = targets.find((each) => each.id === id);
  if (target === undefined) throw new LoadstoneError('LS-API-004', `${id} is not forecast`, '/body/target');
  return target;
}

const isAsIssued = ({ asOf, model, weather }: ForecastTask): boolean =>
  asOf === null && model === 'active' && weather === 'vintage';

/**
 * Combines the members by joint paths of their past errors. Each member uses its own model, because a named model belongs to one target.
 */
async function sum(parts: ForecastJobParts, task: ForecastTask, ids: readonly string[]): Promise<Forecast> {
  if (task.model !== 'active')
    throw new LoadstoneError(
      'LS-API-007',
      'a sum has no model of its own; it uses those of its members',
      '/body/model',
    );
  const name = { id: parts.newId(), target: task.target };
  const asOf = task.asOf ?? parts.clock.plant.now();
  if (isAsIssued(task)) {
    const made = () => Promise.all(ids.map((id) => single(parts, task, id)));
    let members = await made();
    // The next quarter of an hour may have begun meanwhile.
    if (members.some(({ start }) => start !== members[0]!.start)) members = await made();
    return sumForecast(name, members, await parts.service.joint.sum(members));
  }
  const past = new JointSums();
  const members: Forecast[] = [];
  for (const id of ids) {
    const { forecast, load } = await reconstructed(parts, targetOf(parts, id), { ...task, asOf });
    await past.learn(id, forecast.start, load);
    members.push(forecast);
  }
  const joint = (await parts.service.joint.sum(members)) ?? (await past.sum(members));
  return sumForecast(name, members, joint);
}

async function issued({ clock, service }: ForecastJobParts, target: string): Promise<Forecast> {
  const newest = service.newest(target);
  if (newest !== undefined && newest.issuedAt >= Math.floor(clock.plant.now() / STEP_MS) * STEP_MS) return newest;
  return unwrap(await service.issue(target));
}

/** Also returns the load it was made from, four weeks of it. */
async function reconstructed(
  parts: ForecastJobParts,
  target: ForecastTarget,
  task: ForecastTask,
): Promise<{ forecast: Forecast; load: LoadSeries }> {
  const { registry, inference } = parts;
  const asOf = task.asOf ?? parts.clock.plant.now();
  const reader = new InputReader(parts.load, weatherFor(task.weather, parts.weather), [target]);
  const end = Math.floor(asOf / STEP_MS) * STEP_MS;
  const inputs = await reader.read(target.id, { end, days: HISTORY_DAYS + 1, ahead: STEPS, asOf });
  const entry = await (task.model === 'active' ? registry.active(target.id, 'cloud') : registry.get(task.model));
  if (task.model !== 'active' && entry?.manifest.target !== target.id)
    throw new LoadstoneError('LS-MODEL-002', `${target.id} has no model "${task.model}"`, '/body/model');
  if (target.isRest === true && inputs.substitution === null && inputs.context.values.every(Number.isNaN))
    throw new LoadstoneError(
      'LS-FORECAST-011',
      `${target.id} cannot be reconstructed, because it has no measurements of its own`,
      '/body/target',
    );
  // A separate name: the active model stays loaded under its id.
  const name = `planner/${entry?.manifest.id ?? ''}`;
  const bytes = entry && (await registry.bytes(entry.manifest.sha256));
  if (bytes !== undefined) unwrap(await inference.load(name, bytes));
  try {
    const { failed, forecast: made } = unwrap(
      await makeForecast({
        target,
        issuedAt: asOf,
        inputs,
        model: entry && bytes && { ...entry.manifest, id: name },
        noModel: 'LS-FORECAST-001: no model has been trained yet',
        inference,
        verification: new Verification(QUANTILES, { steps: STEPS, stepS: STEP_S }),
        calendars: new Map(),
        split: new Splits().of(target, inputs),
      }),
    );
    const forecast: Forecast = {
      ...made,
      id: parts.newId(),
      kind: 'reconstruction',
      model: entry !== undefined && made.model.id === name ? { ...made.model, id: entry.manifest.id } : made.model,
      fallback: failed === null ? null : { ...failed, since: asOf },
      warnings: [...made.warnings, ...(entry === undefined ? [] : seen(entry.manifest.trainedUpTo, asOf))],
    };
    const reach = { target, asOf, weather: task.weather };
    return {
      forecast: task.weekAhead === true ? await toWeekAhead(parts, forecast, reach) : forecast,
      load: inputs.context,
    };
  } finally {
    if (bytes !== undefined) await inference.unload(name);
  }
}

const seen = (trainedUpTo: number, asOf: number): string[] =>
  trainedUpTo > asOf
    ? [`the model was trained on measurements up to ${new Date(trainedUpTo).toISOString()}, after asOf`]
    : [];

/** The reason of a fallback starts with its error code. */
function faultOf(reason: string): LoadstoneError {
  const code = reason.split(':', 1)[0]!;
  return new LoadstoneError(
    Object.hasOwn(catalogue, code) ? (code as ErrorCode) : 'LS-FORECAST-003',
    reason,
    '/body/fallback',
  );
}
