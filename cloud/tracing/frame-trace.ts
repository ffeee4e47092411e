import type { Acknowledgement } from '../../shared/contracts/acknowledgement.ts';
import type { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { LedgerEntry } from '../ingest/entries.ts';
import { FOREIGN_RUN } from '../ingest/frame-desk.ts';
import type { BatchTimes, FrameWatch, HeldFrame } from '../ingest/frame-watch.ts';
import type { Span, Tell } from './span.ts';

/** A frame whose trace is not complete. */
interface Open {
  readonly entry: LedgerEntry;
  /** Time of measurement, or else of arrival. */
  start: number;
  /** Time at which the ledger had it. */
  recordedAt?: number;
  attributes: Span['attributes'];
  /** Failed attempts. */
  failures: number;
}

/** Maximum number of runs with an open frame. */
const MOST_OPEN = 1000;
const WHOLE = 'frame';

/**
 * Traces frames from the gateway to the acknowledgement: the first frame of a batch, which waits longest. One frame per run is open at a
 * time, and only its steps are reported, so that each step belongs to a complete trace.
 */
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
    const open = this.#begin(entry, came);
    if (open === undefined) return;
    // The gateway's clock is comparable to ours only at this speed.
    const measured = this.#clock.speed() === 1 ? points[0]?.time : undefined;
    open.recordedAt = recordedAt;
    open.start = Math.min(measured ?? came, came);
    open.attributes = {
      'loadstone.gateway': entry.gateway,
      'loadstone.stream': entry.stream,
      'loadstone.run': entry.run,
      'loadstone.offset': entry.offset,
      'loadstone.batch.frames': frames,
      ...(entry.code === undefined ? {} : { 'loadstone.code': entry.code }),
    };
    if (open.start < came) this.#step(open, 'gateway', [open.start, came]);
    this.#step(open, 'wait', [came, written]);
    this.#step(open, 'store', [written, stored]);
    this.#step(open, 'ledger', [stored, recordedAt]);
    // Foreign frames are not acknowledged.
    if (entry.run === FOREIGN_RUN) this.#end(open, recordedAt);
  }

  failed({ entry }: HeldFrame, times: BatchTimes, { code }: LoadstoneError): void {
    const now = this.#clock.machine.now();
    const { came, written } = momentsOf(now, times);
    const open = this.#begin(entry, came);
    if (open === undefined) return;
    this.#step(open, 'failed', [written, now], { fault: code, nth: ++open.failures });
  }

  acknowledged(gateway: string, acknowledgement: Acknowledgement): void {
    const open = this.#open.get(runOf(gateway, acknowledgement));
    if (open?.recordedAt === undefined || !covers(acknowledgement, open.entry.offset)) return;
    const end = this.#clock.machine.now();
    this.#step(open, 'acknowledge', [open.recordedAt, end]);
    this.#end(open, end);
  }

  /** Undefined: another frame of its run is open. */
  #begin(entry: LedgerEntry, start: number): Open | undefined {
    const key = runOf(entry.gateway, entry);
    const open = this.#open.get(key);
    if (open !== undefined) return open.entry.offset === entry.offset ? open : undefined;
    const [oldest] = this.#open.values();
    if (oldest !== undefined && this.#open.size >= MOST_OPEN)
      this.#end(oldest, this.#clock.machine.now(), 'unacknowledged');
    const begun = { entry, start, attributes: { 'loadstone.gateway': entry.gateway }, failures: 0 };
    this.#open.set(key, begun);
    return begun;
  }

  #step(
    { entry, attributes }: Open,
    name: string,
    [start, end]: readonly [number, number],
    more?: Partial<Span>,
  ): void {
    this.#tell({ of: nameOf(entry), name, within: WHOLE, start, end, attributes, ...more });
  }

  #end({ entry, start, attributes }: Open, end: number, fault?: string): void {
    this.#open.delete(runOf(entry.gateway, entry));
    this.#tell({ of: nameOf(entry), name: WHOLE, start, end, attributes, fault });
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
