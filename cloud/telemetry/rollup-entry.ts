import { MAX_TIME_MS } from './points.ts';
import type { SeriesKey } from './store.ts';

const DAY_MS = 86_400_000;

/** A day of which points came when their quarters were rolled up, or may have been. */
export interface Late {
  /** Of the points that came: what is done under it holds them. */
  id: number;
  /** First and last time of them. */
  from: number;
  to: number;
  /** The store holds the note. */
  isNoted: boolean;
}

export interface Entry {
  readonly key: SeriesKey;
  /** Quarters before this are rolled up, and all of them were written before the newest; 0: none is. */
  upTo: number;
  /** A point before this is late. It runs ahead of `upTo` while a roll-up is made, and is Infinity before the store has been asked. */
  lateBefore: number;
  /** Time of the newest sample that is known. */
  newest: number;
  /** By the start of their day. */
  late: Map<number, Late>;
  /** Those whose quarters are being made again. */
  mending: Map<number, Late>;
}

/** Whole quarters, half open. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const dayOf = (time: number): number => Math.floor(time / DAY_MS) * DAY_MS;
/** Behind all points of the day: where the store still takes these, it takes the note. */
export const endOf = (day: number): number => Math.min(day + DAY_MS, MAX_TIME_MS);

export function lateOf(entry: Entry, day: number): Late {
  let late = entry.late.get(day);
  if (late === undefined) entry.late.set(day, (late = { id: 0, from: Infinity, to: 0, isNoted: false }));
  return late;
}

/** Spans that touch become one. */
export function joined(spans: readonly Span[]): Span[] {
  const found: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last === undefined || span.from > last.to) found.push(span);
    else found[found.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
  }
  return found;
}
