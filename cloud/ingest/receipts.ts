import type { Archive } from './ledger-store.ts';
import type { Span } from './spans.ts';

/** Intervals [start + i x stepMs, start + (i + 1) x stepMs), ms UTC of plant time. */
export interface ReceiptGrid {
  readonly start: number;
  readonly stepMs: number;
  readonly count: number;
}

/**
 * For each interval the plant time at which the cloud had stored the last measurement in it, among those stored by `asOf`; null: none. A
 * span counts for all the time between its bounds, so the result may be too late, never too early and never after `asOf`.
 */
export function receiptsOf(
  spans: Iterable<Span>,
  archives: readonly Archive[],
  { start, stepMs, count }: ReceiptGrid,
  asOf = Number.POSITIVE_INFINITY,
): (number | null)[] {
  const latest = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const raise = (from: number, to: number, of: (index: number) => number): void => {
    const first = Math.max(0, Math.floor((from - start) / stepMs));
    const last = Math.min(count - 1, Math.floor((to - start) / stepMs));
    for (let index = first; index <= last; index++) latest[index] = Math.max(latest[index]!, of(index));
  };
  for (const { state, timeFrom, timeTo, receivedAt, lagMs } of spans) {
    if (state !== 'stored' || timeFrom === null || timeTo === null || (receivedAt ?? asOf) > asOf) continue;
    // Of a live span only what had been sent by then is known.
    raise(
      timeFrom,
      receivedAt === null ? Math.min(timeTo, asOf - lagMs) : timeTo,
      (index) => receivedAt ?? Math.min(timeTo, start + (index + 1) * stepMs) + lagMs,
    );
  }
  // Imported history counts as received at the end of its interval.
  for (const { timeFrom, timeTo, intervalMs } of archives)
    raise(timeFrom, Math.min(timeTo, asOf - intervalMs), (index) => start + (index + 1) * stepMs);
  return Array.from(latest, (value) => (value === Number.NEGATIVE_INFINITY ? null : Math.min(value, asOf)));
}

/** Bounds of the source times of everything stored; undefined if there is nothing. */
export function spanOfTimes(
  spans: Iterable<Span>,
  archives: readonly Archive[],
): { readonly from: number; readonly to: number } | undefined {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const widen = (first: number | null, last: number | null): void => {
    from = Math.min(from, first ?? from);
    to = Math.max(to, last ?? to);
  };
  for (const { state, timeFrom, timeTo } of spans) if (state === 'stored') widen(timeFrom, timeTo);
  for (const { timeFrom, timeTo } of archives) widen(timeFrom, timeTo);
  return from > to ? undefined : { from, to };
}
