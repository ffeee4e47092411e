import type { OffsetRange } from '../../shared/contracts/acknowledgement.ts';

/** What became of an offset. The earlier in this list wins, so that the order of reports does not matter. */
export const spanStates = ['stored', 'refused', 'dropped', 'lost'] as const;
export type SpanState = (typeof spanStates)[number];

/** Offsets [first, last] of one run that share their fate. */
export interface Span {
  readonly first: number;
  readonly last: number;
  readonly state: SpanState;
  /** Plant time at which the cloud stored it, or took note of it; null where it came live. */
  readonly receivedAt: number | null;
  /** What came live counts as received this long after its source time, frame by frame. 0 where `receivedAt` is kept. */
  readonly lagMs: number;
  /** Bounds of the source times within; null where no frame was readable. */
  readonly timeFrom: number | null;
  readonly timeTo: number | null;
  /** Catalogue code of a refusal, or the gateway's reason. */
  readonly code: string | null;
}

const MOST_ARGUMENTS = 1000;
export const QUARTER_MS = 900_000;

const rank = (span: Span): number => spanStates.indexOf(span.state);

/** Whether `later` changes nothing about an offset that `earlier` tells of. Among equals the first receipt counts. */
function stands(earlier: Span, later: Span): boolean {
  if (rank(earlier) !== rank(later)) return rank(earlier) < rank(later);
  if (earlier.receivedAt === null) return later.receivedAt !== null || earlier.lagMs <= later.lagMs;
  return later.receivedAt !== null && earlier.receivedAt <= later.receivedAt;
}

const isTimeless = (span: Span): boolean => span.timeFrom === null || span.timeTo === null;

/** Whether what follows on joins at once. */
function alike(a: Span, b: Span): boolean {
  if (a.state !== b.state || a.code !== b.code || isTimeless(a) !== isTimeless(b)) return false;
  if (a.state === 'refused') return isTimeless(a) || inOneQuarter(a, b);
  if (a.receivedAt !== b.receivedAt) return false;
  if (a.state !== 'stored') return true;
  // A lag that is greater for a moment holds for the rest of its quarter: one that jumps to and fro leaves few spans.
  return a.lagMs === b.lagMs || inOneQuarter(a, b);
}

function inOneQuarter(a: Span, b: Span): boolean {
  const [first, ...others] = [a.timeFrom, a.timeTo, b.timeFrom, b.timeTo].map((time) => Math.floor(time! / QUARTER_MS));
  return others.every((each) => each === first);
}

const cut = (span: Span, first: number, last: number): Span =>
  first === span.first && last === span.last ? span : { ...span, first, last };

/** One span in the place of two that touch, received no sooner than either. */
export const joined = (a: Span, b: Span): Span => ({
  ...a,
  last: b.last,
  receivedAt: a.receivedAt === null || b.receivedAt === null ? null : Math.max(a.receivedAt, b.receivedAt),
  lagMs: Math.max(a.lagMs, b.lagMs),
  timeFrom: a.timeFrom === null || b.timeFrom === null ? null : Math.min(a.timeFrom, b.timeFrom),
  timeTo: a.timeTo === null || b.timeTo === null ? null : Math.max(a.timeTo, b.timeTo),
});

/** A stretch of spans in order, and those that stand in its place. */
export interface SpanChange {
  readonly removed: readonly Span[];
  readonly added: readonly Span[];
}

/** Without what is the same at both ends. */
function changeOf(before: readonly Span[], after: readonly Span[]): SpanChange {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return { removed: before.slice(head, before.length - tail), added: after.slice(head, after.length - tail) };
}

/** The account of one run: a union of disjoint spans in order. Adding is idempotent and does not depend on the order. */
export class SpanUnion {
  #spans: Span[] = [];
  /** The same offsets, whatever their fate, joined: first and last of each range, one behind the other. */
  #covered: number[] = [];

  get spans(): readonly Span[] {
    return this.#spans;
  }

  /** Ranges of what is accounted for, whatever its fate. */
  get rangeCount(): number {
    return this.#covered.length / 2;
  }

  /** Those from one index up to another, in order. */
  ranges(from = 0, to = this.rangeCount): OffsetRange[] {
    return Array.from({ length: Math.max(0, to - from) }, (_, n) => [this.#low(from + n), this.#high(from + n)]);
  }

  #low(index: number): number {
    return this.#covered[2 * index]!;
  }

  #high(index: number): number {
    return this.#covered[2 * index + 1]!;
  }

  /** Takes spans that are disjoint and in order, as they were persisted. */
  load(spans: readonly Span[]): void {
    this.#spans = [...spans];
    const covered: number[] = [];
    for (const { first, last } of spans) {
      if (covered.at(-1) === first - 1) covered[covered.length - 1] = last;
      else covered.push(first, last);
    }
    // Without the room that an array leaves to grow.
    this.#covered = covered.slice();
  }

  add(span: Span): SpanChange {
    this.#cover(span.first, span.last);
    // Neighbours that touch are taken along, so that what is alike grows together.
    const from = this.indexOf(span.first - 1);
    let to = from;
    while (to < this.#spans.length && this.#spans[to]!.first <= span.last + 1) to++;
    const old = this.#spans.slice(from, to);
    const merged = coalesce(overlay(old, span));
    this.#spans = spliced(this.#spans, from, to, merged);
    return changeOf(old, merged);
  }

  /** Puts one span in the place of those that it joins: the index of the first of them, and how many. */
  join(at: number, count: number, span: Span): SpanChange {
    const removed = this.#spans.slice(at, at + count);
    this.#spans = spliced(this.#spans, at, at + count, [span]);
    return { removed, added: [span] };
  }

  /** Index of the covered range that holds `offset`; -1: none. */
  rangeOf(offset: number): number {
    const index = firstFrom(this.rangeCount, (i) => this.#high(i) >= offset);
    return index < this.rangeCount && this.#low(index) <= offset ? index : -1;
  }

  /** Whether what is covered holds an offset of [first, last] or one beside it. */
  touches(first: number, last: number): boolean {
    const index = firstFrom(this.rangeCount, (i) => this.#high(i) >= first - 1);
    return index < this.rangeCount && this.#low(index) <= last + 1;
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
    const from = firstFrom(this.rangeCount, (i) => this.#high(i) >= first - 1);
    let to = from;
    let [low, high] = [first, last];
    for (; to < this.rangeCount && this.#low(to) <= last + 1; to++) {
      low = Math.min(low, this.#low(to));
      high = Math.max(high, this.#high(to));
    }
    this.#covered.splice(2 * from, 2 * (to - from), low, high);
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
      result[result.length - 1] = joined(tail, span);
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
