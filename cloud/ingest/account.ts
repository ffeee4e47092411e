import type { OffsetRange } from '../../shared/contracts/acknowledgement.ts';
import type { Stream } from '../../shared/contracts/frame.ts';
import type { KnownRange } from '../telemetry/as-of.ts';
import { SpanUnion, type Span } from './spans.ts';

/** An acknowledgement holds at most this many ranges: the lowest, so that gaps close from below, and the newest. */
const LOWEST_RANGES = 24;
const HIGHEST_RANGES = 8;

/** How many spans a gap searches on each side for a source time. The bound keeps a gateway that sends no times as cheap as any other. */
const NEAR = 64;

export interface Coverage {
  /** -1 if the first offset is not covered or not known. */
  readonly upTo: number;
  readonly ranges: readonly OffsetRange[];
}

/** A stretch of a run that is not stored: its fate, and bounds of its source times. */
export interface Stretch {
  readonly frames: number;
  readonly state: Exclude<Span['state'], 'stored'> | 'missing';
  readonly timeFrom: number;
  readonly timeTo: number;
  readonly code: string | null;
}

export interface RunKey {
  readonly gateway: string;
  readonly stream: Stream;
  readonly run: number;
}

/** The account of one (gateway, stream, run). */
export class Account implements RunKey {
  readonly gateway: string;
  readonly stream: Stream;
  readonly run: number;
  /** Plant time at which it was opened, ms UTC. */
  readonly openedAt: number;
  readonly union = new SpanUnion();
  /** The run's first offset, once the gateway has reported it. */
  firstOffset: number | null = null;
  /** The run's last offset, once a later run is known. */
  lastOffset: number | null = null;

  constructor({ gateway, stream, run }: RunKey, openedAt: number) {
    this.gateway = gateway;
    this.stream = stream;
    this.run = run;
    this.openedAt = openedAt;
  }

  /** The content of an acknowledgement: everything up to `upTo`, and the ranges above it. */
  coverage(): Coverage {
    const { firstOffset, union } = this;
    const base = firstOffset === null ? -1 : union.rangeOf(firstOffset);
    const { rangeCount } = union;
    const above = rangeCount - (base + 1);
    const ranges =
      above <= LOWEST_RANGES + HIGHEST_RANGES
        ? union.ranges(base + 1)
        : [...union.ranges(base + 1, base + 1 + LOWEST_RANGES), ...union.ranges(rangeCount - HIGHEST_RANGES)];
    return { upTo: base < 0 ? -1 : union.ranges(base, base + 1)[0]![1], ranges };
  }

  /** The offsets whose gaps may change when a span is added over [first, last]. */
  around(first: number, last: number): OffsetRange {
    const { spans } = this.union;
    let before = this.union.indexOf(first - 1) - 1;
    for (let left = NEAR + 1; left > 0 && spans[before]?.timeTo === null; left--) before--;
    let behind = this.union.indexOf(last + 1);
    if (behind < spans.length && spans[behind]!.first <= last + 1) behind++;
    for (let left = NEAR + 1; left > 0 && spans[behind]?.timeFrom === null; left--) behind++;
    return [(spans[before]?.last ?? -Infinity) + 1, (spans[behind]?.first ?? Infinity) - 1];
  }

  /**
   * Everything in the run that is not stored; with [from, to], which starts after a span and ends before one, only what lies in it. A
   * stretch without times of its own lies between the times of its neighbours; if no near neighbour has one, it may lie anywhere.
   */
  gaps([from, to]: OffsetRange = [-Infinity, Infinity]): Stretch[] {
    const { union, firstOffset, lastOffset } = this;
    const { spans } = union;
    const gaps: { -readonly [Key in keyof Stretch]: Stretch[Key] }[] = [];
    /** Gaps that still need an end time from a later span, with the span index from which it is searched. */
    let open: { readonly gap: (typeof gaps)[number]; readonly index: number }[] = [];
    let index = union.indexOf(from);
    let timed = index - 1;
    while (timed >= 0 && index - timed <= NEAR && spans[timed]!.timeTo === null) timed--;
    let at = Math.max(from, firstOffset ?? spans[0]?.first ?? 0);
    const before = (): number => (index - timed <= NEAR ? spans[timed]?.timeTo : undefined) ?? -Infinity;
    const found = (time: number): void => {
      for (const each of open) if (index - each.index <= NEAR) each.gap.timeTo = time;
      open = [];
    };
    const missing = (upTo: number): void => {
      if (upTo < at) return;
      const gap = {
        frames: upTo - at + 1,
        state: 'missing',
        timeFrom: before(),
        timeTo: Infinity,
        code: null,
      } as const;
      gaps.push({ ...gap });
      open.push({ gap: gaps.at(-1)!, index });
    };
    for (; index < spans.length && spans[index]!.first <= to; index++) {
      const { first, last, state, timeFrom, timeTo, code } = spans[index]!;
      missing(first - 1);
      if (timeFrom !== null) found(timeFrom);
      if (state !== 'stored') {
        const frames = last - first + 1;
        gaps.push({ frames, state, timeFrom: timeFrom ?? before(), timeTo: timeTo ?? Infinity, code });
        if (timeTo === null) open.push({ gap: gaps.at(-1)!, index });
      }
      if (timeTo !== null) timed = index;
      at = Math.max(at, last + 1);
    }
    missing(index < spans.length ? spans[index]!.first - 1 : (lastOffset ?? -1));
    for (let left = NEAR; open.length > 0 && left > 0 && index < spans.length; left--, index++) {
      const { timeFrom } = spans[index]!;
      if (timeFrom !== null) found(timeFrom);
    }
    return gaps;
  }

  /** Ranges stored by `asOf`, joined where they touch. */
  known(asOf: number): KnownRange[] {
    const ranges: { first: number; last: number; timeFrom: number; timeTo: number }[] = [];
    let isWhole = false;
    for (const span of this.union.spans) {
      if (span.state !== 'stored') continue;
      const { first, last, receivedAt, lagMs } = span;
      if (receivedAt !== null && receivedAt > asOf) continue;
      const timeFrom = span.timeFrom ?? 0;
      // Live frames count only once their lag has passed.
      const timeTo = Math.min(span.timeTo ?? Infinity, receivedAt === null ? asOf - lagMs : Infinity);
      if (timeTo < timeFrom) continue;
      const isCut = timeTo < (span.timeTo ?? Infinity);
      const tail = ranges.at(-1);
      if (isWhole && !isCut && tail !== undefined && tail.last + 1 === first) {
        tail.last = last;
        tail.timeFrom = Math.min(tail.timeFrom, timeFrom);
        tail.timeTo = Math.max(tail.timeTo, timeTo);
      } else {
        ranges.push({ first, last, timeFrom, timeTo });
      }
      isWhole = !isCut;
    }
    return ranges;
  }
}
