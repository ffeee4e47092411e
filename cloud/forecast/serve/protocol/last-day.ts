import { LocalCalendar } from '../../../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../../../shared/forecast/features.ts';
import { pinball, quantilesOf } from '../../../../shared/forecast/quantiles.ts';
import { filled } from '../../../../shared/forecast/series.ts';
import { LoadstoneError } from '../../../../shared/outcome/outcome.ts';
import { predictRidge, trainRidge } from '../../train/ridge-member.ts';
import { HORIZON } from './hourly-data.ts';
import type { Channel } from './long-horizon.ts';

/** Quantiles over which the weighted quantile loss is averaged: 0.1 to 0.9. */
export const LOSS_QUANTILES: readonly number[] = Array.from({ length: 9 }, (_, i) => (i + 1) / 10);

/** Both are dimensionless. */
export interface DayScore {
  /** Mean absolute error of the median, relative to that of the value 24 h before over the training part. */
  readonly mase: number;
  /** Twice the pinball losses over the sum of absolute values, averaged over the quantiles. */
  readonly wql: number;
}

export interface LastDayResult extends DayScore {
  readonly baselines: { readonly seasonalNaive24: DayScore };
  readonly series: readonly (DayScore & { readonly name: string; readonly trainingHours: number })[];
}

/** An hourly series with its first hour, ms UTC. NaN if unknown. */
export interface DatedChannel extends Channel {
  readonly start: number;
}

const LEAST_TRAINING = 28 * 24;

/**
 * The zero-shot protocol of Chronos (Ansari and others, 2024): the last 24 h of each series are held back and forecast once, with nothing
 * known after their first hour. MASE is the mean over the series. WQL is over all series together, so large ones weigh more. The forecast
 * is the linear member's, trained on the hours before. The naive forecast has the quantiles of its training errors. Throws LS-FORECAST-007
 * if a series is too short, constant, or has gaps in its last day.
 */
export function lastDay(
  channels: readonly DatedChannel[],
  zone: string,
  progress?: (what: string) => void,
): LastDayResult {
  const calendar = new LocalCalendar(zone);
  const days = channels.map((channel) => {
    const day = measured(channel, calendar);
    progress?.(`${channel.name}: MASE ${day.model.mase.toFixed(3)}, seasonal naive ${day.naive.mase.toFixed(3)}`);
    return day;
  });
  return {
    ...pooled(days.map(({ model }) => model)),
    baselines: { seasonalNaive24: pooled(days.map(({ naive }) => naive)) },
    series: days.map(({ name, trainingHours, model }) => ({ name, trainingHours, ...pooled([model]) })),
  };
}

interface DayErrors {
  readonly mase: number;
  /** Twice the pinball losses over the day, averaged over the quantiles; unit of the series. */
  readonly loss: number;
  /** Sum of absolute values over the day; unit of the series. */
  readonly size: number;
}

const pooled = (days: readonly DayErrors[]): DayScore => {
  const sum = (pick: (day: DayErrors) => number): number => days.reduce((total, day) => total + pick(day), 0);
  return { mase: sum(({ mase }) => mase) / days.length, wql: sum(({ loss }) => loss) / sum(({ size }) => size) };
};

function measured(
  { name, start, values }: DatedChannel,
  calendar: LocalCalendar,
): { name: string; trainingHours: number; model: DayErrors; naive: DayErrors } {
  const refuse = (what: string): never => {
    throw new LoadstoneError('LS-FORECAST-007', `${name}: ${what}`);
  };
  const end = values.length - HORIZON;
  const [history, actual] = [values.slice(0, end), values.slice(end)];
  const known = history.filter((value) => !Number.isNaN(value)).length;
  if (known < LEAST_TRAINING)
    refuse(`${Math.max(0, known)} known hours before the last day; at least ${LEAST_TRAINING} are needed`);
  if (actual.some(Number.isNaN)) refuse('an hour of the last day is unknown; the forecast is scored on that day');
  if (actual.every((value) => value === 0))
    refuse('the last day is all zero, so losses cannot be weighted by its load');
  const errors = Array.from(history.subarray(24), (value, i) => value - history[i]!).filter((e) => !Number.isNaN(e));
  const scale = errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length;
  if (!(scale > 0)) refuse('each day repeats the day before, so the naive error, the divisor of MASE, is zero');

  const load = { start, stepS: 3600, values: history };
  const schema = { steps: HORIZON, stepS: 3600, weather: false };
  const model = trainRidge({ load, schema, zone: calendar.zone, levels: LOSS_QUANTILES });
  const output = predictRidge(model, new FeatureSource(schema, load, calendar).row(end));
  const offsets = quantilesOf(errors, LOSS_QUANTILES);
  const before = filled(history, 3600).values;
  const median = LOSS_QUANTILES.indexOf(0.5);
  const errorsOf = (valueAt: (hour: number, quantile: number) => number, pointAt = valueAt): DayErrors => {
    let [absolute, loss, size] = [0, 0, 0];
    for (const [hour, value] of actual.entries()) {
      absolute += Math.abs(value - pointAt(hour, median));
      size += Math.abs(value);
      for (const [q, level] of LOSS_QUANTILES.entries())
        loss += (2 * pinball(level, value, valueAt(hour, q))) / LOSS_QUANTILES.length;
    }
    return { mase: absolute / HORIZON / scale, loss, size };
  };
  const dayBefore = (hour: number): number => before[end - HORIZON + hour]!;
  return {
    name,
    trainingHours: end,
    model: errorsOf((hour, q) => output[hour * LOSS_QUANTILES.length + q]!),
    naive: errorsOf((hour, q) => dayBefore(hour) + offsets[q]!, dayBefore),
  };
}
