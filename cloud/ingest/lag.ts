import type { Span } from './spans.ts';

/**
 * What came within this of its source time came live: it counts as received one of these after it. Such spans join however long they
 * last, so that the account of a gateway whose link is up stays small.
 */
const LAGS_MS = [2000, 5000, 15_000, 60_000] as const;
export const LIVE_MS = 60_000;

type Receipt = Pick<Span, 'receivedAt' | 'lagMs'>;

/** How it is kept that frames from the source time `timeFrom` on came at `receivedAt`. */
export function receiptOf(timeFrom: number | null, receivedAt: number): Receipt {
  const lagMs = LAGS_MS.find((each) => timeFrom !== null && receivedAt - timeFrom <= each);
  return lagMs === undefined ? { receivedAt, lagMs: 0 } : { receivedAt: null, lagMs };
}

/** When the last of a span was received; undefined where that is not known. */
export const receivedBy = ({ receivedAt, timeTo, lagMs }: Span): number | undefined =>
  receivedAt ?? (timeTo === null ? undefined : timeTo + lagMs);
