import { Type, type Static } from 'typebox';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import { indexOfLevel } from '../../../shared/forecast/quantiles.ts';
import { fromNullable } from '../../../shared/forecast/series.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { Compute } from '../../../shared/ports/compute.ts';
import type { ForecastService } from '../../forecast/serve/forecast-service.ts';
import type { LoadSource, WeatherSource } from '../../forecast/serve/inputs.ts';
import type { JobContext } from '../../jobs/job-runner.ts';
import type { ScenarioBody } from './contract.ts';
import type { StepGrid } from './profiles.ts';
import type { ActingChange, runScenario, ScenarioSummary } from './run-scenario.ts';
import type { ScenarioStore } from './scenario-store.ts';

export const ScenarioTask = Type.Object({
  scenario: Type.String(),
  target: Type.String(),
  importLimitKw: Type.Union([Type.Number(), Type.Null()]),
  /** Magnitude. Absent in jobs of older versions: not known. */
  exportLimitKw: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  /** Query string of the result: which part to show. Absent: all of it. */
  show: Type.Optional(Type.String()),
});
export type ScenarioTask = Static<typeof ScenarioTask>;

export interface ScenarioParts {
  readonly region: Region;
  readonly service: Pick<ForecastService, 'newest'>;
  readonly load: LoadSource;
  readonly weather: WeatherSource | undefined;
  readonly compute: Compute<{ runScenario: typeof runScenario }>;
  readonly scenarios: Pick<ScenarioStore, 'get' | 'putResult'>;
}

const STEP_S = 900;

type Values = Readonly<Record<string, readonly (number | null)[]>>;

/** Stored result of a scenario; times in ms UTC, power in kW. */
export interface ScenarioResult {
  readonly target: string;
  readonly scenario: string;
  readonly start: number;
  readonly resolutionS: number;
  readonly base: Values;
  readonly changed: Values;
  readonly summary: { readonly base: ScenarioSummary; readonly scenario: ScenarioSummary };
  readonly warnings: readonly string[];
}

/** Applies a scenario's changes to its base for one target, in a worker, and stores the result. */
export async function scenarioJob(parts: ScenarioParts, task: ScenarioTask, context: JobContext): Promise<string> {
  const scenario = await parts.scenarios.get(task.scenario);
  if (scenario === undefined)
    throw new LoadstoneError('LS-API-004', `there is no scenario "${task.scenario}"`, '/body/scenario');
  const { body } = scenario;
  const base = await baseOf(parts, task.target, body);
  context.progress(0.3);
  const resolved = await resolveChanges(parts, body, { asked: task.target, grid: base.grid });
  context.check();
  const { substations } = parts.region;
  const place =
    substations.find(({ id }) => isWithin(parts.region, task.target, `substation:${id}`)) ?? substations[0]!;
  const weather = await parts.weather?.intervals({ target: task.target, ...spanOf(base.grid), resolutionS: STEP_S });
  const output = await parts.compute.run('runScenario', {
    grid: base.grid,
    base: base.median,
    changes: resolved.changes,
    seed: body.seed ?? 1,
    zone: parts.region.timezone,
    place: { latitude: place.latitude, longitude: place.longitude },
    ghi: weather ? fromNullable(weather.ghi) : null,
    temperature: weather?.temperature ? fromNullable(weather.temperature) : null,
    deltaK: body.changes.reduce((sum, change) => sum + (change.type === 'temperature' ? change.deltaK : 0), 0),
    importLimitKw: task.importLimitKw,
    exportLimitKw: task.exportLimitKw ?? null,
  });
  context.check();
  if (output.scenario.every(Number.isNaN))
    throw new LoadstoneError(
      'LS-API-007',
      `${task.target} and the loads that the scenario changes are never known at the same time`,
      '/body/scenario',
    );
  const delta = output.scenario.map((value, step) => value - base.median[step]!);
  const result: ScenarioResult = {
    target: task.target,
    scenario: scenario.id,
    start: base.grid.start,
    resolutionS: STEP_S,
    base: mapped(base.columns, (value) => value),
    changed: mapped(base.columns, (value, step) => value + delta[step]!),
    summary: output.summary,
    warnings: [...output.warnings, ...resolved.warnings],
  };
  const id = `scf_${context.id}`;
  await parts.scenarios.putResult({ id, scenario: scenario.id, target: task.target, content: result });
  return `/v1/forecasts/${id}${(task.show ?? '') === '' ? '' : `?${task.show}`}`;
}

const mapped = (columns: ReadonlyMap<string, Float64Array>, of: (value: number, step: number) => number): Values =>
  Object.fromEntries(
    [...columns].map(([name, series]) => [
      name,
      Array.from(series, (value, step) => (Number.isNaN(value) ? null : Math.round(of(value, step) * 100) / 100)),
    ]),
  );

const spanOf = ({ start, stepS, count }: StepGrid): { start: number; end: number } => ({
  start,
  end: start + count * stepS * 1000,
});

