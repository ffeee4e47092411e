import type { SeriesKey, TelemetryStore } from './store.ts';
import { readMeans } from './usable-means.ts';

/** An interval of which less is known has no mean that a bill could rest on. */
const LEAST_COVERAGE = 0.5;

/**
 * The highest mean of a series over the whole intervals within [since, until), ms UTC. Undefined if no interval has a mean, or the store
 * does not answer.
 */
export async function highestMean(
  store: TelemetryStore,
  series: SeriesKey,
  { since, until, resolutionS }: { readonly since: number; readonly until: number; readonly resolutionS: number },
): Promise<number | undefined> {
  const [start, end] = [
    Math.ceil(since / (1000 * resolutionS)) * 1000 * resolutionS,
    Math.floor(until / (1000 * resolutionS)) * 1000 * resolutionS,
  ];
  if (end <= start) return undefined;
  const query = { series: [series], start, end, resolutionS, leastCoverage: LEAST_COVERAGE };
  const [means = []] = await readMeans(store, query).catch((): never[] => []);
  let most: number | undefined;
  for (const mean of means) if (!Number.isNaN(mean) && mean > (most ?? -Infinity)) most = mean;
  return most;
}
