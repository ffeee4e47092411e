import type { Span } from './spans.ts';

/** Joined receipts: `of`, which touch one another, are `span` from now on. */
export interface Joined {
  /** Index of the first of them. */
  readonly from: number;
  readonly of: readonly Span[];
  readonly span: Span;
}

/**
 * Which of `spans` (in order) are told apart no longer. Stored ones that touch, with receipts before `before` in the same cell of the
 * grid (ending on it), become one with the last receipt; what is not stored joins its like. A neighbour that has no time of its own
 * lies between the times of the spans beside it, so those keep theirs.
 */
export function joinedReceipts(spans: readonly Span[], before: number, gridMs: number): Joined[] {
  const joined: Joined[] = [];
  for (let from = 0; from < spans.length;) {
    let to = from + 1;
    while (to < spans.length && belong(spans[to - 1]!, spans[to]!, before, gridMs)) to++;
    const run = to - from > 1 ? spans.slice(from, to) : [];
    const kept = run[0]?.state === 'stored' ? edgesKept(run, spans[from - 1], spans[to]) : run;
    if (kept.length > 1) joined.push({ from: from + run.indexOf(kept[0]!), of: kept, span: one(kept) });
    from = to;
  }
  return joined;
}

function belong(a: Span, b: Span, before: number, gridMs: number): boolean {
  if (a.last + 1 !== b.first || a.state !== b.state || a.code !== b.code) return false;
  if (a.receivedAt >= before || b.receivedAt >= before) return false;
  if (a.state !== 'stored') return isTimeless(a) && isTimeless(b);
  const cell = (span: Span): number => Math.ceil(span.receivedAt / gridMs);
  return cell(a) === cell(b) && !isTimeless(a) && !isTimeless(b);
}

/** Without a first or last span whose time a neighbour leans on, where joining would move it. */
function edgesKept(run: readonly Span[], left: Span | undefined, right: Span | undefined): readonly Span[] {
  let kept = run;
  const leans = (span: Span | undefined, touches: boolean): boolean =>
    !touches || span === undefined || isTimeless(span);
  if (leans(right, right?.first === run.at(-1)!.last + 1) && one(kept).timeTo !== run.at(-1)!.timeTo) {
    kept = kept.slice(0, -1);
  }
  if (kept.length > 0 && leans(left, left?.last === run[0]!.first - 1) && one(kept).timeFrom !== run[0]!.timeFrom) {
    kept = kept.slice(1);
  }
  return kept;
}

function one(spans: readonly Span[]): Span {
  let { receivedAt, timeFrom, timeTo } = spans[0]!;
  for (const span of spans) {
    receivedAt = Math.max(receivedAt, span.receivedAt);
    if (timeFrom === null || timeTo === null || isTimeless(span)) continue;
    timeFrom = Math.min(timeFrom, span.timeFrom!);
    timeTo = Math.max(timeTo, span.timeTo!);
  }
  return { ...spans[0]!, last: spans.at(-1)!.last, receivedAt, timeFrom, timeTo };
}

const isTimeless = (span: Span): boolean => span.timeFrom === null || span.timeTo === null;
