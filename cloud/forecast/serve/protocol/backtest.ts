import type { Compute } from '../../../../shared/ports/compute.ts';
import type { Inference } from '../../../../shared/ports/inference.ts';
import { LocalCalendar } from '../../../../shared/forecast/calendar.ts';
import type { WeatherSeries } from '../../../../shared/forecast/features.ts';
import { bandOf } from '../../../../shared/forecast/score.ts';
import { QUANTILES } from '../../../../shared/forecast/quantiles.ts';
import { unwrap } from '../../../../shared/outcome/outcome.ts';
import { scaleOf, scoreOf as measuresOf, type Pair, type ScoreRow } from '../scorecard.ts';
import { HORIZON, type HourlyData } from './hourly-data.ts';
import {
  assertScorable,
  baselinesOf,
  byHorizon,
  daylightCoverage,
  meanAbsoluteFrom,
  scoreOf,
  type ProtocolScores,
} from './pair-scores.ts';
import { TestPairs } from './pairs.ts';
import { issuedAt, trainedOn, type Recorded } from './replay.ts';
import type { ProtocolTasks } from './protocol-tasks.ts';
import { degradedWeather, type WeatherName } from './weather-error.ts';

/** Scores over all published quantiles; `rmse` and `bias` are in the unit of the load. */
export interface BacktestResult extends ProtocolScores, Pick<ScoreRow, 'rCrps' | 'rCrpsPeakWeighted' | 'coverage'> {
  readonly rmse: number;
  readonly bias: number;
  /** Share of the pairs answered by a fallback. */
  readonly fallbackShare: number;
}

export interface BacktestOptions {
  readonly zone: string;
  /**
   * `degraded`: the weather after an origin is the actual weather with seeded forecast errors, also for the ridge of the baselines.
   * Training uses the actual weather, as in production.
   */
  readonly weather: 'actual' | 'degraded' | 'none';
  readonly seed: number;
  /** Machine time, ms. */
  readonly elapsed: () => number;
  readonly compute: Compute<ProtocolTasks>;
  readonly inference: Inference;
  /** Called with each completed stage. */
  readonly progress?: (what: string) => void;
}

/** Forecasts are rounded to 0.01 kW, so a load in MW or per unit is scaled to this mean, kW. */
const USUAL_KW = 10_000;

/**
 * Forecasts an hourly series as production would: one training before the last 20 %, by its recipe; then a forecast at each origin of the
 * protocol, 5 hours apart, blended and calibrated by the values known at that time. Throws LS-FORECAST-007 if nothing can be fitted or
 * scored.
 */
