import type { SeriesKey, TelemetryStore } from './store.ts';

/** So far before the span a value is sought from which the first move in it is told. */
const BEFORE_MS = 3_600_000;

/**
 * By how many positions a series has moved in [since, until), ms UTC: the sum of all changes, back and forth. Undefined where it has
 * no value, or the store does not answer.
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
