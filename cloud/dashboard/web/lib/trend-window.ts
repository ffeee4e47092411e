import { dayNamed, dayOf } from './local-day.ts';

/** What of the time a trend shows. */
export interface TrendWindow {
  readonly spanS: number;
  /** ms UTC; null: it ends now, and moves on with it. */
  readonly end: number | null;
}

const DEFAULT_S = 1800;
const LEAST_S = 60;
const MOST_S = 366 * 86_400;

/** By the address: `span` in seconds, `end` as a time of ISO 8601. What is not there, or is no number or time that has passed since 1970, is the default. */
export function windowOf(query: URLSearchParams, now: number): TrendWindow {
  const spanS = bounded(Number(query.get('span')) || DEFAULT_S);
  const end = Date.parse(query.get('end') ?? '');
  return { spanS, end: end > 0 && end < now ? end : null };
}

/** As the address has it; an empty text takes a part out of it. */
export const addressOf = ({ spanS, end }: TrendWindow): { readonly span: string; readonly end: string } => ({
  span: spanS === DEFAULT_S ? '' : String(spanS),
  end: end === null ? '' : new Date(end).toISOString().replace('.000Z', 'Z'),
});

/**
 * Half a span back or on: what stood at one edge is in the middle then. Who comes within a quarter of a span of now is at now again: it has
 * moved on while the past was looked at.
 */
export function moved({ spanS, end }: TrendWindow, way: 1 | -1, now: number): TrendWindow {
  const next = (end ?? now) + way * spanS * 500;
  return endedBy({ spanS, end: way === 1 && next > now - spanS * 250 ? now : next }, now);
}

/** Another span about the middle; one that ends now goes on ending now. */
export const spanned = ({ spanS, end }: TrendWindow, nextS: number, now: number): TrendWindow => {
  const next = bounded(nextS);
  return end === null ? { spanS: next, end } : endedBy({ spanS: next, end: end + (next - spanS) * 500 }, now);
};

/** From one time to another, ms UTC, as far as it has passed; what is shorter than the least is widened about its middle. Undefined: none of it has. */
export function between(from: number, to: number, now: number): TrendWindow | undefined {
  if (from >= now) return undefined;
  const last = Math.min(to, now);
  const spanS = bounded((last - from) / 1000);
  return endedBy({ spanS, end: (from + last) / 2 + spanS * 500 }, now);
}

/** A day of a zone, as far as it has passed; undefined: the name is none of a day that has begun. */
export function windowOfDay(name: string, zone: string, now: number): TrendWindow | undefined {
  const day = dayNamed(name, zone);
  return day === undefined ? undefined : between(day.start, day.start + day.minutes * 60_000, now);
}

/** The day in which it lies: that of its last moment. */
export const dayOfWindow = ({ end }: TrendWindow, zone: string, now: number): string =>
  dayOf((end ?? now) - 1, zone).name;

const bounded = (spanS: number): number => Math.min(MOST_S, Math.max(LEAST_S, Math.round(spanS)));

/** Whole seconds, so that an address stays short. */
function endedBy({ spanS, end }: { readonly spanS: number; readonly end: number }, now: number): TrendWindow {
  const whole = Math.round(end / 1000) * 1000;
  return { spanS, end: whole < now ? whole : null };
}
