import { quantilesOf } from '../../../../shared/forecast/quantiles.ts';
import { addOuter, addOuterFrom, addScaled } from '../../train/linear-algebra.ts';
import { Moments, predict, type LinearFit } from '../../train/moments.ts';
import { FIRST_ORIGIN, HORIZON } from './hourly-data.ts';
import { HourlyDesign, type HourlyContext } from './hourly.ts';
import type { PairForecasts, TestPairs } from './pairs.ts';

/** A fitted ridge on lags: its forecasts of the test pairs, and its point forecast of any pair as others' base. */
export interface LagRidge {
  readonly forecasts: PairForecasts;
  point(origin: number, horizon: number): number;
}

const LAGS = 168;
const LEVELS = [0.1, 0.5, 0.9];
/** Columns of the protocol's row that hold loads as they are; differences and calendar stay when the loads are centred. */
const LOAD_COLUMNS = [1, 2, 3, 4, 7, 9, 10, 11, 12, 13, 14];
const WEEK_MEAN_COLUMN = 8;
/** Share of a column's variance: next to nothing where there is a lot of history. */
const PENALTY_HOURS = 40;
/** Errors for the quantiles are taken from every fifth origin, per time of day and this group of horizons. */
const ERROR_STRIDE = 5;
const HORIZON_GROUPS = [1, 3, 8];

/**
 * The ridge on all of the last 168 hours beside the protocol's row, one per horizon. Loads count from the mean of the last week,
 * so a level that shifts is followed. Its quantiles are those of training errors by time of day.
 */
export function lagRidge(context: HourlyContext, pairs: TestPairs): LagRidge {
  const origins = completeOrigins(context.data.load, pairs.firstTest);
  const rows = new LagRows(context);
  const fits = fitAll(context, rows, origins);
  const row = new Float32Array(rows.width);
  const point = (origin: number, horizon: number): number => {
    rows.write(origin, horizon, row);
    return context.mean168[origin]! + predict(fits[horizon - 1]!, row, 0);
  };
  const errors = new Map<string, number[]>();
  const keyOf = (horizon: number, target: number): string =>
    `${HORIZON_GROUPS.findIndex((last) => horizon <= last)} ${context.hours[target]!}`;
  for (let i = 0; i < origins.length; i += ERROR_STRIDE) {
    for (let horizon = 1; horizon <= HORIZON; horizon++) {
      const target = origins[i]! + horizon;
      const key = keyOf(horizon, target);
      const known = errors.get(key);
      const error = context.data.load[target]! - point(origins[i]!, horizon);
      if (known === undefined) errors.set(key, [error]);
      else known.push(error);
    }
  }
  const offsets = new Map([...errors].map(([key, each]) => [key, quantilesOf(each, LEVELS)]));
  const forecasts = pairs.blank();
  for (let i = 0; i < pairs.count; i++) {
    const [origin, horizon] = [pairs.origins[i]!, pairs.horizons[i]!];
    const middle = point(origin, horizon);
    const [low, mid, high] = offsets.get(keyOf(horizon, origin + horizon)) ?? [0, 0, 0];
    forecasts.low[i] = middle + low!;
    forecasts.mid[i] = forecasts.point[i] = middle + mid!;
    forecasts.high[i] = middle + high!;
  }
  return { forecasts, point };
}

/** Training origins whose 24 targets are all known, so that the sums over the lags serve every horizon. */
export function completeOrigins(load: Float64Array, firstTest: number): number[] {
  const origins: number[] = [];
  for (let origin = FIRST_ORIGIN; origin + HORIZON < firstTest; origin++)
    if (!load.subarray(origin + 1, origin + HORIZON + 1).some(Number.isNaN)) origins.push(origin);
  return origins;
}

/** The products of lags with lags are summed once for all horizons. */
function fitAll({ data, mean168 }: HourlyContext, rows: LagRows, origins: readonly number[]): LinearFit[] {
  const { width } = rows;
  const row = new Float32Array(width);
  const shared = new Float64Array(LAGS * LAGS);
  for (const origin of origins) {
    rows.lags(origin, row);
    addOuter(shared, LAGS, row, 0);
  }
  return Array.from({ length: HORIZON }, (_, i) => {
    const moments = new Moments(width);
    for (const origin of origins) {
      rows.write(origin, i + 1, row);
      moments.count++;
      addScaled(moments.sums, 1, row, 0);
      addOuterFrom(moments.gram, row, LAGS);
      moments.addTarget(row, 0, data.load[origin + i + 1]! - mean168[origin]!);
    }
    for (let lag = 0; lag < LAGS; lag++)
      moments.gram.set(shared.subarray(lag * LAGS, lag * LAGS + lag + 1), lag * width);
    return moments.ridge(PENALTY_HOURS / origins.length);
  });
}

class LagRows {
  readonly width: number;
  readonly #context: HourlyContext;
  readonly #design: HourlyDesign;

  constructor(context: HourlyContext) {
    this.#context = context;
    this.#design = new HourlyDesign(context);
    this.width = LAGS + this.#design.width;
  }

  lags(origin: number, out: Float32Array): void {
    const { values, mean168 } = this.#context;
    for (let back = 0; back < LAGS; back++) out[back] = values[origin - back]! - mean168[origin]!;
  }

  write(origin: number, horizon: number, out: Float32Array): void {
    this.lags(origin, out);
    this.#design.row(origin, horizon, out, LAGS);
    const centre = this.#context.mean168[origin]!;
    for (const column of LOAD_COLUMNS) out[LAGS + column]! -= centre;
    out[LAGS + WEEK_MEAN_COLUMN] = 0;
  }
}
