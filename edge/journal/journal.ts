import type { Clock, Timer } from '../../shared/time/clock.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { OffsetRange, RangeReport } from '../../shared/contracts/acknowledgement.ts';
import { streams, type Stream } from '../../shared/contracts/frame.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import { Turns } from '../../shared/time/turns.ts';
import { freeSpace, type Budget } from './budget.ts';
import { MAX_RECORD_PAYLOAD, type JournalEntry } from './record.ts';
import type { Notice } from './quarantine.ts';
import { ACCOUNT_FILE, recover, type Recovered } from './recovery.ts';
import { SegmentReader, type BacklogQuery } from './segment-reader.ts';
import { SegmentWriter } from './segment-writer.ts';
import type { StreamLog } from './stream-log.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

export interface JournalOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  /** Random number of this start, unsigned 32 bit. */
  readonly run: number;
  /** Group commit: the longest time between append and fdatasync, ms of machine time. */
  readonly syncMs: number;
  readonly budget: Budget;
  /** Most records that may wait for the disk. */
  readonly maxPending?: number;
  /** Called with records that are now on disk. It must not wait for anything but memory. */
  readonly onAccepted: (entries: readonly JournalEntry[]) => void;
  readonly onNotice: (notice: Notice) => void;
}

const RETRY_MS = 2000;
const ACCOUNT_EACH_MS = 5000;
const MAX_PENDING = 20_000;
const BATCH_RECORDS = 2000;
const PAUSE_MS = 120_000;

interface Pending {
  readonly time: number;
  readonly payload: Uint8Array;
}

