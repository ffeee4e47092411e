import type { OffsetRange } from '../../shared/contracts/acknowledgement.ts';
import type { Stream } from '../../shared/contracts/frame.ts';
import type { KnownRange } from '../telemetry/as-of.ts';
import type { Span, SpanUnion } from './spans.ts';

/** The account of one (gateway, stream, run). */
export interface Account {
  readonly id: number;
  readonly gateway: string;
  readonly stream: Stream;
  readonly run: number;
  readonly union: SpanUnion;
  /** The run's first offset, once the gateway has told it. */
  firstOffset: number | null;
  /** The run's last offset, once a later run is known. */
  lastOffset: number | null;
}

/** At most this many ranges go into one acknowledgement: those lowest, so that gaps close from below, and the newest. */
const LOWEST_RANGES = 24;
const HIGHEST_RANGES = 8;

export interface Coverage {
  /** -1 where the first offset is not covered, or not known. */
  readonly upTo: number;
  readonly ranges: readonly OffsetRange[];
}

/** What an acknowledgement says of a run: everything up to `upTo`, and ranges above it. */
export function coverageOf(account: Account): Coverage {
  const { firstOffset } = account;
  const covered = account.union.covered;
  const base =
    firstOffset === null ? undefined : covered.find(([low, high]) => low <= firstOffset && firstOffset <= high);
  const upTo = base?.[1] ?? -1;
  const above = covered.filter(([low]) => low > upTo);
  const ranges =
    above.length <= LOWEST_RANGES + HIGHEST_RANGES
      ? above
      : [...above.slice(0, LOWEST_RANGES), ...above.slice(-HIGHEST_RANGES)];
  return { upTo, ranges: ranges.map(([low, high]) => [low, high] as const) };
}

/** A stretch of a run with one fate, and the source times that it may lie between. */
export interface Stretch {
  readonly frames: number;
  readonly state: Span['state'] | 'missing';
  readonly timeFrom: number;
  readonly timeTo: number;
  readonly code: string | null;
}

/** The whole run from its first offset to its last known one. What has no time of its own lies between its neighbours. */
export function stretchesOf(account: Account): Stretch[] {
  const { spans } = account.union;
  const pieces: { first: number; last: number; span: Span | undefined }[] = [];
  let at = account.firstOffset ?? spans[0]?.first ?? 0;
  for (const span of spans) {
    if (span.first > at) pieces.push({ first: at, last: span.first - 1, span: undefined });
    pieces.push({ first: span.first, last: span.last, span });
    at = Math.max(at, span.last + 1);
  }
  if (account.lastOffset !== null && account.lastOffset >= at) {
    pieces.push({ first: at, last: account.lastOffset, span: undefined });
  }
  return pieces.map(({ first, last, span }, index) => {
    const before = pieces.slice(0, index).findLast((piece) => typeof piece.span?.timeTo === 'number');
    const after = pieces.slice(index + 1).find((piece) => typeof piece.span?.timeFrom === 'number');
    return {
      frames: last - first + 1,
      state: span?.state ?? 'missing',
      timeFrom: span?.timeFrom ?? before?.span?.timeTo ?? -Infinity,
      timeTo: span?.timeTo ?? after?.span?.timeFrom ?? Infinity,
      code: span?.code ?? null,
    };
  });
}

/** Ranges of what was stored at `asOf`, joined where they touch. */
export function knownRanges(account: Account, asOf: number): KnownRange[] {
  const ranges: { first: number; last: number; timeFrom: number; timeTo: number }[] = [];
  for (const span of account.union.spans) {
    if (span.state !== 'stored' || span.receivedAt > asOf) continue;
    const { first, last } = span;
    const timeFrom = span.timeFrom ?? 0;
    const timeTo = span.timeTo ?? Infinity;
    const tail = ranges.at(-1);
    if (tail !== undefined && tail.last + 1 === first) {
      tail.last = last;
      tail.timeFrom = Math.min(tail.timeFrom, timeFrom);
      tail.timeTo = Math.max(tail.timeTo, timeTo);
    } else {
      ranges.push({ first, last, timeFrom, timeTo });
    }
  }
  return ranges;
}
