import type { OffsetRange } from '../../shared/contracts/acknowledgement.ts';

/** What became of an offset. The earlier in this list wins, so that the order of reports does not matter. */
export const spanStates = ['stored', 'refused', 'dropped', 'lost'] as const;
export type SpanState = (typeof spanStates)[number];

/** Offsets [first, last] of one run that share their fate. */
export interface Span {
  readonly first: number;
  readonly last: number;
  readonly state: SpanState;
  /** Plant time at which the cloud stored it, or took note of it. */
  readonly receivedAt: number;
  /** Bounds of the source times within; null where no frame was readable. */
  readonly timeFrom: number | null;
  readonly timeTo: number | null;
  /** Catalogue code of a refusal, or the gateway's reason. */
  readonly code: string | null;
}

const MOST_ARGUMENTS = 1000;

const rank = (span: Span): number => spanStates.indexOf(span.state);

/** Whether `later` changes nothing about an offset that `earlier` tells of. Among equals the first receipt counts. */
const stands = (earlier: Span, later: Span): boolean =>
  rank(earlier) < rank(later) || (rank(earlier) === rank(later) && earlier.receivedAt <= later.receivedAt);

const alike = (a: Span, b: Span): boolean =>
  a.state === b.state &&
  a.receivedAt === b.receivedAt &&
  a.code === b.code &&
  (a.timeFrom === null) === (b.timeFrom === null);

const cut = (span: Span, first: number, last: number): Span =>
  first === span.first && last === span.last ? span : { ...span, first, last };

const join = (a: Span, b: Span): Span => ({
  ...a,
  last: b.last,
  timeFrom: a.timeFrom === null || b.timeFrom === null ? null : Math.min(a.timeFrom, b.timeFrom),
  timeTo: a.timeTo === null || b.timeTo === null ? null : Math.max(a.timeTo, b.timeTo),
});

export interface SpanChange {
  readonly removed: readonly Span[];
  readonly added: readonly Span[];
}

/** The account of one run: a union of disjoint spans in order. Adding is idempotent and does not depend on the order. */
export class SpanUnion {
  #spans: Span[] = [];
  /** The same offsets, whatever their fate, joined. */
  #covered: [number, number][] = [];
  #coveredOffsets = 0;

  get spans(): readonly Span[] {
    return this.#spans;
  }

  get covered(): readonly OffsetRange[] {
    return this.#covered;
  }

  /** Takes spans that are disjoint and in order, as they were persisted. */
  load(spans: readonly Span[]): void {
    this.#spans = [...spans];
    this.#covered = [];
    this.#coveredOffsets = 0;
    for (const { first, last } of spans) {
      this.#coveredOffsets += last - first + 1;
      const tail = this.#covered.at(-1);
      if (tail !== undefined && tail[1] + 1 === first) tail[1] = last;
      else this.#covered.push([first, last]);
    }
  }

  add(span: Span): SpanChange {
    this.#cover(span.first, span.last);
    // Neighbours that touch are taken along, so that what is alike grows together.
    const from = this.indexOf(span.first - 1);
    let to = from;
    while (to < this.#spans.length && this.#spans[to]!.first <= span.last + 1) to++;
    const old = this.#spans.slice(from, to);
    const merged = coalesce(overlay(old, span));
    const kept = new Set(merged);
    const before = new Set(old);
    this.#spans = spliced(this.#spans, from, to, merged);
    return { removed: old.filter((each) => !kept.has(each)), added: merged.filter((each) => !before.has(each)) };
  }

  /** Puts one span in the place of those that it joins: the index of the first of them, and how many. */
  join(at: number, count: number, span: Span): void {
    this.#spans = spliced(this.#spans, at, at + count, [span]);
  }

  /** Index of the covered range that holds `offset`; -1: none. */
  rangeOf(offset: number): number {
    const index = firstFrom(this.#covered.length, (i) => this.#covered[i]![1] >= offset);
    return index < this.#covered.length && this.#covered[index]![0] <= offset ? index : -1;
  }

  /** How many offsets from `offset` on are covered. */
  coveredFrom(offset: number): number {
    let below = 0;
    for (const [low, high] of this.#covered) {
      if (low >= offset) break;
      below += Math.min(high, offset - 1) - low + 1;
    }
    return this.#coveredOffsets - below;
  }

  /** Whether what is covered holds an offset of [first, last] or one beside it. */
  touches(first: number, last: number): boolean {
    const index = firstFrom(this.#covered.length, (i) => this.#covered[i]![1] >= first - 1);
    return index < this.#covered.length && this.#covered[index]![0] <= last + 1;
  }

  stateOf(offset: number): SpanState | undefined {
    return this.spanOf(offset)?.state;
  }

  spanOf(offset: number): Span | undefined {
    const span = this.#spans[this.indexOf(offset)];
    return span !== undefined && span.first <= offset ? span : undefined;
  }

  /** Whether any offset of [first, last] is stored. */
  touchesStored(first: number, last: number): boolean {
    for (let i = this.indexOf(first); i < this.#spans.length; i++) {
      const span = this.#spans[i]!;
      if (span.first > last) return false;
      if (span.state === 'stored') return true;
    }
    return false;
  }

  /** Index of the first span that ends at `offset` or later. */
  indexOf(offset: number): number {
    const spans = this.#spans;
    return firstFrom(spans.length, (i) => spans[i]!.last >= offset);
  }

  #cover(first: number, last: number): void {
    const ranges = this.#covered;
    const from = firstFrom(ranges.length, (i) => ranges[i]![1] >= first - 1);
    let to = from;
    let [low, high] = [first, last];
    while (to < ranges.length && ranges[to]![0] <= last + 1) {
      low = Math.min(low, ranges[to]![0]);
      high = Math.max(high, ranges[to]![1]);
      this.#coveredOffsets -= ranges[to]![1] - ranges[to]![0] + 1;
      to++;
    }
    this.#coveredOffsets += high - low + 1;
    ranges.splice(from, to - from, [low, high]);
  }
}

/** `list` with `items` in the place of [from, to): in place where these are few, as a call takes only so many arguments. */
function spliced(list: Span[], from: number, to: number, items: readonly Span[]): Span[] {
  if (items.length > MOST_ARGUMENTS) return [...list.slice(0, from), ...items, ...list.slice(to)];
  list.splice(from, to - from, ...items);
  return list;
}

/** `old` (in order) with `span` laid over it where it prevails, and into the gaps. */
function overlay(old: readonly Span[], span: Span): Span[] {
  const result: Span[] = [];
  let at = span.first;
  const fill = (upTo: number): void => {
    if (at <= upTo) result.push(cut(span, at, upTo));
    at = Math.max(at, upTo + 1);
  };
  for (const each of old) {
    fill(Math.min(each.first - 1, span.last));
    if (stands(each, span) || each.last < span.first || each.first > span.last) {
      result.push(each);
    } else {
      if (each.first < span.first) result.push(cut(each, each.first, span.first - 1));
      result.push(cut(span, Math.max(each.first, span.first), Math.min(each.last, span.last)));
      if (each.last > span.last) result.push(cut(each, span.last + 1, each.last));
    }
    at = Math.max(at, each.last + 1);
  }
  fill(span.last);
  return result;
}

function coalesce(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const tail = result.at(-1);
    if (tail !== undefined && tail.last + 1 === span.first && alike(tail, span))
      result[result.length - 1] = join(tail, span);
    else result.push(span);
  }
  return result;
}

/** The first index below `length` from which on `holds` is true (it is false before), by bisection. */
function firstFrom(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
