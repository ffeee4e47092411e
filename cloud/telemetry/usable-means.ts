import type { Interval, MeansQuery, TelemetryStore } from './store.ts';

/** The means of one series' intervals: NaN where there is none, it is bad, or values cover less than `leastCoverage` of it. */
export function usableMeans(intervals: readonly Interval[], leastCoverage: number): Float64Array<ArrayBuffer> {
  const means = new Float64Array(intervals.length);
  for (const [i, { mean, coverage, quality }] of intervals.entries())
    means[i] = mean === null || coverage < leastCoverage || quality === 'bad' ? Number.NaN : mean;
  return means;
}

/** By the store's own way where it has one, else from its intervals. */
export async function readMeans(store: TelemetryStore, query: MeansQuery): Promise<Float64Array[]> {
  if (store.means !== undefined) return store.means(query);
  const answers = await store.intervals(query);
  return answers.map((intervals) => usableMeans(intervals, query.leastCoverage));
}