/**
 * The gateway's durable log. A record is accepted once fdatasync returns; until then it waits in a bounded queue. A failing disk only stops
 * acceptance: the journal reports itself as not writable and retries.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #pending: Record<Stream, Pending[]> = { measurements: [], events: [] };
  #recovered: Recovered | undefined;
  #writers: Record<Stream, SegmentWriter> | undefined;
  #reader: SegmentReader;
  #timer: { readonly timer: Timer; readonly due: number } | undefined;
  #run: number;
  /** Recovery, commits and the account never overlap. */
  readonly #turns = new Turns();
  #closed = false;
  /** undefined: not tried yet. */
  #writable: boolean | undefined;
  #dropped = 0;
  #lost = 0;
  #accountDirty = false;
  #accountAt = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#run = options.run;
    this.#reader = new SegmentReader(options.disk);
  }

  /** Reads the existing journal and starts a run. Retries until the disk answers. */
  async open(): Promise<void> {
    await this.#turns.take(() => this.#commit());
  }

  /** Number of this run: the requested one, or the next unused. */
  get run(): number {
    return this.#run;
  }

  /** Queues a record; false if the queue is full or the record is too long. */
  append(stream: Stream, payload: Uint8Array): boolean {
    if (this.#closed || payload.length > MAX_RECORD_PAYLOAD || this.room(stream) <= 0) return false;
    this.#pending[stream].push({ time: this.#options.clock.plant.now(), payload });
    this.#arm(this.#writable === false ? RETRY_MS : this.#options.syncMs);
    return true;
  }

  /** How many more records the queue takes. */
  room(stream: Stream): number {
    return (this.#options.maxPending ?? MAX_PENDING) - this.#pending[stream].length;
  }

  /** Writes and syncs the queued records. */
  async flush(): Promise<void> {
    await this.#turns.take(() => this.#commit());
  }

  async close(): Promise<void> {
    await this.flush();
    this.#closed = true;
    this.#timer?.timer.cancel();
    await this.#turns.take(async () => {
      await this.#saveAccount().catch(() => {});
      for (const stream of streams) await this.#writers?.[stream].close().catch(() => {});
    });
  }

  acknowledge(stream: Stream, run: number, upTo: number, ranges: readonly OffsetRange[]): void {
    if (this.#log(stream)?.acknowledge(run, upTo, ranges) === true) {
      this.#accountDirty = true;
      this.#arm(ACCOUNT_EACH_MS);
    }
  }

  /** Takes an unsigned acknowledgement: the records it names are not sent for a while. */
  pause(stream: Stream, run: number, upTo: number, ranges: readonly OffsetRange[]): void {
    this.#log(stream)?.pause(run, upTo, ranges, this.#options.clock.machine.elapsed() + PAUSE_MS);
  }

  /** Returns the streams whose records must be sent again, because no signed acknowledgement came. */
  resume(): Stream[] {
    const now = this.#options.clock.machine.elapsed();
    return streams.filter((stream) => this.#log(stream)?.resume(now) === true);
  }

  /** True when a record need not be sent for now: acknowledged, paused, or reported as missing. */
  isClosed(stream: Stream, offset: number): boolean {
    return this.#log(stream)?.isClosed(offset) ?? false;
  }

  /** Number of accepted records that are still to be sent. */
  openCount(stream: Stream): number {
    return this.#log(stream)?.openCount() ?? 0;
  }

  /** Offset of the stream's next record. */
  next(stream: Stream): number {
    return this.#log(stream)?.next ?? 0;
  }

  /** Accepted records from `from` on, oldest first, without those that are closed, paused or excluded by `skip`. */
  async backlog(stream: Stream, query: BacklogQuery): Promise<JournalEntry[]> {
    const log = this.#log(stream);
    if (log === undefined) return [];
    const active = this.#writers?.[stream].recent() ?? [];
    try {
      const { entries, unreadable } = await this.#reader.backlog(log, active, query);
      for (const range of unreadable) this.#loses(log, range, 'could not be read back');
      return entries;
    } catch {
      // A disk that fails now may recover, so nothing is lost yet.
      return [];
    }
  }

  /** A readable but unparseable record is reported as lost. */
  giveUp(stream: Stream, offset: number, detail: string): void {
    const log = this.#log(stream);
    if (log !== undefined) this.#loses(log, [offset, offset], detail);
  }

  /** What the cloud needs to close its account: the newest 1,000 runs and the oldest 1,000 missing ranges. */
  report(stream: Stream): RangeReport {
    const log = this.#log(stream);
    const runs = (log?.runs ?? []).slice(-1000);
    return { version: 1, stream, runs: [...runs], missing: (log?.missing ?? []).slice(0, 1000) };
  }

  /** True while a lower acknowledgement waits for a second one to confirm it. */
  isInDoubt(stream: Stream): boolean {
    return this.#log(stream)?.isInDoubt ?? false;
  }

  reportVersion(stream: Stream): number {
    return this.#log(stream)?.reportVersion ?? 0;
  }

  state(): JournalTotals {
    return {
      backlogFrames: this.openCount('measurements'),
      backlogOldest: this.#log('measurements')?.openSince() ?? null,
      bytes: this.#bytes(),
      droppedFrames: this.#dropped,
      lostFrames: this.#lost,
      writable: this.#writable === true,
    };
  }

  #log(stream: Stream): StreamLog | undefined {
    return this.#recovered?.logs[stream];
  }

  #bytes(): number {
    let sum = 0;
    for (const stream of streams) for (const segment of this.#log(stream)?.segments ?? []) sum += segment.bytes;
    return sum;
  }

  #arm(delayMs: number): void {
    if (this.#closed) return;
    const { machine } = this.#options.clock;
    const due = machine.elapsed() + delayMs;
    if (this.#timer !== undefined && this.#timer.due <= due) return;
    this.#timer?.timer.cancel();
    const timer = machine.after(delayMs, async () => {
      this.#timer = undefined;
      await this.#turns.take(() => this.#commit());
    });
    this.#timer = { timer, due };
  }

  async #commit(): Promise<void> {
    try {
      if (this.#recovered === undefined) await this.#begin();
      for (const stream of streams) await this.#commitStream(stream);
      this.#canWrite();
      await this.#keepBudget();
      if (this.#accountDue()) await this.#saveAccount();
    } catch (error) {
      await this.#fails(error);
    }
    if (this.#writable !== true) this.#arm(RETRY_MS);
    else if (this.#waiting()) this.#arm(this.#options.syncMs);
    else if (this.#accountDirty) this.#arm(ACCOUNT_EACH_MS);
  }

  #waiting(): boolean {
    return streams.some((stream) => this.#pending[stream].length > 0);
  }

  async #begin(): Promise<void> {
    const { disk, budget, onNotice } = this.#options;
    const recovered = await recover(disk);
    while (streams.some((stream) => recovered.logs[stream].boundsOf(this.#run) !== undefined)) {
      this.#run = (this.#run + 1) >>> 0;
    }
    const run = this.#run;
    for (const stream of streams) recovered.logs[stream].beginRun(run);
    this.#dropped = recovered.dropped;
    this.#lost = recovered.lost;
    this.#recovered = recovered;
    const writer = (stream: Stream): SegmentWriter =>
      new SegmentWriter({ disk, log: recovered.logs[stream], run, segmentBytes: budget.segmentBytes });
    this.#writers = { measurements: writer('measurements'), events: writer('events') };
    for (const notice of recovered.notices) onNotice(notice);
    await this.#saveAccount();
  }

  async #commitStream(stream: Stream): Promise<void> {
    const queue = this.#pending[stream];
    const writer = this.#writers![stream];
    await writer.repair();
    while (queue.length > 0) {
      const batch = queue.slice(0, BATCH_RECORDS);
      const accepted = await writer.write(batch);
      queue.splice(0, batch.length);
      this.#options.onAccepted(accepted);
    }
  }

  #canWrite(): void {
    if (this.#writable === false) {
      this.#options.onNotice({
        code: 'LS-JOURNAL-002',
        detail: formatMessage('LS-JOURNAL-002', 'the journal can write again'),
        active: false,
      });
    }
    this.#writable = true;
  }

  async #fails(cause: unknown): Promise<void> {
    const detail = messageOf(cause);
    if (this.#writable !== false) this.#options.onNotice({ code: 'LS-JOURNAL-002', detail, active: true });
    this.#writable = false;
    // One segment makes room for the next try; without a reserve, no second one goes.
    if (isFull(cause)) await this.#keepBudget({ maxBytes: this.#bytes() - 1, eventReserveBytes: 0 }).catch(() => {});
  }

  async #keepBudget(lower: Partial<Budget> = {}): Promise<void> {
    const { disk, budget, clock, onNotice } = this.#options;
    const recovered = this.#recovered;
    if (recovered === undefined) return;
    const { logs } = recovered;
    const beforeFirst = async (): Promise<void> => {
      if (this.#accountDirty) await this.#saveAccount().catch(() => {});
    };
    const freed = await freeSpace(disk, logs, { ...budget, ...lower, now: clock.plant.now(), beforeFirst });
    if (freed.evicted === 0) return;
    this.#accountDirty = true;
    this.#dropped += freed.dropped;
    if (freed.dropped > 0) {
      const detail = formatMessage(
        'LS-JOURNAL-003',
        '{count} measurements were dropped, the oldest first, up to offset {offset}',
        { count: freed.dropped, offset: freed.upTo },
      );
      onNotice({ code: 'LS-JOURNAL-003', detail });
      await this.#saveAccount();
    }
  }

  #loses(log: StreamLog, range: OffsetRange, detail: string): void {
    const count = log.addMissing(range, 'lost', detail);
    if (count === 0) return;
    this.#lost += count;
    this.#accountDirty = true;
    this.#options.onNotice({
      code: 'LS-JOURNAL-001',
      detail: formatMessage('LS-JOURNAL-001', '{count} {stream} are lost: {error}', {
        count,
        stream: log.stream,
        error: detail,
      }),
    });
  }

  #accountDue(): boolean {
    return this.#accountDirty && this.#options.clock.machine.elapsed() - this.#accountAt >= ACCOUNT_EACH_MS;
  }

  async #saveAccount(): Promise<void> {
    const recovered = this.#recovered;
    if (recovered === undefined) return;
    const { measurements, events } = recovered.logs;
    for (const stream of streams) recovered.logs[stream].forgetOldRuns();
    this.#accountDirty = false;
    this.#accountAt = this.#options.clock.machine.elapsed();
    const account = {
      version: 1,
      streams: { measurements: measurements.snapshot(), events: events.snapshot() },
      dropped: this.#dropped,
      lost: this.#lost,
    };
    try {
      await this.#options.disk.replace(ACCOUNT_FILE, new TextEncoder().encode(JSON.stringify(account)));
    } catch (error) {
      this.#accountDirty = true;
      throw error;
    }
  }
}

export interface JournalTotals {
  readonly backlogFrames: number;
  readonly backlogOldest: number | null;
  readonly bytes: number;
  readonly droppedFrames: number;
  readonly lostFrames: number;
  readonly writable: boolean;
}

const isFull = (error: unknown): boolean => (error as { readonly code?: unknown }).code === 'ENOSPC';
