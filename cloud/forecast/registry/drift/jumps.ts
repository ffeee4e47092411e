import { factorise, solveFactored } from '../../train/linear-algebra.ts';

/**
 * Detects whether a load has jumped within the last two weeks. Days are correlated, so only the unpredictable part of each day is summed. A
 * ridge, fitted to all days before those two weeks, predicts the deviation of a quarter of a day from its four-week mean, from preceding
 * days, the same weekdays, the kind of day and the weather. Its errors are nearly independent. CUSUMs (Page, Biometrika 41, 1954) of the
 * errors, upward and downward for each quarter of a day, find changes that came at once and stayed. The four-week mean absorbs seasons; a
 * week of holidays is two changes of a day each.
 */

/** With less history, the seasons themselves would look like a jump; days beyond the upper bound are ignored. */
export const LEAST_DAYS = 300;
export const LOOK_DAYS = 406;
const SUMMED_DAYS = 14;

/** Half of the shift that is found fastest, in deviations. A single outlier day raises a sum by at most `MOST_A_DAY` less this. */
const SLACK = 1;
const MOST_A_DAY = 6;

const QUARTERS = 4;
const ANCHOR_DAYS = 28;
/** Known days that are not part of the fit: the first ones have no reference, and the last ones are the days to judge. */
const LOST_DAYS = ANCHOR_DAYS + SUMMED_DAYS;
/** Added to the sum of squares of each standardised column; equals ten days without information. */
const RIDGE = 10;
/** A quarter of a day with almost no error, such as solar power at night, is assigned this share of the common error. */
const LEAST_SHARE = 0.25;

/** Means of the quarters of each day; NaN if less than half of a quarter is known. `perDay`: values a day. */
function quartersOf(values: Float64Array, perDay: number): Float64Array[] {
  const days = Math.floor(values.length / perDay);
  const width = perDay / QUARTERS;
  return Array.from({ length: QUARTERS }, (_, quarter) =>
    Float64Array.from({ length: days }, (__, day) => {
      const from = day * perDay + quarter * width;
      return meanOf(values, { from, to: from + width, step: 1 });
    }),
  );
}

/** Mean of every `step`th value of [from, to); NaN if fewer than half of them are known. */
function meanOf(values: Float64Array, { from, to, step }: { from: number; to: number; step: number }): number {
  let sum = 0;
  let known = 0;
  let all = 0;
  for (let i = from; i < to; i += step) {
    const value = values[i] ?? Number.NaN;
    all++;
    if (Number.isNaN(value)) continue;
    sum += value;
    known++;
  }
  return 2 * known >= all ? sum / known : Number.NaN;
}

const anchorAt = (series: Float64Array, day: number): number =>
  meanOf(series, { from: day - ANCHOR_DAYS, to: day, step: 1 });

interface Quarter {
  readonly own: Float64Array;
  readonly whole: Float64Array;
  readonly weather: readonly Float64Array[];
}

/** Predictors of a quarter's deviation from its four-week mean; NaN where unknown. */
function columnsAt({ own, whole, weather }: Quarter, day: number): number[] {
  const anchor = anchorAt(own, day);
  const back = (days: number): number => (own[day - days] ?? Number.NaN) - anchor;
  return [
    back(1),
    back(2),
    back(7),
    meanOf(own, { from: day - 7, to: day, step: 1 }) - anchor,
    meanOf(own, { from: day - ANCHOR_DAYS, to: day, step: 7 }) - anchor,
    (whole[day - 1] ?? Number.NaN) - anchorAt(whole, day),
    // Weekdays by their position in a week, which needs no calendar.
    ...Array.from({ length: 6 }, (_, weekday) => Number(day % 7 === weekday) - 1 / 7),
    ...weather.map((series) => series[day]! - anchorAt(series, day)),
  ];
}

interface Errors {
  /** One per day from the first that the fit has not seen, in the unit of the load; NaN where unknown. */
  readonly unseen: Float64Array;
  /** Leave-one-out deviation over the days of the fit. */
  readonly deviation: number;
}

