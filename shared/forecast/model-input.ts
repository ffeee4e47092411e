import type { ModelManifest } from '../contracts/model.ts';
import type { LocalCalendar } from './calendar.ts';
import { CONTEXT_VERSION, contextColumns, ContextSource, weatherCovariates, type ContextSchema } from './context.ts';
import { FeatureSource, rowColumns, schemaOf, type FeatureSchema, type WeatherSeries } from './features.ts';
import type { LoadSeries } from './series.ts';

/** Input of a model: computed features (FEATURES.md), or raw history (CONTEXT.md). */
export type InputSchema = FeatureSchema | ContextSchema;

/** The rows of a model over one series, by index of the first target. */
export interface RowSource {
  row(next: number): Float32Array;
}

/** What of a manifest tells the input of its model. */
export type InputOfModel = Pick<
  ModelManifest,
  'featureVersion' | 'features' | 'context' | 'steps' | 'stepS' | 'weather'
>;

export const isContext = (schema: InputSchema): schema is ContextSchema => 'context' in schema;

/** The input that a model needs; undefined if its version is unknown here. */
export function inputOf(model: InputOfModel): InputSchema | undefined {
  const { context, featureVersion, steps, stepS } = model;
  if (context === undefined) return schemaOf(model);
  return featureVersion === CONTEXT_VERSION ? { steps, stepS, context } : undefined;
}

/** Names of the columns of a model's row. */
export function columnsOf(model: Pick<InputOfModel, 'features' | 'context' | 'steps' | 'stepS'>): string[] {
  const { context, steps, stepS } = model;
  return context === undefined ? rowColumns(model) : contextColumns({ steps, stepS, context });
}

/** The weather quantities that an input needs. */
export function weatherOf(schema: InputSchema): readonly (keyof WeatherSeries)[] {
  if (isContext(schema)) return weatherCovariates(schema.context);
  return [
    ...(schema.weather ? (['ghi', 'wind'] as const) : []),
    ...(schema.temperature === true ? (['temperature'] as const) : []),
  ];
}

export const needsWeather = (schema: InputSchema): boolean => weatherOf(schema).length > 0;

/** Whether the weather has the quantities that an input needs. */
export function suffices(schema: InputSchema, weather: WeatherSeries | null | undefined): boolean {
  const asked = weatherOf(schema);
  if (asked.length === 0) return true;
  if (!weather) return false;
  return !asked.includes('temperature') || weather.temperature?.some((value) => !Number.isNaN(value)) === true;
}

/** Throws RangeError if required weather is missing: see `suffices`. */
export function rowsOf(
  schema: InputSchema,
  load: LoadSeries,
  calendar: LocalCalendar,
  weather: WeatherSeries | undefined,
): RowSource {
  return isContext(schema)
    ? new ContextSource(schema, load, calendar, weather)
    : new FeatureSource(schema, load, calendar, needsWeather(schema) ? weather : undefined);
}
