import type { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import type { WeatherSeries } from '../../../shared/forecast/features.ts';
import {
  inputOf,
  isContext,
  needsWeather,
  rowsOf,
  suffices,
  weatherOf,
  type InputOfModel,
  type RowSource,
} from '../../../shared/forecast/model-input.ts';
import type { TargetInputs } from './target-inputs.ts';

/** With less than this share of the horizon, six hours of two days, the weather ahead would be that of a day gone by. */
const LEAST_AHEAD = 1 / 8;

/** Whether the weather that a model needs is known far enough ahead. A quantity that was never known is no matter. */
export function reachesAhead(model: InputOfModel, { load, weather }: Pick<TargetInputs, 'load' | 'weather'>): boolean {
  const schema = inputOf(model);
  if (schema === undefined || !needsWeather(schema)) return true;
  const next = load.values.length;
  const isKnown = (value: number): boolean => !Number.isNaN(value);
  const known = weatherOf(schema)
    .flatMap((name) => weather?.[name] ?? [])
    .filter((values) => values.some(isKnown));
  const ahead = known.map((values) => values.subarray(next, next + model.steps).filter(isKnown).length);
  return ahead.length > 0 && ahead.every((count) => count >= LEAST_AHEAD * model.steps);
}

/** A model's input rows, by index of the load; undefined if required weather is missing or ends too soon. */
export function rowsFor(
  model: InputOfModel,
  { load, context, weather }: Pick<TargetInputs, 'load' | 'context' | 'weather'>,
  calendar: LocalCalendar,
): RowSource | undefined {
  const schema = inputOf(model);
  if (schema === undefined || !suffices(schema, weather) || !reachesAhead(model, { load, weather })) return undefined;
  if (!isContext(schema)) return rowsOf(schema, load, calendar, weather ?? undefined);
  // Raw history reaches further back than the features do.
  const before = context.values.length - load.values.length;
  const source = rowsOf(schema, context, calendar, weather === null ? undefined : later(weather, before));
  return { row: (next) => source.row(next + before) };
}

/** The same weather on a grid that begins this many steps earlier. */
function later({ ghi, wind, temperature }: WeatherSeries, steps: number): WeatherSeries {
  const moved = (series: Float64Array): Float64Array => {
    const out = new Float64Array(series.length + steps).fill(Number.NaN);
    out.set(series, steps);
    return out;
  };
  return { ghi: moved(ghi), wind: moved(wind), ...(temperature && { temperature: moved(temperature) }) };
}
