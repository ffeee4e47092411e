import type { OffsetRange, RangeReport } from '../../shared/contracts/acknowledgement.ts';
import type { Stream } from '../../shared/contracts/frame.ts';
import { OffsetSet } from './offset-set.ts';
import type { JournalEntry } from './record.ts';

/** What the journal knows about a segment file without reading it. */
export interface Segment {
  readonly path: string;
  readonly run: number;
  readonly first: number;
  /** Last accepted offset in it; first - 1 while it is empty. */
  last: number;
  bytes: number;
  /** Plant time of its newest record. */
  newest: number;
  /** Offset and time of every 64th record, to tell the age of a backlog. */
  readonly marks: [number, number][];
}

export type Missing = RangeReport['missing'][number];
export type RunStart = RangeReport['runs'][number];

export interface StreamSnapshot {
  readonly next: number;
  readonly runs: readonly RunStart[];
  readonly acked: readonly OffsetRange[];
  readonly missing: readonly Missing[];
}

const MARK_EACH = 64;

/**
 * The account of one stream: which offsets are in which segment, which are acknowledged, and which are gone and why. Offsets
 * continue across runs, on a single axis.
 */
export class StreamLog {
  readonly stream: Stream;
  segments: Segment[] = [];
  /** Offset of the next record. */
  next: number;
  /** Incremented whenever the range report would change. */
  reportVersion = 0;
  #runs: RunStart[];
  #missing: Missing[];
  #acked: OffsetSet;
  /** Acknowledged or missing: never to be sent again. */
  #closed: OffsetSet;
  /** Ranges acknowledged unsigned, by run. They wait until then for a signed acknowledgement. */
  readonly #pauses = new Map<number, { readonly until: number; readonly ranges: readonly OffsetRange[] }>();
  /** Closed or paused; undefined: to be rebuilt from both. */
  #quiet: OffsetSet | undefined;
  /** Newest `upTo` of each run, and a lower one that waits for a second acknowledgement to confirm it. */
  #upTo = new Map<number, number>();
  #lower = new Map<number, number>();

  constructor(stream: Stream, snapshot: StreamSnapshot) {
    this.stream = stream;
    this.next = snapshot.next;
    this.#runs = [...snapshot.runs];
    this.#missing = [...snapshot.missing];
    this.#acked = OffsetSet.from(snapshot.acked);
    this.#closed = OffsetSet.from(snapshot.acked);
    for (const each of snapshot.missing) this.#closed.add(each.from, each.to);
  }

  get runs(): readonly RunStart[] {
    return this.#runs;
  }

  get missing(): readonly Missing[] {
    return this.#missing;
  }

  /** True while a lower acknowledgement waits for a second one to confirm it. */
  get isInDoubt(): boolean {
    return this.#lower.size > 0;
  }

