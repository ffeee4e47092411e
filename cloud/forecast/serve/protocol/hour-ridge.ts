import { quantileOfRow, quantileRidge } from '../../train/quantile-ridge.ts';
import { HORIZON } from './hourly-data.ts';
import type { HourlyContext } from './hourly.ts';
import { HourRows } from './hour-rows.ts';
import { pinballOf, trainingOrigins, type PairForecasts, type TestPairs } from './pairs.ts';

const HOURS = 24;
const LEVELS = [0.1, 0.5, 0.9];
/** Days whose worth a column's penalty is: next to nothing where there is a lot of history. */
const PENALTY_DAYS = 40;
/** Tails see few errors beyond them, so they are held tighter. */
const TAIL_PENALTY_DAYS = 120;

/** Hours of the day on either side that an hour may learn from: validation chooses. */
const BESIDE = [0, 1];
/** With fewer days than that to learn from, an hour learns from more hours beside it. */
const LEAST_DAYS = 28;

export interface HourRidge {
  readonly forecasts: PairForecasts;
  /** Hours of the day on either side that an hour learnt from. */
  readonly beside: number;
}

/**
 * A linear member for each hour of the local day and each horizon, fitted on absolute errors: what drives the load at noon does not
 * at midnight, and so each has weights of its own for load, calendar and weather (one model an hour: Ramanathan and others, 1997).
 * `beside`: as validation found it; `find`: what has the least pinball over these pairs.
 */
export function hourRidge(context: HourlyContext, pairs: TestPairs, beside: number | 'find' = 0): HourRidge {
  if (beside !== 'find') return { forecasts: forecastsOf(context, pairs, beside), beside };
  const tried = BESIDE.map((hours) => {
    const forecasts = forecastsOf(context, pairs, hours);
    return { forecasts, beside: hours, loss: pinballOf(forecasts, pairs) };
  });
  return tried.reduce((best, each) => (each.loss < best.loss ? each : best));
}

function forecastsOf(context: HourlyContext, pairs: TestPairs, beside: number): PairForecasts {
  const rows = new HourRows(context);
  const out = pairs.blank();
  for (let horizon = 1; horizon <= HORIZON; horizon++) {
    const training = byHour(context, trainingOrigins(context.data.load, pairs.firstTest, horizon), (o) => o + horizon);
    const asked = byHour(context, pairs.ofHorizon(horizon), (i) => pairs.origins[i]! + horizon);
    for (let hour = 0; hour < HOURS; hour++) {
      if (asked[hour]!.length === 0) continue;
      const say = fitted(context, rows, { origins: around(training, hour, beside), horizon });
      for (const i of asked[hour]!) {
        const [low, mid, high] = say(pairs.origins[i]!).sort((a, b) => a - b);
        out.low[i] = low!;
        out.mid[i] = out.point[i] = mid!;
        out.high[i] = high!;
      }
    }
  }
  return out;
}

/** What lies in an hour of the day and in those `beside` it, in more of them as long as that is little. */
function around(byHour: readonly (readonly number[])[], hour: number, beside: number): readonly number[] {
  let found = byHour[hour]!;
  for (let away = 1; away <= HOURS / 2 && (away <= beside || found.length < LEAST_DAYS); away++) {
    const [before, after] = [(hour - away + HOURS) % HOURS, (hour + away) % HOURS];
    found = [...found, ...byHour[before]!, ...(before === after ? [] : byHour[after]!)];
  }
  return found;
}

/** Quantiles of one hour at one horizon, by origin. */
function fitted(
  { data, mean168 }: HourlyContext,
  rows: HourRows,
  { origins, horizon }: { origins: readonly number[]; horizon: number },
): (origin: number) => number[] {
  const columns = rows.width;
  const values = new Float32Array(origins.length * columns);
  for (const [i, origin] of origins.entries()) rows.write(origin, horizon, values, i * columns);
  const targets = Float64Array.from(origins, (origin) => data.load[origin + horizon]! - mean168[origin]!);
  const model = quantileRidge({ rows: origins.length, columns, values }, targets, {
    levels: LEVELS,
    penalty: PENALTY_DAYS / origins.length,
    tailPenalty: TAIL_PENALTY_DAYS / origins.length,
  });
  const row = new Float32Array(columns);
  return (origin) => {
    rows.write(origin, horizon, row, 0);
    return LEVELS.map((_, q) => mean168[origin]! + quantileOfRow(model, q, row, 0));
  };
}

/** Indices of some targets, [local hour of the day]. */
function byHour({ hours }: HourlyContext, ids: readonly number[], targetOf: (id: number) => number): number[][] {
  const out: number[][] = Array.from({ length: HOURS }, () => []);
  for (const id of ids) out[hours[targetOf(id)]!]!.push(id);
  return out;
}