export async function backtest(input: HourlyData, options: BacktestOptions): Promise<BacktestResult> {
  const begin = options.elapsed();
  const { compute, inference, progress } = options;
  const data = options.weather === 'none' ? { ...input, weather: [] } : input;
  const pairs = new TestPairs(data.load);
  assertScorable(data.load, pairs);
  const scale = USUAL_KW / meanAbsoluteFrom(data.load, 0);
  const recorded = recordedOf(data, { ...options, trainTo: pairs.firstTest, scale });
  const { zone, seed } = options;
  const ridge = compute.run('fitBaseline', { data, zone, seed, degraded: options.weather === 'degraded' });
  const [{ manifest, bytes }, baseline] = await Promise.all([trainedOn(recorded, { compute, inference }), ridge]);
  progress?.(`trained ${Object.keys(manifest.members).join(', ')}`);
  unwrap(await inference.load(manifest.id, bytes));

  const origins = [...new Set(pairs.origins)].map((origin) => origin + 1);
  const said = pairs.blank();
  const measured: Pair[] = [];
  const members: Record<string, number> = {};
  let pair = 0;
  for await (const { next, forecast } of issuedAt(recorded, { model: manifest, origins }, { compute, inference })) {
    for (const [name, weight] of Object.entries(forecast.model.members))
      members[name] = (members[name] ?? 0) + weight / origins.length;
    for (; pairs.origins[pair] === next - 1; pair++) {
      const step = pairs.horizons[pair]! - 1;
      const values = forecast.values.map((row) => row[step]! / scale);
      const { low, mid, high } = bandOf(QUANTILES, (q) => values[q]!);
      said.low[pair] = low;
      said.mid[pair] = said.point[pair] = mid;
      said.high[pair] = high;
      const start = data.start + pairs.target(pair) * 3_600_000;
      const isFallback = forecast.model.sha256 === null;
      measured.push({ start, day: Math.floor(start / 86_400_000), actual: pairs.actual[pair]!, values, isFallback });
    }
  }
  const test = data.load.subarray(pairs.firstTest);
  const row = measuresOf(measured, { levels: QUANTILES, ...scaleOf(test), importLimitKw: undefined });
  const meanLoad = meanAbsoluteFrom(data.load, pairs.firstTest);
  const { n, ...score } = scoreOf(said, pairs, meanLoad);
  return {
    ...score,
    rmse: row.rmseKw,
    bias: row.biasKw,
    rCrps: row.rCrps,
    rCrpsPeakWeighted: row.rCrpsPeakWeighted,
    coverage: row.coverage,
    fallbackShare: row.fallbackShare,
    weather: data.weather.length === 0 ? 'none' : options.weather,
    byHorizon: byHorizon(said, pairs, meanLoad),
    baselines: baselinesOf(data.load, pairs, baseline),
    daylightCoverage80: daylightCoverage(said, pairs, input),
    members,
    fitSeconds: (options.elapsed() - begin) / 1000,
    testPairs: n,
    firstTest: pairs.firstTest,
  };
}

function recordedOf(
  data: HourlyData,
  { zone, weather, seed, trainTo, scale }: BacktestOptions & { readonly trainTo: number; readonly scale: number },
): Recorded {
  const actual = weatherOf(data);
  const holidays = holidaysOf(data, zone);
  return {
    target: { id: 'substation:csv', zone, ...(holidays && { holidays }) },
    load: { start: data.start, stepS: 3600, values: data.load.map((value) => value * scale) },
    weather: actual,
    ...(actual !== null && weather === 'degraded' && { weatherAt: degradedAt(actual, seed) }),
    hindcast: true,
    steps: HORIZON,
    trainTo,
  };
}

function weatherOf({ load, weather }: HourlyData): WeatherSeries | null {
  if (weather.length === 0) return null;
  const column = (name: WeatherName): Float64Array | undefined => weather.find((each) => each.name === name)?.values;
  const unknown = new Float64Array(load.length).fill(Number.NaN);
  const temperature = column('temp');
  return { ghi: column('ghi') ?? unknown, wind: column('wind') ?? unknown, ...(temperature && { temperature }) };
}

/** The weather known at an origin: measured before its first target `next`, forecast from there on. */
function degradedAt(actual: WeatherSeries, seed: number): (next: number) => WeatherSeries {
  const error = degradedWeather(seed);
  return (next) => {
    const known = (name: WeatherName, values: Float64Array): Float64Array => {
      const out = values.slice();
      for (let lead = 1; lead <= HORIZON && next + lead - 1 < out.length; lead++)
        out[next + lead - 1] = error(name, { origin: next - 1, lead, actual: values[next + lead - 1]! });
      return out;
    };
    const { ghi, wind, temperature } = actual;
    return {
      ghi: known('ghi', ghi),
      wind: known('wind', wind),
      ...(temperature && { temperature: known('temp', temperature) }),
    };
  };
}

/** The local days marked as holidays in the data; undefined if they have no such column. */
function holidaysOf({ start, holiday }: HourlyData, zone: string): string[] | undefined {
  if (holiday === null) return undefined;
  const calendar = new LocalCalendar(zone);
  const days = new Set<string>();
  for (const [hour, isHoliday] of holiday.entries()) {
    const time = start + hour * 3_600_000;
    if (isHoliday === 1) days.add(new Date(time + calendar.offsetMs(time)).toISOString().slice(0, 10));
  }
  return [...days];
}