  snapshot(): StreamSnapshot {
    return { next: this.next, runs: this.#runs, acked: this.#acked.ranges(), missing: this.#missing };
  }

  beginRun(run: number): void {
    this.#runs.push({ run, firstOffset: this.next });
    this.reportVersion++;
  }

  /** Adds a run named by a segment if the account does not know it or has a later start for it. */
  adoptRun(run: number, first: number): void {
    const index = this.#runs.findIndex((each) => each.run === run);
    if (index !== -1 && this.#runs[index]!.firstOffset <= first) return;
    if (index !== -1) this.#runs.splice(index, 1);
    this.#runs.push({ run, firstOffset: first });
    this.#runs.sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** First and last offset of a run so far; undefined if the run is unknown. */
  boundsOf(run: number): OffsetRange | undefined {
    const index = this.#runs.findIndex((each) => each.run === run);
    if (index === -1) return undefined;
    return [this.#runs[index]!.firstOffset, (this.#runs[index + 1]?.firstOffset ?? this.next) - 1];
  }

  isClosed(offset: number): boolean {
    return this.#still().has(offset);
  }

  /** The smallest open offset from `offset` on, neither closed nor paused; `next` if there is none. */
  nextOpen(offset: number): number {
    return Math.min(this.next, this.#still().nextMissing(Math.max(offset, this.#origin())));
  }

  /** The open parts of [from, to]. */
  openRanges(from: number, to: number): OffsetRange[] {
    return this.#still().missingWithin(from, to);
  }

  /** Number of open records. */
  openCount(): number {
    const origin = this.#origin();
    let closed = 0;
    for (const [from, to] of this.#still().ranges()) closed += Math.max(0, to - Math.max(from, origin) + 1);
    return Math.max(0, this.next - origin - closed);
  }

  /** Approximate plant time of the oldest open record; null if there is none. */
  openSince(): number | null {
    const offset = this.nextOpen(0);
    return offset === this.next ? null : this.#timeOf(offset);
  }

  /** Stops sending these records until then; they are still kept. A later call for the same run replaces this one. */
  pause(run: number, upTo: number, ranges: readonly OffsetRange[], until: number): void {
    const bounds = this.boundsOf(run);
    if (bounds === undefined) return;
    const [first, last] = bounds;
    const within = [[first, upTo] as const, ...ranges].map(
      ([from, to]) => [Math.max(first, from), Math.min(last, to)] as const,
    );
    this.#pauses.set(run, { until, ranges: within });
    this.#quiet = undefined;
  }

  /** Ends pauses that are over; true if any were, so that their records are sent again. */
  resume(now: number): boolean {
    const over = [...this.#pauses].filter(([, { until }]) => until <= now);
    for (const [run] of over) this.#pauses.delete(run);
    if (over.length > 0) this.#quiet = undefined;
    return over.length > 0;
  }

  #still(): OffsetSet {
    if (this.#pauses.size === 0) return this.#closed;
    if (this.#quiet !== undefined) return this.#quiet;
    const quiet = OffsetSet.from(this.#closed.ranges());
    for (const { ranges } of this.#pauses.values()) for (const [from, to] of ranges) quiet.add(from, to);
    return (this.#quiet = quiet);
  }

  /** True if anything changed. An unknown run changes nothing. */
  acknowledge(run: number, upTo: number, ranges: readonly OffsetRange[]): boolean {
    const bounds = this.boundsOf(run);
    if (bounds === undefined || bounds[1] < bounds[0]) return false;
    const [first, last] = bounds;
    this.#quiet = undefined;
    const reached = Math.max(first - 1, Math.min(upTo, last));
    const before = this.#acked.size;
    if (reached < (this.#upTo.get(run) ?? this.#acked.nextMissing(first) - 1)) this.#takeBack(run, reached, last);
    else {
      this.#upTo.set(run, reached);
      this.#lower.delete(run);
    }
    for (const [from, to] of [[first, reached] as const, ...ranges]) {
      this.#acked.add(Math.max(first, from), Math.min(last, to));
      this.#closed.add(Math.max(first, from), Math.min(last, to));
    }
    const stillMissing = this.#missing.filter((each) => this.#acked.missingWithin(each.from, each.to).length > 0);
    const changed = this.#acked.size !== before || stillMissing.length !== this.#missing.length;
    this.#missing = stillMissing;
    return changed;
  }

  /** Marks offsets as gone for good, except those that are already closed. Returns how many were added. */
  addMissing(range: OffsetRange, reason: Missing['reason'], detail: string): number {
    let count = 0;
    this.#quiet = undefined;
    for (const [from, to] of this.#closed.missingWithin(range[0], range[1])) {
      const run = this.#runAt(from);
      const last = this.#missing.at(-1);
      if (last?.run === run && last.reason === reason && last.to === from - 1) {
        this.#missing[this.#missing.length - 1] = { ...last, to, detail };
      } else this.#missing.push({ run, from, to, reason, detail });
      count += to - from + 1;
    }
    this.#closed.add(range[0], range[1]);
    if (count > 0) this.reportVersion++;
    return count;
  }

  /** Adds accepted records of a segment to the account. */
  accept(segment: Segment, entries: readonly JournalEntry[], bytes: number): void {
    for (const entry of entries) {
      if (entry.offset % MARK_EACH === 0 || segment.marks.length === 0) segment.marks.push([entry.offset, entry.time]);
      segment.newest = Math.max(segment.newest, entry.time);
      segment.last = entry.offset;
      this.next = Math.max(this.next, entry.offset + 1);
    }
    segment.bytes += bytes;
  }

  segmentOf(offset: number): Segment | undefined {
    return this.segments.find((segment) => segment.first <= offset && offset <= segment.last);
  }

  /** True if every record of the segment is acknowledged or missing. */
  isDone(segment: Segment): boolean {
    return this.#closed.missingWithin(segment.first, segment.last).length === 0;
  }

  /** Forgets runs whose records are all accounted for and whose segments are gone. */
  forgetOldRuns(): void {
    for (;;) {
      const [oldest, second] = this.#runs;
      if (oldest === undefined || second === undefined) return;
      const open = this.#acked.missingWithin(oldest.firstOffset, second.firstOffset - 1).length > 0;
      if (open || this.segments.some((segment) => segment.run === oldest.run)) return;
      this.#runs.shift();
      this.#upTo.delete(oldest.run);
      this.#lower.delete(oldest.run);
      this.#pauses.delete(oldest.run);
      this.#quiet = undefined;
      this.#acked.remove(0, second.firstOffset - 1);
      this.#closed.remove(0, second.firstOffset - 1);
    }
  }

  /**
   * Handles an acknowledgement below the previous one: it was delayed, or the cloud was restored. The second in a row counts. What
   * it no longer covers is sent again; what has been evicted since is reported as dropped.
   */
  #takeBack(run: number, reached: number, last: number): void {
    if (!this.#lower.has(run)) {
      this.#lower.set(run, reached);
      return;
    }
    this.#lower.delete(run);
    this.#upTo.set(run, reached);
    this.#acked.remove(reached + 1, last);
    this.#closed.remove(reached + 1, last);
    for (const each of this.#missing) this.#closed.add(each.from, each.to);
    for (const [from, to] of this.#closed.missingWithin(reached + 1, last)) {
      const held = new OffsetSet();
      for (const segment of this.segments) held.add(segment.first, segment.last);
      for (const gone of held.missingWithin(from, to)) {
        this.addMissing(gone, 'dropped', 'acknowledged before, and evicted since');
      }
    }
  }

  /** Start of the account; lower offsets belong to forgotten runs. */
  #origin(): number {
    return this.#runs[0]?.firstOffset ?? this.next;
  }

  #runAt(offset: number): number {
    return this.#runs.findLast((each) => each.firstOffset <= offset)?.run ?? 0;
  }

  #timeOf(offset: number): number | null {
    const marks = this.segmentOf(offset)?.marks;
    return marks?.findLast(([at]) => at <= offset)?.[1] ?? marks?.[0]?.[1] ?? null;
  }
}
