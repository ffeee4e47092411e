import { RECIPE } from '../../cloud/forecast/train/recipe.ts';
import { PRIOR_DAYS } from '../../cloud/forecast/serve/blend/live-blend.ts';
import { screened, stepsPerDay } from '../../shared/forecast/series.ts';
import { seriesStartMs, seriesStepMs } from '../data/series.ts';
import { replayBlend, type BlendReplay, type BlendScores } from './blend-replay.ts';
import { readForecastSeries, seriesFolder, seriesNames, type ForecastSeries } from './forecast-data.ts';
import { liveStations } from './forecast-day-ahead.ts';
import type { BenchOptions } from './options.ts';

type Replay = Pick<BlendReplay, 'load' | 'weather' | 'zone' | 'trainTo' | 'steps' | 'stride'>;

/** Weights of the prior to try, days. */
const PRIORS = [...new Set([PRIOR_DAYS, 3, 7, 14, 28])];
const ZONE = 'Europe/Amsterdam';
/** For the stations' three months: enough to train trees, with 32 days left to forecast. */
const TRAIN_DAYS = 60;
/** For the reference series: the most history that production trains on, and a model's lifetime. */
const MOST_TRAIN_DAYS = RECIPE.trainingDays;
const LIFE_DAYS = 60;
const TRAIN_SHARE = 0.65;
const QUICK_STATIONS = 2;

/**
 * Trains once, then forecasts for weeks with the same members: with the trained weights (the baseline), and with weights that follow each
 * member's trailing 28-day pinball loss, for several weights of the prior. Uses the shipped live stations (15 min) and, where available,
 * the hourly reference series; 48 h ahead, with actual weather.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const stations = liveStations().slice(0, quick ? QUICK_STATIONS : undefined);
  const rows: ReturnType<typeof row>[] = [];
  const measured = async (name: string, replay: Replay): Promise<void> => {
    const scores = await replayBlend({ ...replay, priorDays: PRIORS });
    if (scores === undefined) return;
    rows.push(row(name, scores));
    say(`${name}: fixed ${round(scores.fixed)}, live ${round(scores.live[0]!)}`);
  };
  for (const { id, loadKw, ghi, wind } of stations) {
    const { series } = screened({ start: seriesStartMs, stepS: seriesStepMs / 1000, values: loadKw });
    await measured(id, {
      load: series,
      weather: { ghi, wind },
      zone: ZONE,
      trainTo: TRAIN_DAYS * 96,
      steps: 192,
      stride: 12,
    });
  }
  if (!quick && seriesFolder() !== undefined)
    for (const name of seriesNames) await measured(name, referenceReplay(readForecastSeries(name)));
  const mean = (of: (each: ReturnType<typeof row>) => number): number =>
    round(rows.reduce((sum, each) => sum + of(each), 0) / rows.length);
  return {
    units: 'mean pinball loss of P10, P50 and P90 over the mean absolute load; ratio: live over fixed',
    priorDays: PRIOR_DAYS,
    meanRatio: mean(({ ratio }) => ratio),
    meanRatioByPriorDays: Object.fromEntries(PRIORS.map((days, i) => [days, mean(({ ratios }) => ratios[i]!)])),
    worstRatio: Math.max(...rows.map(({ ratio }) => ratio)),
    series: rows.map(({ ratios, ...each }) => ({
      ...each,
      ratioByPriorDays: Object.fromEntries(PRIORS.map((days, i) => [days, ratios[i]!])),
    })),
  };
}

function referenceReplay({ zone, data }: ForecastSeries): Replay {
  const stepS = 3600;
  const day = stepsPerDay(stepS);
  const trainTo = Math.floor((TRAIN_SHARE * data.load.length) / day) * day;
  const first = Math.max(0, trainTo - MOST_TRAIN_DAYS * day);
  const cut = (values: Float64Array): Float64Array => values.slice(first, trainTo + LIFE_DAYS * day);
  const column = (name: 'ghi' | 'wind' | 'temp'): Float64Array =>
    cut(data.weather.find((each) => each.name === name)?.values ?? new Float64Array(data.load.length).fill(Number.NaN));
  return {
    load: { start: data.start + first * stepS * 1000, stepS, values: cut(data.load) },
    ...(data.weather.length > 0 && {
      weather: { ghi: column('ghi'), wind: column('wind'), temperature: column('temp') },
    }),
    zone,
    trainTo: trainTo - first,
    steps: 48,
    stride: 5,
  };
}

const row = (name: string, { members, fixed, live, alone, origins }: BlendScores) => ({
  name,
  origins,
  fixed: round(fixed),
  live: round(live[0]!),
  ratio: round(live[0]! / fixed),
  alone: Object.fromEntries(members.map((member, m) => [member, round(alone[m]!)])),
  ratios: live.map((each) => round(each / fixed)),
});

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