/** Undefined if there is too little data for a fit. */
function errorsOf(quarter: Quarter, first: number): Errors | undefined {
  const days = quarter.own.length;
  const rows: number[][] = [];
  const targets: number[] = [];
  const at = (day: number) => ({
    columns: columnsAt(quarter, day),
    target: quarter.own[day]! - anchorAt(quarter.own, day),
  });
  for (let day = ANCHOR_DAYS; day < first; day++) {
    const { columns, target } = at(day);
    if (Number.isNaN(target) || columns.some(Number.isNaN)) continue;
    rows.push(columns);
    targets.push(target);
  }
  const size = rows[0]?.length ?? 0;
  if (rows.length < LEAST_DAYS - LOST_DAYS) return undefined;
  const scales = Array.from({ length: size }, (_, c) =>
    Math.sqrt(rows.reduce((sum, row) => sum + row[c]! ** 2, 0) / rows.length),
  );
  const scaled = (columns: readonly number[]): number[] =>
    columns.map((value, c) => (scales[c]! > 0 ? value / scales[c]! : 0));
  const standard = rows.map(scaled);
  const gram = new Float64Array(size * size);
  const moments = new Float64Array(size);
  for (const [r, row] of standard.entries())
    for (let i = 0; i < size; i++) {
      moments[i]! += row[i]! * targets[r]!;
      for (let j = 0; j <= i; j++) gram[i * size + j]! += row[i]! * row[j]!;
    }
  for (let i = 0; i < size; i++) gram[i * size + i]! += RIDGE;
  factorise(gram, size);
  const weights = solveFactored(gram, moments);
  const said = (row: readonly number[]): number => row.reduce((sum, value, c) => sum + value * weights[c]!, 0);
  const inverse = Array.from({ length: size }, (_, c) =>
    solveFactored(
      gram,
      Float64Array.from({ length: size }, (__, i) => Number(i === c)),
    ),
  );
  // Leave-one-out error of each day.
  const squares = standard.map((row, r) => {
    let leverage = 0;
    for (let i = 0; i < size; i++) {
      let inner = 0;
      for (let j = 0; j < size; j++) inner += inverse[i]![j]! * row[j]!;
      leverage += row[i]! * inner;
    }
    return ((targets[r]! - said(row)) / (1 - Math.min(0.9, leverage))) ** 2;
  });
  const deviation = Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length);
  const unseen = Float64Array.from({ length: days - first }, (_, i) => {
    const { columns, target } = at(first + i);
    return target - said(scaled(columns));
  });
  return { unseen, deviation };
}

/**
 * The highest sum at the end of the series, in deviations; undefined if too little is known. `perDay`: values a day, a multiple of four.
 * The series ends with a whole day; `weather` is on its grid.
 */
export function jumpIndex(
  load: Float64Array,
  perDay: number,
  weather: readonly Float64Array[] = [],
): number | undefined {
  const days = Math.min(LOOK_DAYS, Math.floor(load.length / perDay));
  if (days < LEAST_DAYS) return undefined;
  const last = (values: Float64Array): Float64Array => values.subarray(load.length - days * perDay, load.length);
  const own = quartersOf(last(load), perDay);
  const whole = own[0]!.map((_, day) => own.reduce((sum, series) => sum + series[day]!, 0) / QUARTERS);
  const inWeather = weather.map((values) => quartersOf(last(values), perDay));
  const first = days - SUMMED_DAYS;
  const all = own.flatMap((series, quarter) => {
    const errors = errorsOf({ own: series, whole, weather: inWeather.map((each) => each[quarter]!) }, first);
    return errors === undefined ? [] : [errors];
  });
  const common = Math.sqrt(all.reduce((sum, { deviation }) => sum + deviation ** 2, 0) / all.length);
  if (!(common > 0)) return undefined;
  return Math.max(...all.map(({ unseen, deviation }) => highestSum(unseen, Math.max(deviation, LEAST_SHARE * common))));
}

/** The larger of the upward and downward sums after the last error. */
function highestSum(errors: Float64Array, deviation: number): number {
  let up = 0;
  let down = 0;
  for (const error of errors) {
    if (Number.isNaN(error)) continue;
    const step = Math.max(-MOST_A_DAY, Math.min(MOST_A_DAY, error / deviation));
    up = Math.max(0, up + step - SLACK);
    down = Math.max(0, down - step - SLACK);
  }
  return Math.max(up, down);
}
