import { meanScore, scaleOf, scoreOf, type Pair, type ScoreRow } from '../../cloud/forecast/serve/scorecard.ts';
import { weatherKind, weatherKindOf } from '../../cloud/forecast/serve/weather-kind.ts';
import type { Forecast } from '../../shared/contracts/forecast.ts';
import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import { indexOfLevel, QUANTILES } from '../../shared/forecast/quantiles.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { loadSeries, seriesEndMs, seriesStartMs } from '../data/series.ts';
import { coherenceOf } from './forecast-coherence.ts';
import { readOpenstef15Min } from './forecast-data.ts';
import { replay, SUM, SUM_ALONE, type RecordedPlace, type ReplayOptions } from './forecast-live.ts';

const STEP_MS = 900_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ZONE = 'Europe/Amsterdam';
const ISSUE_HOUR = 8;
/** The first eight weeks are training data, as in the demo. */
const TRAIN_DAYS = 56;

/** Stations with a live meter; a meter that is dead throughout leaves no load to forecast. */
export function liveStations(): RecordedPlace[] {
  return loadSeries()
    .filter(({ netKw }) => netKw.filter((value) => value !== 0 && !Number.isNaN(value)).length > netKw.length / 2)
    .map(({ id, netKw, radiationWm2, windSpeedMs }) => ({
      id,
      loadKw: netKw,
      ghi: radiationWm2,
      wind: windSpeedMs,
    }));
}

/**
 * 15-min forecasts, the last issued by 08:00 local time, 48 h, all published quantiles: the nine live stations, their sum, and openstef287.
 * The peak block covers the next local day; its limit is the 95 % quantile of the load.
 */
export async function dayAhead(weather: ReplayOptions['weather'], say: (line: string) => void, quick: boolean) {
  const common = { zone: ZONE, weather, say };
  const { place, startMs } = readOpenstef15Min();
  const endMs = startMs + place.loadKw.length * STEP_MS;
  // The last fifth is the test set, as in the hourly protocol.
  const testMs = Math.floor((startMs + 0.8 * (endMs - startMs)) / DAY_MS) * DAY_MS;
  const single = await replay([place], { ...common, startMs, endMs, trainAtMs: testMs });
  const alone = dayAheadRow(`substation:${place.id}`, single, startMs);
  if (quick)
    return { rows: [shown(alone)], levels: levelsOf([alone]), region: null, calibration: null, coherence: null };
  const trainAtMs = seriesStartMs + TRAIN_DAYS * DAY_MS;
  const stations = await replay(liveStations(), { ...common, startMs: seriesStartMs, endMs: seriesEndMs, trainAtMs });
  const targets = [...stations.loads.keys()].filter((target) => target !== SUM_ALONE);
  const rows = targets.map((target) => dayAheadRow(target, stations, seriesStartMs));
  const stationRows = rows.filter(({ level }) => level === 'substation');
  const actual = (target: string, time: number): number =>
    stations.loads.get(target)![(time - seriesStartMs) / STEP_MS] ?? Number.NaN;
  return {
    rows: [alone, ...rows].map(shown),
    levels: levelsOf(rows),
    region: regionBlock(stations),
    calibration: calibrationOf(stationRows),
    coherence: coherenceOf(stations.forecasts, stations.targets, actual),
  };
}

type Replayed = Awaited<ReturnType<typeof replay>>;

function dayAheadRow(target: string, { forecasts, loads }: Replayed, startMs: number) {
  const calendar = new LocalCalendar(ZONE);
  const load = loads.get(target)!;
  const dayOf = (time: number): number => Math.floor((time + calendar.offsetMs(time)) / DAY_MS);
  const pairs: Pair[] = [];
  const nextDay: Pair[] = [];
  for (const forecast of forecasts.get(target)!) {
    const hour = calendar.timeOfDayMs(forecast.start) / HOUR_MS;
    if (hour > ISSUE_HOUR || hour <= ISSUE_HOUR - 3) continue;
    const next = dayOf(forecast.start) + 1;
    const all = pairsOf(forecast, load, { startMs, dayOf });
    pairs.push(...all);
    nextDay.push(...all.filter(({ day }) => day === next));
  }
  const limit = [...load].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const importLimitKw = limit[Math.floor(0.95 * limit.length)];
  const scale = { levels: QUANTILES, ...scaleOf(load), importLimitKw };
  return {
    name: target.replace(/^.*:/, ''),
    level: target.replace(/:.*$/, ''),
    weather: weatherKindOf(new Set(forecasts.get(target)!.map((forecast) => weatherKind(forecast.weather)))),
    days: new Set(nextDay.map(({ day }) => day)).size,
    score: scoreOf(pairs, scale),
    peak: scoreOf(nextDay, scale),
    off: calibrationErrors(pairs),
  };
}

type DayAhead = ReturnType<typeof dayAheadRow>;

const shown = ({ name, level, weather, days, score, peak }: DayAhead) => ({
  name,
  level,
  weather,
  days,
  ...figures(score),
  biasKw: round(score.biasKw),
  coverage: roundedAll(score.coverage),
  peak: peakOf(peak),
});

/** By level, like the scorecard: means over the targets with equal weight. */
const levelsOf = (rows: readonly DayAhead[]) =>
  [...Map.groupBy(rows, ({ level }) => level)].map(([level, own]) => {
    const score = meanScore(own.map((row) => row.score));
    return {
      level,
      weather: weatherKindOf(new Set(own.map(({ weather }) => weather))),
      targets: own.length,
      ...figures(score),
      biasKw: round(score.biasKw),
      coverage: roundedAll(score.coverage),
      peak: peakOf(meanScore(own.map(({ peak }) => peak))),
    };
  });

