import type { OffsetRange } from '../../shared/contracts/acknowledgement.ts';
import { streams, type Stream } from '../../shared/contracts/frame.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import { OffsetSet } from './offset-set.ts';
import type { JournalEntry } from './record.ts';
import { QUARANTINE } from './quarantine.ts';
import { readAccount } from './recovery.ts';
import { parseSegmentName, scanSegment, segmentPath } from './segment.ts';

export interface SegmentReport {
  readonly path: string;
  readonly stream: Stream;
  readonly run: number;
  readonly first: number;
  /** Null: no record in it is whole. */
  readonly last: number | null;
  readonly records: number;
  readonly bytes: number;
  /** unread: the disk fails to return it. */
  readonly state: 'clean' | 'torn' | 'damaged' | 'unread';
}

export interface StreamReport {
  readonly records: number;
  /** Records among these that the last written account lists as acknowledged. */
  readonly acknowledged: number;
  /** Offsets that are neither present, acknowledged, nor known to be missing. */
  readonly unaccounted: readonly OffsetRange[];
  readonly missing: readonly { readonly from: number; readonly to: number; readonly reason: string }[];
}

export interface JournalReport {
  /** False if there is no readable account; everything would be sent again. */
  readonly account: boolean;
  readonly segments: readonly SegmentReport[];
  readonly streams: Readonly<Record<Stream, StreamReport>>;
  readonly quarantined: readonly string[];
}

/** Inspects a journal without changing anything, even while a gateway writes to it. */
export async function inspectJournal(disk: Disk): Promise<JournalReport> {
  const account = await readAccount(disk, []);
  const segments: SegmentReport[] = [];
  const reports: Partial<Record<Stream, StreamReport>> = {};
  for (const stream of streams) {
    const held = new OffsetSet();
    const known = OffsetSet.from(account?.streams[stream].acked ?? []);
    const missing = account?.streams[stream].missing ?? [];
    for await (const { report, entries } of scanStream(disk, stream)) {
      segments.push(report);
      for (const { offset } of entries) held.add(offset, offset);
    }
    const acknowledged = held.ranges().reduce((sum, [from, to]) => sum + (to - from + 1) - open(known, from, to), 0);
    for (const { from, to } of missing) known.add(from, to);
    const first = account?.streams[stream].runs[0]?.firstOffset ?? held.ranges()[0]?.[0] ?? 0;
    const end = Math.max(account?.streams[stream].next ?? 0, (held.ranges().at(-1)?.[1] ?? -1) + 1);
    for (const [from, to] of held.ranges()) known.add(from, to);
    reports[stream] = {
      records: held.size,
      acknowledged,
      unaccounted: known.missingWithin(first, end - 1),
      missing: missing.map(({ from, to, reason }) => ({ from, to, reason })),
    };
  }
  return {
    account: account !== undefined,
    segments,
    streams: reports as Record<Stream, StreamReport>,
    quarantined: await disk.list(QUARANTINE),
  };
}

/** Yields every whole record, stream by stream, in order. */
export async function* readJournal(disk: Disk): AsyncGenerator<JournalEntry> {
  for (const stream of streams) for await (const { entries } of scanStream(disk, stream)) yield* entries;
}

async function* scanStream(
  disk: Disk,
  stream: Stream,
): AsyncGenerator<{ report: SegmentReport; entries: readonly JournalEntry[] }> {
  for (const file of await disk.list(stream)) {
    const name = parseSegmentName(stream, file);
    if (name === undefined) continue;
    const path = segmentPath(name);
    const bytes = await disk.read(path).catch(() => null);
    if (bytes === undefined) continue;
    const { entries, state } = bytes === null ? { entries: [], state: 'unread' as const } : scanSegment(name, bytes);
    const report: SegmentReport = {
      path,
      ...name,
      last: entries.at(-1)?.offset ?? null,
      records: entries.length,
      bytes: bytes?.length ?? 0,
      state,
    };
    yield { report, entries };
  }
}

const open = (set: OffsetSet, from: number, to: number): number =>
  set.missingWithin(from, to).reduce((sum, [low, high]) => sum + high - low + 1, 0);
