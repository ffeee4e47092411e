import type { Acknowledgement } from '../../shared/contracts/acknowledgement.ts';
import type { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { LedgerEntry } from '../ingest/entries.ts';
import type { BatchTimes, FrameWatch, HeldFrame } from '../ingest/frame-watch.ts';
import type { Span, Tell } from './span.ts';

interface Open {
  readonly entry: LedgerEntry;
  readonly start: number;
  readonly recordedAt: number;
  readonly attributes: Span['attributes'];
}

/** Runs whose frame waits for its acknowledgement. */
const MOST_OPEN = 1000;
const WHOLE = 'frame';

/** The way of a frame from the gateway to its acknowledgement: of each batch the first one, which waits longest. */
export class FrameTrace implements FrameWatch {
  readonly #tell: Tell;
  readonly #clock: Clock;
  readonly #open = new Map<string, Open>();

  constructor(tell: Tell, clock: Clock) {
    this.#tell = tell;
    this.#clock = clock;
  }

  written(first: HeldFrame, frames: number, times: BatchTimes): void {
    const { entry, points } = first;
    const recordedAt = this.#clock.machine.now();
    const { came, written, stored } = momentsOf(recordedAt, times);
    const of = nameOf(entry);
    const attributes = {
      'loadstone.gateway': entry.gateway,
      'loadstone.stream': entry.stream,
      'loadstone.run': entry.run,
      'loadstone.offset': entry.offset,
      'loadstone.batch.frames': frames,
      ...(entry.code === undefined ? {} : { 'loadstone.code': entry.code }),
    };
    const step = (name: string, start: number, end: number): void =>
      this.#tell({ of, name, within: WHOLE, start, end, attributes });
    // By the gateway's clock, which only then is ours.
    const measured = this.#clock.speed() === 1 ? points[0]?.time : undefined;
    if (measured !== undefined && measured < came) step('gateway', measured, came);
    step('wait', came, written);
    step('store', written, stored);
    step('ledger', stored, recordedAt);
    const key = runOf(entry.gateway, entry);
    if (this.#open.has(key) || this.#open.size >= MOST_OPEN) return;
    this.#open.set(key, { entry, start: Math.min(measured ?? came, came), recordedAt, attributes });
  }

  failed({ entry }: HeldFrame, times: BatchTimes, { code }: LoadstoneError): void {
    const now = this.#clock.machine.now();
    const { written } = momentsOf(now, times);
    const attributes = { 'loadstone.gateway': entry.gateway };
    this.#tell({ of: nameOf(entry), name: 'failed', within: WHOLE, start: written, end: now, attributes, fault: code });
  }

  acknowledged(gateway: string, acknowledgement: Acknowledgement): void {
    const key = runOf(gateway, acknowledgement);
    const open = this.#open.get(key);
    if (open === undefined || !covers(acknowledgement, open.entry.offset)) return;
    this.#open.delete(key);
    const { entry, start, recordedAt, attributes } = open;
    const of = nameOf(entry);
    const end = this.#clock.machine.now();
    this.#tell({ of, name: 'acknowledge', within: WHOLE, start: recordedAt, end, attributes });
    this.#tell({ of, name: WHOLE, start, end, attributes });
  }
}

const runOf = (gateway: string, { stream, run }: Pick<LedgerEntry, 'stream' | 'run'>): string =>
  `${gateway} ${stream} ${run}`;
const nameOf = (entry: LedgerEntry): string => `frame ${runOf(entry.gateway, entry)} ${entry.offset}`;

function momentsOf(end: number, { waitedMs, storeMs, ledgerMs }: BatchTimes) {
  const stored = end - ledgerMs;
  const written = stored - storeMs;
  return { came: written - waitedMs, written, stored };
}

const covers = ({ upTo, ranges }: Acknowledgement, offset: number): boolean =>
  offset <= upTo || ranges.some(([low, high]) => offset >= low && offset <= high);
