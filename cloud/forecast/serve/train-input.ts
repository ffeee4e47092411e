import type { LoadSeries } from '../../../shared/forecast/series.ts';
import type { WeatherSeries } from '../../../shared/forecast/features.ts';
import { weatherWithin } from '../../../shared/forecast/weather-series.ts';
import type { ForecastTarget } from '../registry/forecast-target.ts';
import { schemaFor, type Recipe } from '../train/recipe.ts';
import type { TrainInput } from './forecast-tasks.ts';

/** Training data: everything known up to the end of the load. */
export interface KnownSoFar {
  readonly load: LoadSeries;
  /** On the grid of the load; values after its end are not read. */
  readonly weather: WeatherSeries | null;
}

/** The input of a training of a target's model by a recipe, at the resolution of its load. */
export function trainInputOf(
  recipe: Recipe,
  { zone, holidays }: Pick<ForecastTarget, 'zone' | 'holidays'>,
  { load, weather }: KnownSoFar,
  of: { readonly steps: number; readonly levels: readonly number[]; readonly withMembers: boolean },
): TrainInput {
  const { steps, levels, withMembers } = of;
  const end = load.values.length;
  const known = weather === null ? undefined : weatherWithin(weather, 0, end);
  const schema = schemaFor(recipe, { steps, stepS: load.stepS }, { weather: known, end });
  return { recipe, load, weather: known, schema, zone, holidays, levels, withMembers };
}
