import type { OffsetRange } from '../../shared/contracts/acknowledgement.ts';

/** The fate of an offset. An earlier state in this list wins, so that the order of reports does not matter. */
export const spanStates = ['stored', 'refused', 'dropped', 'lost'] as const;
export type SpanState = (typeof spanStates)[number];

/** Offsets [first, last] of one run with the same fate. */
export interface Span {
  readonly first: number;
  readonly last: number;
  readonly state: SpanState;
  /** Plant time at which the cloud stored or noted it; null if it came live. */
  readonly receivedAt: number | null;
  /** A live frame counts as received this long after its source time. 0 where `receivedAt` is set. */
  readonly lagMs: number;
  /** Bounds of the source times within; null if no frame was readable. */
  readonly timeFrom: number | null;
  readonly timeTo: number | null;
  /** Catalogue code of a refusal, or the gateway's reason. */
  readonly code: string | null;
}

const MOST_ARGUMENTS = 1000;
export const QUARTER_MS = 900_000;

const rank = (span: Span): number => spanStates.indexOf(span.state);

/** True if `later` does not change an offset that `earlier` describes. Among equals the first receipt counts. */
function stands(earlier: Span, later: Span): boolean {
  if (rank(earlier) !== rank(later)) return rank(earlier) < rank(later);
  if (earlier.receivedAt === null) return later.receivedAt !== null || earlier.lagMs <= later.lagMs;
  return later.receivedAt !== null && earlier.receivedAt <= later.receivedAt;
}

/** True if none of its frames was readable. */
export const isTimeless = (span: Span): boolean => span.timeFrom === null || span.timeTo === null;

/** True if two adjacent spans join at once. */
function alike(a: Span, b: Span): boolean {
  if (a.state !== b.state || a.code !== b.code || isTimeless(a) !== isTimeless(b)) return false;
  if (a.state === 'refused') return isTimeless(a) || inOneQuarter(a, b);
  if (a.receivedAt !== b.receivedAt) return false;
  if (a.state !== 'stored') return true;
  // A greater lag holds for the rest of its quarter of an hour, so that one that fluctuates leaves few spans.
  return a.lagMs === b.lagMs || inOneQuarter(a, b);
}

function inOneQuarter(a: Span, b: Span): boolean {
  const [first, ...others] = [a.timeFrom, a.timeTo, b.timeFrom, b.timeTo].map((time) => Math.floor(time! / QUARTER_MS));
  return others.every((each) => each === first);
}

const cut = (span: Span, first: number, last: number): Span =>
  first === span.first && last === span.last ? span : { ...span, first, last };

/** One span for two adjacent ones, received no earlier than either. */
export const joined = (a: Span, b: Span): Span => ({
  ...a,
  last: b.last,
  receivedAt: a.receivedAt === null || b.receivedAt === null ? null : Math.max(a.receivedAt, b.receivedAt),
  lagMs: Math.max(a.lagMs, b.lagMs),
  timeFrom: a.timeFrom === null || b.timeFrom === null ? null : Math.min(a.timeFrom, b.timeFrom),
  timeTo: a.timeTo === null || b.timeTo === null ? null : Math.max(a.timeTo, b.timeTo),
});

/** A stretch of spans in order, and its replacement. */
export interface SpanChange {
  readonly removed: readonly Span[];
  readonly added: readonly Span[];
}

/** The change without the spans that are the same at both ends. */
function changeOf(before: readonly Span[], after: readonly Span[]): SpanChange {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return { removed: before.slice(head, before.length - tail), added: after.slice(head, after.length - tail) };
}

/** The account of one run: a union of disjoint spans in order. Adding is idempotent and independent of order. */
export class SpanUnion {
  #spans: Span[] = [];
  /** The same offsets joined, whatever their fate: first and last of each range in turn. */
  #covered: number[] = [];

  get spans(): readonly Span[] {
    return this.#spans;
  }

  /** Number of accounted ranges, whatever their fate. */
  get rangeCount(): number {
    return this.#covered.length / 2;
  }

  /** Ranges [from, to) by index, in order. */
  ranges(from = 0, to = this.rangeCount): OffsetRange[] {
    return Array.from({ length: Math.max(0, to - from) }, (_, n) => [this.#low(from + n), this.#high(from + n)]);
  }

  #low(index: number): number {
    return this.#covered[2 * index]!;
  }

  #high(index: number): number {
    return this.#covered[2 * index + 1]!;
  }

  /** Loads persisted spans, which are disjoint and in order. */
  load(spans: readonly Span[]): void {
    this.#spans = [...spans];
    const covered: number[] = [];
    for (const { first, last } of spans) {
      if (covered.at(-1) === first - 1) covered[covered.length - 1] = last;
      else covered.push(first, last);
    }
    // Drops the spare capacity that a growing array keeps.
    this.#covered = covered.slice();
  }

  add(span: Span): SpanChange {
    this.#cover(span.first, span.last);
    // Includes adjacent neighbours, so that equal spans merge.
    const from = this.indexOf(span.first - 1);
    let to = from;
    while (to < this.#spans.length && this.#spans[to]!.first <= span.last + 1) to++;
    const old = this.#spans.slice(from, to);
    const merged = coalesce(overlay(old, span));
    this.#spans = spliced(this.#spans, from, to, merged);
    return changeOf(old, merged);
  }

  /** Replaces `count` spans from index `at` on with one. */
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

  /** True if an offset of [first, last], or one beside it, is covered. */
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

  /** True if any offset of [first, last] is stored. */
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

/** `list` with [from, to) replaced by `items`: in place if these are few, because a call takes a limited number of arguments. */
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

/** The first index below `length` at which `holds` is true (false before, true after), by bisection. */
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