/** Means over stations with equal weight, and each station's deviation. */
function calibrationOf(rows: readonly DayAhead[]) {
  const mean = (pick: (row: ReturnType<typeof shown>) => number): number =>
    round(rows.reduce((sum, row) => sum + pick(shown(row)) / rows.length, 0));
  return {
    stations: rows.length,
    p50: mean(({ coverage }) => coverage['P50']!),
    coverage80: mean(({ coverage80 }) => coverage80),
    pinball: mean(({ pinball }) => pinball),
    errorsOff: Object.fromEntries(rows.map(({ name, off }) => [name, roundedAll(off)])),
    withinTwoErrors: rows.every(({ off }) => Math.max(Math.abs(off.p50), Math.abs(off.coverage80)) <= 2),
  };
}

/** A forecast spans two days, and weather persists. */
const BLOCK_DAYS = 3;
const RESAMPLES = 1000;

/**
 * Deviation of the shares below P50 and within P10 to P90 from 0.5 and 0.8, in standard errors of a bootstrap over circular blocks of days.
 */
function calibrationErrors(pairs: readonly Pair[]) {
  const [low, mid, high] = [0.1, 0.5, 0.9].map((level) => indexOfLevel(QUANTILES, level)) as [number, number, number];
  const days = [...Map.groupBy(pairs, ({ day }) => day)]
    .toSorted(([one], [other]) => one - other)
    .map(([, own]) => ({
      n: own.length,
      p50: own.filter(({ actual, values }) => actual <= values[mid]!).length,
      coverage80: own.filter(({ actual, values }) => actual >= values[low]! && actual <= values[high]!).length,
    }));
  const random = new SeededRandom(1, 'calibration');
  const drawn = Array.from({ length: RESAMPLES }, () =>
    Array.from({ length: Math.ceil(days.length / BLOCK_DAYS) }, () => {
      const from = Math.floor(random.next() * days.length);
      return Array.from({ length: BLOCK_DAYS }, (_, i) => days[(from + i) % days.length]!);
    }).flat(),
  );
  const errors = (pick: 'p50' | 'coverage80', nominal: number): number => {
    const share = (list: typeof days): number =>
      list.reduce((sum, day) => sum + day[pick], 0) / list.reduce((sum, { n }) => sum + n, 0);
    const shares = drawn.map(share);
    const mean = shares.reduce((sum, each) => sum + each / RESAMPLES, 0);
    const error = Math.sqrt(shares.reduce((sum, each) => sum + (each - mean) ** 2 / RESAMPLES, 0));
    return (share(days) - nominal) / error;
  };
  return { p50: errors('p50', 0.5), coverage80: errors('coverage80', 0.8) };
}

function pairsOf(
  { start, values, fallback }: Forecast,
  load: Float64Array,
  { startMs, dayOf }: { readonly startMs: number; readonly dayOf: (time: number) => number },
): Pair[] {
  return Array.from({ length: values[0]!.length }, (_, step) => {
    const time = start + step * STEP_MS;
    const actual = load[(time - startMs) / STEP_MS] ?? Number.NaN;
    const column = values.map((row) => row[step]!);
    return { start: time, day: dayOf(time), actual, values: column, isFallback: fallback !== null };
  }).filter(({ actual }) => !Number.isNaN(actual));
}

/** The sum of the stations over all its steps and issues: reconciled with its parts, by its own model alone, and by adding quantiles. */
function regionBlock({ forecasts, loads }: Replayed) {
  const load = loads.get(SUM)!;
  const dayOf = (time: number): number => Math.floor(time / DAY_MS);
  const at = { startMs: seriesStartMs, dayOf };
  const score = (list: readonly Forecast[]) =>
    figures(
      scoreOf(
        list.flatMap((forecast) => pairsOf(forecast, load, at)),
        { levels: QUANTILES, ...scaleOf(load), importLimitKw: undefined },
      ),
    );
  const parts = [...forecasts].filter(([target]) => target.startsWith('substation:')).map(([, list]) => list);
  const added = forecasts.get(SUM)!.flatMap((whole): Forecast[] => {
    const same = parts.map((list) => list.find(({ start }) => start === whole.start));
    if (!same.every((each) => each !== undefined)) return [];
    const values = whole.values.map((row, q) =>
      row.map((_, step) => same.reduce((sum, each) => sum + each.values[q]![step]!, 0)),
    );
    return [{ ...whole, values }];
  });
  const last = forecasts.get(SUM)!.at(-1)!;
  return {
    jointPaths: score(forecasts.get(SUM)!),
    ownModelAlone: score(forecasts.get(SUM_ALONE)!),
    quantilesAdded: score(added),
    members: last.model.members,
  };
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
const roundedAll = (values: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, round(value)]));

function figures(score: ScoreRow) {
  const { P10 = 0, P90 = 0 } = score.coverage;
  return {
    n: score.n,
    rmseKw: round(score.rmseKw),
    nMae: round(score.nMae),
    rMae: round(score.rMae),
    pinball: round(score.pinball),
    rCrps: round(score.rCrps),
    rCrpsPeakWeighted: round(score.rCrpsPeakWeighted),
    coverage80: round(P90 - P10),
    width80: round(score.width80),
    fallbackShare: round(score.fallbackShare),
  };
}

const peakOf = ({ peak }: ScoreRow) => ({
  top5PctMaeKw: round(peak.top5PctMaeKw),
  dailyPeakErrorPct: peak.dailyPeakErrorPct === null ? null : round(peak.dailyPeakErrorPct),
  dailyPeakTimeErrorH: peak.dailyPeakTimeErrorH === null ? null : round(peak.dailyPeakTimeErrorH),
  limit: peak.limit,
});
