import { LIVE_MS } from '../telemetry/as-of.ts';
import type { Span } from './spans.ts';

/**
 * A frame that arrives within `LIVE_MS` of its source time is live: it counts as received one of these lags after it. Live spans join whatever
 * their length, so that the account of a connected gateway stays small.
 */
const LAGS_MS = [2000, 5000, 15_000, LIVE_MS] as const;

type Receipt = Pick<Span, 'receivedAt' | 'lagMs'>;

/** The receipt of frames from the source time `timeFrom` on that arrived at `receivedAt`. */
export function receiptOf(timeFrom: number | null, receivedAt: number): Receipt {
  const lagMs = LAGS_MS.find((each) => timeFrom !== null && receivedAt - timeFrom <= each);
  return lagMs === undefined ? { receivedAt, lagMs: 0 } : { receivedAt: null, lagMs };
}

/** Time at which the last frame of a span was received; undefined if unknown. */
export const receivedBy = ({ receivedAt, timeTo, lagMs }: Span): number | undefined =>
  receivedAt ?? (timeTo === null ? undefined : timeTo + lagMs);
