import { computePool } from '../../cloud/compute/compute-pool.ts';
import { protocolWorker } from '../../cloud/forecast/serve/worker-files.ts';
import { backtest, type BacktestResult } from '../../cloud/forecast/serve/protocol/backtest.ts';
import { ettLongHorizon } from '../../cloud/forecast/serve/protocol/long-horizon.ts';
import type { PairScore } from '../../cloud/forecast/serve/protocol/pair-scores.ts';
import type { ProtocolTasks } from '../../cloud/forecast/serve/protocol/protocol-tasks.ts';
import { inlineInference } from '../../shared/inference/inline-inference.ts';
import { machineMonotonicMs, systemTimeBase } from '../../shared/time/system-clock.ts';
import {
  readEttChannels,
  readForecastSeries,
  readSeriesFile,
  seriesFolder,
  seriesNames,
  type ForecastSeries,
  type SeriesName,
} from './forecast-data.ts';
import { dayAhead } from './forecast-day-ahead.ts';
import type { BenchOptions } from './options.ts';

type Weather = 'degraded' | 'actual' | 'none';

/** MSE at 96 h as printed in the papers of these models. */
const publishedMse = {
  h1: { patchTst: 0.37, tide: 0.375, rootPurge: 0.359 },
  h2: { patchTst: 0.274, tide: 0.27, rootPurge: 0.268 },
} as const;

interface Published {
  readonly models: Record<
    string,
    { readonly nMAE: number; readonly RMSE: number; readonly pinball?: { readonly nmean: number } }
  >;
}

/**
 * The six reference series with the production recipe, under the protocol of their published baselines. Reported figures use degraded
 * weather, with `actual` and `none` beside them; the ratio to the best published blend uses actual weather, as that blend did. Also
 * evaluates the live service's daily 15-min forecasts, and the sum of stations by joint error paths. `--quick`: only the shortest series,
 * no stations.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  if (seriesFolder() === undefined)
    throw new Error('the reference series are missing: put them in ../shared/data/load beside this clone');
  const published = JSON.parse(readSeriesFile('baselines.json')) as Record<SeriesName, Published>;
  const compute = computePool<ProtocolTasks>({ file: protocolWorker, threads: 2 });
  // Runs in this thread: on a busy machine a forecast would otherwise be late, and a fallback would replace it.
  const inference = inlineInference(
    systemTimeBase((error) => {
      throw error;
    }),
  );
  const series: Measured[] = [];
  try {
    for (const name of quick ? (['openstef287'] as const) : seriesNames) {
      const input = readForecastSeries(name);
      const measure = async (weather: Weather): Promise<BacktestResult> => {
        const progress = (what: string): void => say(`${name}, weather ${weather}: ${what}`);
        const options = {
          zone: input.zone,
          weather,
          seed: 1,
          elapsed: machineMonotonicMs,
          compute,
          inference,
          progress,
        };
        return backtest(input.data, options);
      };
      const measured = summary(input, published[name], await allWeather(input, measure));
      series.push(measured);
      const { ratio, nMae, pinball, coverage80 } = measured;
      say(
        `${name}: nMAE ${nMae} pinball ${pinball} coverage ${coverage80}, to the best blend ${JSON.stringify(ratio)}`,
      );
    }
  } finally {
    await compute.close();
    await inference.close();
  }
  const ett = quick
    ? []
    : (['h1', 'h2'] as const).map((station) => {
        say(`ETT${station}: long horizon`);
        const { horizon, mse, mae, validationMse } = ettLongHorizon(readEttChannels(station), 96);
        const figuresOf = { mse: round(mse), mae: round(mae), validationMse: round(validationMse) };
        return { series: `ETT${station}`, horizon, ...figuresOf, publishedMse: publishedMse[station] };
      });
  say(`15 min, day ahead, as the live service issues: openstef287${quick ? '' : ', nine stations and their sum'}`);
  const { rows: dayAhead15Min, levels, region, calibration, coherence } = await dayAhead('degraded', say, quick);
  const mean = (pick: (each: Measured) => number): number =>
    round(series.reduce((sum, each) => sum + pick(each), 0) / series.length);
  return {
    /** With actual weather, as the published blend had. */
    meanRatio: { nMae: mean(({ ratio }) => ratio.nMae), pinball: mean(({ ratio }) => ratio.pinball) },
    target: { nMae: 0.95, pinball: 0.94 },
    seriesWeather: 'degraded',
    series,
    dayAhead15Min,
    levels,
    region,
    calibration,
    coherence,
    ett,
  };
}

/** Without weather in the data there is only one run. */
async function allWeather(
  { data }: ForecastSeries,
  measure: (weather: Weather) => Promise<BacktestResult>,
): Promise<Record<Weather, BacktestResult>> {
  const none = await measure('none');
  if (data.weather.length === 0) return { degraded: none, actual: none, none };
  return { degraded: await measure('degraded'), actual: await measure('actual'), none };
}

type Measured = ReturnType<typeof summary>;

function summary(
  input: ForecastSeries,
  published: Published,
  { degraded, actual, none }: Record<Weather, BacktestResult>,
) {
  const blend = Object.entries(published.models).find(([model]) => model.startsWith('blend3_rollcal28d'))![1];
  const best = { nMae: blend.nMAE, pinball: blend.pinball!.nmean, rmse: blend.RMSE };
  const { baselines } = degraded;
  return {
    name: input.name,
    weather: degraded.weather,
    ...figures(degraded),
    daylightCoverage80: daylight(input, degraded),
    baselines: {
      seasonalNaive24: figures(baselines.seasonalNaive24),
      seasonalNaive168: figures(baselines.seasonalNaive168),
      ridge: figures(baselines.ridge),
      bestBlend: { nMae: round(best.nMae), pinball: round(best.pinball), rmse: round(best.rmse) },
    },
    ratio: { nMae: round(actual.nMae / best.nMae), pinball: round(actual.pinball / best.pinball) },
    actual: { weather: actual.weather, ...figures(actual), daylightCoverage80: daylight(input, actual) },
    none: { weather: none.weather, ...figures(none) },
    fallbackShare: round(degraded.fallbackShare),
    members: Object.fromEntries(Object.entries(degraded.members).map(([member, weight]) => [member, round(weight)])),
    fitSeconds: Math.round(10 * degraded.fitSeconds) / 10,
    testPairs: degraded.testPairs,
  };
}

const daylight = ({ solar }: ForecastSeries, { daylightCoverage80 }: BacktestResult): number | null =>
  solar && daylightCoverage80 !== null ? round(daylightCoverage80) : null;

/** What stands beside every score; the baselines have three quantiles and thus no CRPS. */
export const figures = (score: PairScore | BacktestResult) => ({
  nMae: round(score.nMae),
  pinball: round(score.pinball),
  coverage80: round(score.coverage80),
  rmse: round(score.rmse),
  ...('rCrps' in score && { rCrps: round(score.rCrps), rCrpsPeakWeighted: round(score.rCrpsPeakWeighted) }),
});

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