interface Base {
  readonly grid: StepGrid;
  readonly median: Float64Array;
  /** By quantile column; for history, the load itself. */
  readonly columns: ReadonlyMap<string, Float64Array>;
}

async function baseOf(parts: ScenarioParts, target: string, { base }: ScenarioBody): Promise<Base> {
  if (base.kind === 'history') {
    const grid = { start: Date.parse(base.start), stepS: STEP_S, count: 0 };
    const start = Math.floor(grid.start / (STEP_S * 1000)) * STEP_S * 1000;
    const end = Math.floor(Date.parse(base.end) / (STEP_S * 1000)) * STEP_S * 1000;
    const { values } = await parts.load.intervals({ target, start, end, resolutionS: STEP_S });
    const median = fromNullable(values);
    if (median.every(Number.isNaN))
      throw new LoadstoneError('LS-API-007', `${target} has no data in that span`, '/body/base');
    return {
      grid: { start, stepS: STEP_S, count: median.length },
      median,
      columns: new Map([['quantile_P50', median]]),
    };
  }
  const newest = newestOf(parts.service, target);
  const columns = new Map(
    newest.quantiles.map((level, index) => [
      `quantile_P${Math.round(level * 1000) / 10}`,
      Float64Array.from(newest.values[index]!),
    ]),
  );
  const median = columns.get('quantile_P50')!;
  return { grid: { start: newest.start, stepS: newest.resolutionS, count: median.length }, median, columns };
}

function newestOf(service: ScenarioParts['service'], target: string): Forecast {
  const newest = service.newest(target);
  if (newest === undefined) throw new LoadstoneError('LS-FORECAST-002', `no forecast of ${target} has been issued yet`);
  return newest;
}

/** The median of a forecast on another grid with the same step. */
function forecastOn({ start, stepS, count }: StepGrid, forecast: Forecast): Float64Array {
  const median = forecast.values[indexOfLevel(forecast.quantiles, 0.5)]!;
  const first = (start - forecast.start) / (stepS * 1000);
  return Float64Array.from({ length: count }, (_, step) => median[first + step] ?? Number.NaN);
}

/**
 * Power of a target on the grid of the base: measured, or forecast if the base is a forecast. Throws LS-API-007 if nothing is known from
 * `from` on: the sum over an empty series would look like zero load.
 */
async function seriesOf(
  { service, load }: ScenarioParts,
  target: string,
  { base, grid, from }: { readonly base: ScenarioBody['base']; readonly grid: StepGrid; readonly from: number },
): Promise<Float64Array> {
  const stepMs = grid.stepS * 1000;
  const series =
    base.kind === 'history'
      ? fromNullable((await load.intervals({ target, ...spanOf(grid), resolutionS: STEP_S })).values)
      : forecastOn(grid, newestOf(service, target));
  const isKnown = series.some((value, step) => grid.start + step * stepMs < from || !Number.isNaN(value));
  if (!isKnown) throw new LoadstoneError('LS-API-007', `${target} has no data in that span`, '/body/scenario');
  return series;
}

/** Resolves the changes for one target. */
async function resolveChanges(
  parts: ScenarioParts,
  { changes, base }: ScenarioBody,
  at: { readonly asked: string; readonly grid: StepGrid },
): Promise<{ changes: ActingChange[]; warnings: string[] }> {
  const { region } = parts;
  const { asked, grid } = at;
  const acting: ActingChange[] = [];
  const warnings: string[] = [];
  for (const [index, change] of changes.entries()) {
    if (change.type === 'temperature') continue;
    if (change.type === 'transfer') {
      const sign = Number(isWithin(region, change.to, asked)) - Number(isWithin(region, change.feeder, asked));
      const from = change.from === undefined ? 0 : Date.parse(change.from);
      if (sign === 0) continue;
      const load = await seriesOf(parts, change.feeder, { base, grid, from });
      acting.push({ type: 'series', factor: sign, load, from });
    } else if (change.type === 'scale') {
      const part = isWithin(region, change.target, asked) ? change.target : asked;
      if (part !== change.target && !isWithin(region, asked, change.target)) continue;
      const load = await seriesOf(parts, part, { base, grid, from: 0 });
      acting.push({ type: 'series', factor: change.factor - 1, load, from: 0 });
    } else if (isWithin(region, change.target, asked)) {
      acting.push(change.type === 'ev' ? { ...change, stream: String(index) } : change);
    } else if (isWithin(region, asked, change.target)) {
      warnings.push(`change ${index + 1} acts on ${change.target} as a whole; the part on ${asked} is not known`);
    }
  }
  return { changes: acting, warnings };
}

/** Whether a target equals another one or is a part of it. */
export function isWithin(region: Region, part: string, whole: string): boolean {
  if (part === whole || whole === `region:${region.id}`) return true;
  const substation = region.substations.find(
    ({ id: own, network }) => part === `rest:${own}` || network.feeders.some(({ id }) => part === `feeder:${id}`),
  );
  return substation !== undefined && whole === `substation:${substation.id}`;
}
