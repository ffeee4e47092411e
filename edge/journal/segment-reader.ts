import type { OffsetRange } from '../../shared/contracts/acknowledgement.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import type { JournalEntry } from './record.ts';
import { scanSegment } from './segment.ts';
import type { Segment, StreamLog } from './stream-log.ts';

export interface BacklogQuery {
  readonly from: number;
  /** At most this many records. */
  readonly limit: number;
  /** Records that are already in flight. */
  skip(offset: number): boolean;
}

export interface Backlog {
  readonly entries: JournalEntry[];
  /** Accepted offsets that cannot be read back. */
  readonly unreadable: OffsetRange[];
}

/** A segment that the disk fails to return is retried after 1, 2, 4 ... further reads, and at most this many: about a minute. */
const MOST_LOOKS = 512;

/** Reads records back, one segment at a time. It caches the last segment read of each stream. */
export class SegmentReader {
  readonly #disk: Disk;
  /** Segments that the disk failed to return, by path: the error, and the reads left until the next try. */
  readonly #refused = new Map<string, { readonly error: unknown; readonly looks: number; left: number }>();
  #cached = new Map<string, { readonly path: string; readonly entries: readonly JournalEntry[] }>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /**
   * Open records of `log` from query.from on, oldest first. `recent`: the newest segment's records, from memory. A segment that
   * cannot be read now does not block those after it. Throws if that leaves no records.
   */
  async backlog(log: StreamLog, recent: readonly JournalEntry[], query: BacklogQuery): Promise<Backlog> {
    this.#forgetEvicted(log);
    const found: Backlog = { entries: [], unreadable: [] };
    let refusal: { readonly error: unknown } | undefined;
    const recentFrom = recent[0]?.offset ?? log.next;
    let offset = log.nextOpen(query.from);
    while (offset < log.next && found.entries.length < query.limit) {
      if (offset >= recentFrom) {
        take(log, recent, { ...query, from: offset }, found);
        break;
      }
      const segment = log.segmentOf(offset);
      if (segment === undefined) {
        const later = log.segments.find((each) => each.first > offset)?.first ?? recentFrom;
        for (const gap of openWithin(log, offset, later - 1)) found.unreadable.push(gap);
        offset = log.nextOpen(later);
        continue;
      }
      const entries = await this.#load(log, segment).catch((error: unknown) => {
        refusal ??= { error };
        return undefined;
      });
      if (entries === undefined) {
        offset = log.nextOpen(segment.last + 1);
        continue;
      }
      take(log, entries, { ...query, from: offset }, found);
      found.unreadable.push(...absent(log, entries, [offset, segment.last]));
      offset = log.nextOpen(segment.last + 1);
    }
    if (refusal !== undefined && found.entries.length === 0 && found.unreadable.length === 0) throw refusal.error;
    return found;
  }

  async #load(log: StreamLog, segment: Segment): Promise<readonly JournalEntry[]> {
    const cached = this.#cached.get(log.stream);
    if (cached?.path === segment.path) return cached.entries;
    const bytes = (await this.#read(segment.path)) ?? new Uint8Array();
    const { entries } = scanSegment({ stream: log.stream, first: segment.first, run: segment.run }, bytes);
    this.#cached.set(log.stream, { path: segment.path, entries });
    return entries;
  }

  #forgetEvicted({ stream, segments }: StreamLog): void {
    for (const path of this.#refused.keys())
      if (path.startsWith(`${stream}/`) && !segments.some((segment) => segment.path === path))
        this.#refused.delete(path);
  }

  async #read(path: string): Promise<Uint8Array | undefined> {
    const before = this.#refused.get(path);
    if (before !== undefined && before.left-- > 0) throw before.error;
    try {
      const bytes = await this.#disk.read(path);
      this.#refused.delete(path);
      return bytes;
    } catch (error) {
      const looks = Math.min(MOST_LOOKS, 2 * (before?.looks ?? 0.5));
      this.#refused.set(path, { error, looks, left: looks });
      throw error;
    }
  }
}

function take(log: StreamLog, entries: readonly JournalEntry[], query: BacklogQuery, found: Backlog): void {
  for (const entry of entries) {
    if (found.entries.length >= query.limit) return;
    if (entry.offset >= query.from && !log.isClosed(entry.offset) && !query.skip(entry.offset)) {
      found.entries.push(entry);
    }
  }
}

/** Open offsets of a range for which the segment holds no record. */
function absent(log: StreamLog, entries: readonly JournalEntry[], range: OffsetRange): OffsetRange[] {
  const gaps: OffsetRange[] = [];
  let next = range[0];
  for (const { offset } of entries) {
    if (offset > next) gaps.push(...openWithin(log, next, Math.min(offset - 1, range[1])));
    next = Math.max(next, offset + 1);
  }
  gaps.push(...openWithin(log, next, range[1]));
  return gaps;
}

function openWithin(log: StreamLog, from: number, to: number): OffsetRange[] {
  return from > to ? [] : log.openRanges(from, to);
}
