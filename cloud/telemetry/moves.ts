import type { SeriesKey, TelemetryStore } from './store.ts';

/** How far before the span to look for the value that the first move starts from. */
const BEFORE_MS = 3_600_000;

/**
 * Total number of positions that a series moved in [since, until), ms UTC, in both directions. Undefined if it has no value, or the store
 * does not answer.
 */
export async function movesBetween(
  store: Pick<TelemetryStore, 'read'>,
  series: SeriesKey,
  { since, until }: { readonly since: number; readonly until: number },
): Promise<number | undefined> {
  const [samples = []] = await store
    .read({ series: [series], start: since - BEFORE_MS, end: until })
    .catch((): never[] => []);
  const known = samples.filter(({ quality }) => quality !== 'bad');
  let before = known[0]?.value;
  if (before === undefined) return undefined;
  let moves = 0;
  for (const { time, value } of known) {
    if (time >= since) moves += Math.abs(Math.round(value) - Math.round(before));
    before = value;
  }
  return moves;
}
