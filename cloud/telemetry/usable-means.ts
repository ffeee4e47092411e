import { gridOf } from './hold.ts';
import type { Interval, MeansQuery, TelemetryStore } from './store.ts';

/** Share of an interval that values must cover for it to be known. */
export const LEAST_COVERAGE = 0.5;

/** The means of one series' intervals: NaN if there is none, it is bad, or values cover less than `leastCoverage` of the interval. */
export function usableMeans(intervals: readonly Interval[], leastCoverage: number): Float64Array<ArrayBuffer> {
  const means = new Float64Array(intervals.length);
  for (const [i, { mean, coverage, quality }] of intervals.entries())
    means[i] = mean === null || coverage < leastCoverage || quality === 'bad' ? Number.NaN : mean;
  return means;
}

/** Approximate number of intervals held at once: a year of quarters of an hour. */
const MOST_INTERVALS = 36_000;

/** Uses the store's own `means` if it has one; otherwise reads intervals, as many series at once as memory allows. */
export async function readMeans(store: TelemetryStore, query: MeansQuery): Promise<Float64Array[]> {
  if (store.means !== undefined) return store.means(query);
  const { series, leastCoverage } = query;
  const atOnce = Math.max(1, Math.floor(MOST_INTERVALS / Math.max(1, gridOf(query).count)));
  const means: Float64Array[] = [];
  for (let from = 0; from < series.length; from += atOnce) {
    const answers = await store.intervals({ ...query, series: series.slice(from, from + atOnce) });
    for (const intervals of answers) means.push(usableMeans(intervals, leastCoverage));
  }
  return means;
}
