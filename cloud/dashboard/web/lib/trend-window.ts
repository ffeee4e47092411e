import { dayNamed, dayOf } from './local-day.ts';

/** The time that a trend shows. */
export interface TrendWindow {
  readonly spanS: number;
  /** ms UTC; null: it ends now and moves with time. */
  readonly end: number | null;
}

const DEFAULT_S = 1800;
const LEAST_S = 60;
const MOST_S = 366 * 86_400;

/**
 * Reads the window from the address: `span` in seconds, `end` as ISO 8601. Missing or invalid parts get their defaults; `end` must lie
 * between 1970 and now.
 */
export function windowOf(query: URLSearchParams, now: number): TrendWindow {
  const spanS = bounded(Number(query.get('span')) || DEFAULT_S);
  const end = Date.parse(query.get('end') ?? '');
  return { spanS, end: end > 0 && end < now ? end : null };
}

/** The window for the address; an empty text removes a parameter. */
export const addressOf = ({ spanS, end }: TrendWindow): { readonly span: string; readonly end: string } => ({
  span: spanS === DEFAULT_S ? '' : String(spanS),
  end: end === null ? '' : new Date(end).toISOString().replace('.000Z', 'Z'),
});

/**
 * Moves the window by half a span, so that what was at an edge is in the middle. A move that ends within a quarter of a span of now snaps
 * to now, which has moved on meanwhile.
 */
export function moved({ spanS, end }: TrendWindow, direction: 1 | -1, now: number): TrendWindow {
  const next = (end ?? now) + direction * spanS * 500;
  return endedBy({ spanS, end: direction === 1 && next > now - spanS * 250 ? now : next }, now);
}

/** Changes the span about the middle; a window that ends now still does. */
export const spanned = ({ spanS, end }: TrendWindow, nextS: number, now: number): TrendWindow => {
  const next = bounded(nextS);
  return end === null ? { spanS: next, end } : endedBy({ spanS: next, end: end + (next - spanS) * 500 }, now);
};

/**
 * Returns the window between two times, ms UTC, cut off at now. A shorter one than the minimum is widened about its middle. Undefined if it
 * lies in the future.
 */
export function between(from: number, to: number, now: number): TrendWindow | undefined {
  if (from >= now) return undefined;
  const last = Math.min(to, now);
  const spanS = bounded((last - from) / 1000);
  return endedBy({ spanS, end: (from + last) / 2 + spanS * 500 }, now);
}

/** Returns the window of a local day up to now; undefined for an invalid name or a day in the future. */
export function windowOfDay(name: string, zone: string, now: number): TrendWindow | undefined {
  const day = dayNamed(name, zone);
  return day === undefined ? undefined : between(day.start, day.start + day.minutes * 60_000, now);
}

/** Returns the day of the window's last moment. */
export const dayOfWindow = ({ end }: TrendWindow, zone: string, now: number): string =>
  dayOf((end ?? now) - 1, zone).name;

const bounded = (spanS: number): number => Math.min(MOST_S, Math.max(LEAST_S, Math.round(spanS)));

/** Rounds to whole seconds to keep addresses short. */
function endedBy({ spanS, end }: { readonly spanS: number; readonly end: number }, now: number): TrendWindow {
  const whole = Math.round(end / 1000) * 1000;
  return { spanS, end: whole < now ? whole : null };
}
