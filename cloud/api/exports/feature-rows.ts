import { GATEWAY_STEPS } from '../../forecast/registry/horizons.ts';
import { STEPS, STEP_S } from '../../forecast/registry/horizons.ts';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { FeatureSource, HISTORY_DAYS, originFeatures, stepFeatures } from '../../../shared/forecast/features.ts';
import { fromNullable } from '../../../shared/forecast/series.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { ExportTask } from '../../planner/export/contract.ts';
import type { Cell, Table } from '../../tables/table.ts';
import { parseDuration, parseTime } from '../conventions.ts';
import { asOfOf, type ExportSources, type Slice } from './export-sources.ts';
import { learned } from './learned-load.ts';

const STEP_MS = STEP_S * 1000;
const DAY_MS = 86_400_000;
/** History read before the first origin: the reach of the features, and four weeks for filling gaps. */
const BEFORE_MS = (HISTORY_DAYS + 28) * DAY_MS;

/** Parses the time between origins, ms: a multiple of the step, at most 7 days. */
export function originEveryMs(text: string | undefined): number {
  const every = parseDuration(text ?? 'PT3H', '/body/originEvery');
  if (every % STEP_MS !== 0 || every > 7 * DAY_MS)
    throw new LoadstoneError(
      'LS-API-007',
      'originEvery must be a multiple of PT15M and at most P7D',
      '/body/originEvery',
    );
  return every;
}

/**
 * The features as a table: a row for each origin of the slice and each step, with the columns of the origin, those of the step (without the
 * step in their names) and the actual load, kW. The load is null if it is missing, excluded, or after the end of the export.
 */
export async function featureTable(sources: ExportSources, { body }: ExportTask, slice: Slice): Promise<Table> {
  const { target } = slice;
  const steps = body.role === 'gateway' ? GATEWAY_STEPS : STEPS;
  const withWeather = body.role !== 'gateway' && body.weather !== 'none';
  const everyMs = originEveryMs(body.originEvery);
  const end = Math.min(slice.end + steps * STEP_MS, Math.floor(parseTime(body.end, '/body/end') / STEP_MS) * STEP_MS);
  const start = slice.start - BEFORE_MS;
  const { values, weather } = await learned(sources, { target, start, end, resolutionS: STEP_S }, asOfOf(body));
  if (withWeather && (weather === null || weather === undefined))
    throw new LoadstoneError(
      'LS-FORECAST-006',
      `there is no weather for ${target}; request features with weather none`,
      '/body/weather',
    );
  // This import loads the world's holidays, 30 MB, which the API's thread needs for nothing else.
  const { targetsOf } = await import('../../forecast/serve/telemetry-load-source.ts');
  const { zone, holidays } = targetsOf(sources.region).find(({ id }) => id === target) ?? { zone: 'UTC' };
  const known = withWeather ? { ghi: fromNullable(weather!.ghi), wind: fromNullable(weather!.wind) } : undefined;
  const schema = { steps, stepS: STEP_S, weather: withWeather };
  const source = new FeatureSource(schema, { start, stepS: STEP_S, values }, new LocalCalendar(zone, holidays), known);
  const names = [...originFeatures(schema), ...stepFeatures(schema)];
  const columns = names.map((): Cell[] => []);
  const [targets, origins, numbers, starts, came]: Cell[][] = [[], [], [], [], []];
  const row = new Float32Array(names.length);
  for (let origin = Math.ceil(slice.start / everyMs) * everyMs; origin < slice.end; origin += everyMs) {
    const next = (origin - start) / STEP_MS;
    source.origin(next, row, 0);
    for (let step = 0; step < steps; step++) {
      source.step(next, step, row, source.originCount);
      for (const [at, column] of columns.entries()) column.push(row[at]!);
      const actual = values[next + step] ?? Number.NaN;
      targets!.push(target);
      origins!.push(origin);
      numbers!.push(step + 1);
      starts!.push(origin + step * STEP_MS);
      came!.push(Number.isNaN(actual) ? null : actual);
    }
  }
  return {
    columns: [
      { name: 'target', kind: 'text', values: targets! },
      { name: 'origin', kind: 'time', values: origins! },
      { name: 'step', kind: 'integer', values: numbers! },
      { name: 'start', kind: 'time', values: starts! },
      ...names.map((name, at) => ({ name, kind: 'number' as const, values: columns[at]! })),
      { name: 'load', kind: 'number', values: came! },
    ],
  };
}
