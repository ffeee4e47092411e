/** Means over consecutive intervals: value i covers [start + i x step, start + (i + 1) x step). NaN where unknown. */
export interface LoadSeries {
  /** Start of the first interval, ms UTC. */
  readonly start: number;
  readonly stepS: number;
  /** kW, load convention. */
  readonly values: Float64Array;
}

export const endOf = (series: LoadSeries): number => series.start + series.values.length * series.stepS * 1000;

/** The value of the interval that starts at `time`, ms UTC; NaN if unknown or off the grid. */
export const valueAt = ({ start, stepS, values }: LoadSeries, time: number): number =>
  values[(time - start) / (stepS * 1000)] ?? Number.NaN;

export const stepsPerDay = (stepS: number): number => Math.round(86_400 / stepS);

/** Null becomes NaN. */
export function fromNullable(values: ArrayLike<number | null>): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = values[i] ?? Number.NaN;
  return out;
}

/** NaN and undefined become null. */
export const orNull = (value: number | null | undefined): number | null =>
  value === undefined || Number.isNaN(value) ? null : value;

/**
 * Fills unknown values, for inputs only and never for targets: with the value a week earlier, else a day earlier, else the one before. At
 * the start they take the first known value, as if the series began there: a mean of all would show the future to a training. An entirely
 * unknown series gives zeros, so check `known` first.
 */
export function filled(values: Float64Array, stepS: number): { values: Float64Array; known: number } {
  const day = stepsPerDay(stepS);
  const out = Float64Array.from(values);
  const known = values.reduce((count, value) => count + Number(!Number.isNaN(value)), 0);
  if (known === 0) return { values: out.fill(0), known };
  const first = values.findIndex((value) => !Number.isNaN(value));
  for (let i = first; i < out.length; i++) {
    if (!Number.isNaN(out[i]!)) continue;
    for (const back of [7 * day, day, 1]) {
      const earlier = i >= back ? out[i - back]! : Number.NaN;
      if (!Number.isNaN(earlier)) {
        out[i] = earlier;
        break;
      }
    }
  }
  return { values: out.fill(values[first]!, 0, first), known };
}

/** The first `count` values: an unknown one repeats the last known one; at the start it takes the first known one, else 0. */
export function carried(values: Float64Array, count: number): Float64Array {
  const out = new Float64Array(count).fill(Number.NaN);
  out.set(values.subarray(0, count));
  let last = out.find((each) => !Number.isNaN(each)) ?? 0;
  for (let i = 0; i < out.length; i++) {
    if (Number.isNaN(out[i]!)) out[i] = last;
    else last = out[i]!;
  }
  return out;
}

/** As `carried`, but from the last known value on the day before repeats: sun at noon must not become sun at midnight. */
export function dayRepeated(values: Float64Array, count: number, stepS: number): Float64Array {
  const day = stepsPerDay(stepS);
  const out = carried(values, count);
  const end = values.subarray(0, count).findLastIndex((each) => !Number.isNaN(each)) + 1;
  for (let i = Math.max(end, day); i < count; i++) out[i] = out[i - day]!;
  return out;
}

/** Share of known values among the last `count` before index `next`. */
export function completeness(values: Float64Array, next: number, count: number): number {
  if (count <= 0) return 1;
  let known = 0;
  for (let i = next - count; i < next; i++) if (i >= 0 && !Number.isNaN(values[i]!)) known++;
  return known / count;
}

/**
 * Screens a measured series. Runs of one identical value for `flatS` or longer (a dead or frozen meter) become unknown, as do values
 * further than 12 times the interquartile range from the median.
 */
export function screened(series: LoadSeries, flatS = 6 * 3600): { series: LoadSeries; removed: number } {
  const values = Float64Array.from(series.values);
  const least = Math.max(2, Math.round(flatS / series.stepS));
  let removed = 0;
  for (let from = 0; from < values.length;) {
    let to = from + 1;
    while (to < values.length && values[to] === values[from]) to++;
    if (to - from >= least) {
      values.fill(Number.NaN, from, to);
      removed += to - from;
    }
    from = to;
  }
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const reach = 12 * (at(0.75) - at(0.25));
  for (let i = 0; i < values.length; i++) {
    if (reach > 0 && Math.abs(values[i]! - at(0.5)) > reach) {
      values[i] = Number.NaN;
      removed++;
    }
  }
  return { series: { ...series, values }, removed };
}
