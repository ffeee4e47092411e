import { streams, type Stream } from '../../shared/contracts/frame.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import type { Segment, StreamLog } from './stream-log.ts';

export interface Budget {
  readonly maxBytes: number;
  /** Acknowledged records may be removed after this age, plant time. */
  readonly maxAgeMs: number;
  /** Part of `maxBytes` that measurements never use. */
  readonly eventReserveBytes: number;
  readonly segmentBytes: number;
}

/** Budget for a size on disk: a sixteenth is reserved for events, and a segment takes at most a 32nd. */
export const budgetOf = (maxBytes: number, maxAgeMs: number): Budget => ({
  maxBytes,
  maxAgeMs,
  eventReserveBytes: Math.floor(maxBytes / 16),
  segmentBytes: Math.max(4096, Math.min(1_000_000, Math.floor(maxBytes / 32))),
});

export interface Freed {
  /** Removed segments. */
  evicted: number;
  /** Records in them that were never acknowledged. */
  dropped: number;
  /** Highest offset among the dropped records. */
  upTo: number;
}

/**
 * Brings the journal back under its budget. It removes expired accounted segments first, then other accounted ones, oldest first,
 * then the oldest measurements, which are reported as dropped. `beforeFirst` persists the acknowledgements that allow it.
 * Unacknowledged events and the newest segments stay.
 */
export async function freeSpace(
  disk: Disk,
  logs: Readonly<Record<Stream, StreamLog>>,
  limits: Budget & { readonly now: number; readonly beforeFirst: () => Promise<void> },
): Promise<Freed> {
  const freed: Freed = { evicted: 0, dropped: 0, upTo: -1 };
  const evict = async (log: StreamLog, segment: Segment): Promise<void> => {
    if (freed.evicted === 0) await limits.beforeFirst();
    await disk.remove(segment.path);
    const dropped = log.addMissing([segment.first, segment.last], 'dropped', 'the journal was full');
    log.segments.splice(log.segments.indexOf(segment), 1);
    freed.evicted++;
    freed.dropped += dropped;
    if (dropped > 0) freed.upTo = segment.last;
  };
  for (const stream of streams) {
    for (const segment of done(logs[stream])) {
      if (segment.newest < limits.now - limits.maxAgeMs) await evict(logs[stream], segment);
    }
  }
  while (isOver(logs, limits)) {
    const settled = streams.flatMap((stream) => done(logs[stream]).map((segment) => ({ log: logs[stream], segment })));
    settled.sort((a, b) => a.segment.newest - b.segment.newest);
    const oldest = logs.measurements.segments.slice(0, -1)[0];
    if (settled[0] !== undefined) await evict(settled[0].log, settled[0].segment);
    else if (oldest !== undefined) await evict(logs.measurements, oldest);
    else break;
  }
  return freed;
}

/** Fully accounted segments, except the newest, which is still being written. */
const done = (log: StreamLog): Segment[] => log.segments.slice(0, -1).filter((segment) => log.isDone(segment));

function isOver(logs: Readonly<Record<Stream, StreamLog>>, limits: Budget): boolean {
  const measurements = bytesOf(logs.measurements);
  return (
    measurements + bytesOf(logs.events) > limits.maxBytes || measurements > limits.maxBytes - limits.eventReserveBytes
  );
}

const bytesOf = (log: StreamLog): number => log.segments.reduce((sum, segment) => sum + segment.bytes, 0);
