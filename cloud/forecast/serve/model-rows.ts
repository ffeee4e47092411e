import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import type { WeatherSeries } from '../../../shared/forecast/features.ts';
import { inputOf, isContext, rowsOf, suffices, type RowSource } from '../../../shared/forecast/model-input.ts';
import type { TargetInputs } from './target-inputs.ts';

/** A model's input rows, by index of the load; undefined if required weather is missing. */
export function rowsFor(
  model: Pick<ModelManifest, 'featureVersion' | 'features' | 'context' | 'steps' | 'stepS' | 'weather'>,
  { load, context, weather }: Pick<TargetInputs, 'load' | 'context' | 'weather'>,
  calendar: LocalCalendar,
): RowSource | undefined {
  const schema = inputOf(model);
  if (schema === undefined || !suffices(schema, weather)) return undefined;
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
