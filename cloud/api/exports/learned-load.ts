import { fromNullable, screened } from '../../../shared/forecast/series.ts';
import { excludedOf } from '../../planner/inputs/annotated-load.ts';
import type { WeatherIntervals } from '../../forecast/serve/inputs.ts';
import type { ExportSources } from './export-sources.ts';

export interface LearnedLoad {
  /** kW; NaN where missing or excluded. */
  readonly values: Float64Array;
  /** Why a step is excluded; null if it is not. */
  readonly reason: (step: number) => 'outage' | 'missing' | 'badQuality' | null;
  readonly weather: WeatherIntervals | null | undefined;
}

/** Returns the load of a target as models learn from it, with the weather known at the time. */
export async function learned(
  sources: Pick<ExportSources, 'measured' | 'region' | 'annotations' | 'weather'>,
  range: { readonly target: string; readonly start: number; readonly end: number; readonly resolutionS: number },
  asOf: number | undefined,
): Promise<LearnedLoad> {
  const query = { ...range, ...(asOf === undefined ? {} : { asOf }) };
  const measured = fromNullable((await sources.measured.uncontrolled.intervals(query)).values);
  const outage = await excludedOf(range.target, range, { ...sources, asOf });
  const included = measured.map((value, step) => (outage[step] === 1 ? Number.NaN : value));
  const { values } = screened({ start: range.start, stepS: range.resolutionS, values: included }).series;
  return {
    values,
    reason: (step) => {
      if (!Number.isNaN(values[step]!)) return null;
      return outage[step] === 1 ? 'outage' : Number.isNaN(measured[step]!) ? 'missing' : 'badQuality';
    },
    weather: await sources.weather?.intervals(query),
  };
}
