import type { OffsetRange } from '../../shared/contracts/acknowledgement.ts';
import type { Stream } from '../../shared/contracts/frame.ts';
import type { KnownRange } from '../telemetry/as-of.ts';
import { SpanUnion, type Span } from './spans.ts';

/** At most this many ranges go into one acknowledgement: those lowest, so that gaps close from below, and the newest. */
const LOWEST_RANGES = 24;
const HIGHEST_RANGES = 8;

export interface Coverage {
  /** -1 where the first offset is not covered, or not known. */
  readonly upTo: number;
  readonly ranges: readonly OffsetRange[];
}

/** A stretch of a run that is not stored, its fate, and the source times that it may lie between. */
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
  readonly id: number;
  readonly gateway: string;
  readonly stream: Stream;
  readonly run: number;
  /** Plant time at which it was opened, ms UTC. */
  readonly openedAt: number;
  readonly union = new SpanUnion();
  /** The run's first offset, once the gateway has told it. */
  firstOffset: number | null = null;
  /** The run's last offset, once a later run is known. */
  lastOffset: number | null = null;

  constructor({ gateway, stream, run }: RunKey, id: number, openedAt: number) {
    this.id = id;
    this.gateway = gateway;
    this.stream = stream;
    this.run = run;
    this.openedAt = openedAt;
  }

  /** What an acknowledgement says of a run: everything up to `upTo`, and ranges above it. */
  coverage(): Coverage {
    const { firstOffset, union } = this;
    const { covered } = union;
    const base = firstOffset === null ? -1 : union.rangeOf(firstOffset);
    const above = covered.length - (base + 1);
    const ranges =
      above <= LOWEST_RANGES + HIGHEST_RANGES
        ? covered.slice(base + 1)
        : [...covered.slice(base + 1, base + 1 + LOWEST_RANGES), ...covered.slice(-HIGHEST_RANGES)];
    return { upTo: covered[base]?.[1] ?? -1, ranges: ranges.map(([low, high]) => [low, high] as const) };
  }

  /** Offsets from the first to the last known one that nothing is known of. */
  missing(): number {
    const { firstOffset, lastOffset, union } = this;
    const { covered } = union;
    const from = firstOffset ?? covered[0]?.[0] ?? 0;
    const to = Math.max(lastOffset ?? -1, covered.at(-1)?.[1] ?? -1);
    return Math.max(0, to - from + 1 - union.coveredFrom(from));
  }

  /** All of the run that is not stored. What has no time of its own lies between its neighbours. */
  gaps(): Stretch[] {
    const pieces = this.#pieces();
    const timeTo = new Float64Array(pieces.length);
    let next = Infinity;
    for (let at = pieces.length - 1; at >= 0; at--) {
      const { span } = pieces[at]!;
      timeTo[at] = span?.timeTo ?? next;
      next = span?.timeFrom ?? next;
    }
    const gaps: Stretch[] = [];
    let before = -Infinity;
    for (const [at, { first, last, span }] of pieces.entries()) {
      const state = span?.state ?? 'missing';
      const timeFrom = span?.timeFrom ?? before;
      if (state !== 'stored') {
        gaps.push({ frames: last - first + 1, state, timeFrom, timeTo: timeTo[at]!, code: span?.code ?? null });
      }
      before = span?.timeTo ?? before;
    }
    return gaps;
  }

  #pieces(): { readonly first: number; readonly last: number; readonly span: Span | undefined }[] {
    const { spans } = this.union;
    const pieces: { first: number; last: number; span: Span | undefined }[] = [];
    let at = this.firstOffset ?? spans[0]?.first ?? 0;
    for (const span of spans) {
      if (span.first > at) pieces.push({ first: at, last: span.first - 1, span: undefined });
      pieces.push({ first: span.first, last: span.last, span });
      at = Math.max(at, span.last + 1);
    }
    if (this.lastOffset !== null && this.lastOffset >= at) {
      pieces.push({ first: at, last: this.lastOffset, span: undefined });
    }
    return pieces;
  }

  /** Ranges of what was stored at `asOf`, joined where they touch. */
  known(asOf: number): KnownRange[] {
    const ranges: { first: number; last: number; timeFrom: number; timeTo: number }[] = [];
    for (const span of this.union.spans) {
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
}
