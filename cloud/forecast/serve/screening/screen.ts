import type { LocalCalendar } from '../../../../shared/forecast/calendar.ts';
import type { WeatherSeries } from '../../../../shared/forecast/features.ts';
import { stepsPerDay, type LoadSeries } from '../../../../shared/forecast/series.ts';
import type { Defect } from './defects.ts';
import { expectationOf } from './expectation.ts';
import { misfitsIn } from './hypotheses.ts';
import { duplicatesIn, flatLinesIn, gapsIn, spikesIn } from './runs.ts';

export interface Screened {
  /** The series with NaN in place of bad values. */
  readonly series: LoadSeries;
  /** In order of time. */
  readonly defects: readonly Defect[];
}

export interface ScreenOptions {
  /** Local days, so that a change of daylight saving is no clock jump. */
  readonly calendar: LocalCalendar;
  /** On the grid of the series, from its start. */
  readonly weather?: WeatherSeries | undefined;
  /** Earlier findings on sign, unit and time; if given, these are not judged again. */
  readonly misfits?: readonly Defect[];
}

/** Sign, unit and time are compared with the usual values, which needs this many days. */
const LEAST_DAYS = 7;

/**
 * Finds and removes defects of a measured series: gaps, flat lines, copies, wrong units, sign flips, clock jumps, spikes. Each kind is
 * searched in what the earlier ones left.
 */
export function screen(series: LoadSeries, options: ScreenOptions): Screened {
  const slices = screening(series, options);
  let slice = slices.next();
  while (slice.done !== true) slice = slices.next();
  return slice.value;
}

/** The same in slices of some milliseconds: a year of quarter-hours takes some hundred in total. */
export function* screening(series: LoadSeries, options: ScreenOptions): Generator<void, Screened> {
  const values = series.values.slice();
  const left: LoadSeries = { ...series, values };
  const defects: Defect[] = gapsIn(series);
  const take = (found: readonly Defect[]): void => {
    for (const defect of found) {
      defects.push(defect);
      values.fill(Number.NaN, defect.from, defect.to);
    }
  };
  take(flatLinesIn(left));
  yield;
  take(duplicatesIn(left));
  yield;
  const known = values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
  if (options.misfits !== undefined) take(options.misfits.filter(({ from, to }) => to > from));
  else if (known >= LEAST_DAYS * stepsPerDay(series.stepS))
    take(yield* misfitsIn(left, yield* expectationOf(left, options)));
  yield;
  take(spikesIn(left));
  return { series: left, defects: defects.toSorted((a, b) => a.from - b.from) };
}
