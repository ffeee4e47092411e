import { MAX_TIME_MS } from './points.ts';
import type { SeriesKey } from './store.ts';

const DAY_MS = 86_400_000;

/** A day with points that came after their quarters were rolled up, or may have. */
export interface Late {
  /** Id of the note; `done` with this id covers the points. */
  id: number;
  /** Bounds of their times. */
  from: number;
  to: number;
  /** The store holds the note. */
  isNoted: boolean;
}

export interface Entry {
  readonly key: SeriesKey;
  /** Quarters before this are rolled up, and each of them was written before the newest; 0: none. */
  upTo: number;
  /** A point before this is late. Runs ahead of `upTo` during a roll-up; Infinity until the store has answered. */
  lateBefore: number;
  /** Time of the newest known sample. */
  newest: number;
  /** By the start of the day. */
  late: Map<number, Late>;
  /** Days whose quarters are being made again. */
  mending: Map<number, Late>;
}

/** Whole quarters, half open. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const dayOf = (time: number): number => Math.floor(time / DAY_MS) * DAY_MS;
/** After all points of the day: as long as the store accepts these, it accepts the note. */
export const endOf = (day: number): number => Math.min(day + DAY_MS, MAX_TIME_MS);

export function lateOf(entry: Entry, day: number): Late {
  let late = entry.late.get(day);
  if (late === undefined) entry.late.set(day, (late = { id: 0, from: Infinity, to: 0, isNoted: false }));
  return late;
}

/** Joins spans that touch or overlap. */
export function joined(spans: readonly Span[]): Span[] {
  const found: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last === undefined || span.from > last.to) found.push(span);
    else found[found.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
  }
  return found;
}
