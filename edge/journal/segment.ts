import type { Stream } from '../../shared/contracts/frame.ts';
import { MAX_OFFSET } from '../../shared/contracts/ids.ts';
import { readRecord, type JournalEntry } from './record.ts';

/** A segment's name contains its first offset and run, its folder the stream: measurements/0000000000000123-00c0ffee.seg */
export interface SegmentName {
  readonly stream: Stream;
  readonly first: number;
  readonly run: number;
}

export const segmentPath = ({ stream, first, run }: SegmentName): string =>
  `${stream}/${String(first).padStart(16, '0')}-${run.toString(16).padStart(8, '0')}.seg`;

export function parseSegmentName(stream: Stream, file: string): SegmentName | undefined {
  const match = /^(\d{16})-([0-9a-f]{8})\.seg$/.exec(file);
  if (match === null) return undefined;
  const first = Number(match[1]);
  return first <= MAX_OFFSET ? { stream, first, run: Number.parseInt(match[2]!, 16) } : undefined;
}

export interface SegmentScan {
  /** Whole records, in order. */
  readonly entries: readonly JournalEntry[];
  /** Length of the part that reads without a break, bytes. */
  readonly cleanBytes: number;
  /**
   * clean: every byte belongs to a record. torn: the last write was cut short, as in a crash; no accepted record is affected.
   * damaged: bytes changed where records stood.
   */
  readonly state: 'clean' | 'torn' | 'damaged';
  /** Damage after the last whole record: at least one record of unknown offset stood there. */
  readonly damagedTail: boolean;
}

/** Scans a segment. After damage it continues at the next whole record of this stream and run with a later offset. */
export function scanSegment(name: SegmentName, bytes: Uint8Array): SegmentScan {
  const entries: JournalEntry[] = [];
  let at = 0;
  let cleanBytes = 0;
  let broken = false;
  let next = name.first;
  while (at < bytes.length) {
    const found = recordOf(name, bytes, { at, next });
    if (found !== undefined) {
      entries.push(found.entry);
      at = found.end;
      next = found.entry.offset + 1;
      if (!broken) cleanBytes = at;
      continue;
    }
    const later = findRecord(name, bytes, { at: at + 1, next });
    if (later === undefined) {
      if (!broken && isTorn(bytes, at)) return { entries, cleanBytes, state: 'torn', damagedTail: false };
      return { entries, cleanBytes, state: 'damaged', damagedTail: !isTorn(bytes, at) };
    }
    broken = true;
    at = later;
  }
  return { entries, cleanBytes, state: broken ? 'damaged' : 'clean', damagedTail: false };
}

interface Place {
  readonly at: number;
  /** The smallest offset that may stand here. */
  readonly next: number;
}

function recordOf(
  name: SegmentName,
  bytes: Uint8Array,
  place: Place,
): { entry: JournalEntry; end: number } | undefined {
  const found = readRecord(bytes, place.at);
  if (found.kind !== 'record') return undefined;
  const { entry, end } = found;
  const fits = entry.stream === name.stream && entry.run === name.run && entry.offset >= place.next;
  return fits ? { entry, end } : undefined;
}

function findRecord(name: SegmentName, bytes: Uint8Array, place: Place): number | undefined {
  for (let at = place.at; at < bytes.length; at++) {
    if (recordOf(name, bytes, { at, next: place.next }) !== undefined) return at;
  }
  return undefined;
}

/** A truncated write leaves the beginning of a record, or zeros where the file grew before its bytes were written. */
const isTorn = (bytes: Uint8Array, at: number): boolean =>
  readRecord(bytes, at).kind === 'short' || bytes.subarray(at).every((byte) => byte === 0);
