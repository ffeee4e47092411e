import type { Stream } from '../../shared/contracts/frame.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalEntry } from '../journal/record.ts';

export interface SenderOptions {
  readonly stream: Stream;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Publishes at most BATCH records in order. Resolves when the link has taken them or given up. */
  readonly publish: (entries: readonly JournalEntry[], historical: boolean) => Promise<void>;
}

/** Records that may be in the hands of the link at once. */
export const BATCH = 200;
/** Unacknowledged records are sent again after this time. */
export const RESEND_MS = 5000;
const PACE_MS = 100;
const MAX_LIVE = 2000;
const RATE = { first: 1000, least: 20, most: 5000 } as const;

/**
 * Sends one stream of the journal. New records go at once. The backlog follows in parallel, oldest first, at a rate that grows with
 * acknowledgements and halves on each resend. A record is sent again only after 5 s without acknowledgement, whatever the cause.
 */
export class Sender {
  readonly #options: SenderOptions;
  #open = false;
  #live: JournalEntry[] = [];
  /** Sending times of unacknowledged records, in order. */
  #inFlight = new Map<number, number>();
  #timer: { readonly timer: Timer; readonly due: number } | undefined;
  #running = false;
  #perSecond: number = RATE.first;
  /** Records of backlog that may go now. */
  #allowance = 0;
  #pacedAt = 0;
  #slowedAt = 0;
  /** How many records were sent again since the start. */
  resent = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** The gateway is born: everything that is open may go. */
  start(): void {
    this.#open = true;
    this.#live = [];
    this.#inFlight.clear();
    this.#perSecond = RATE.first;
    this.#allowance = BATCH;
    this.#pacedAt = this.#now();
    this.#arm(0);
  }

  stop(): void {
    this.#open = false;
    this.#live = [];
    this.#inFlight.clear();
    this.#timer?.timer.cancel();
    this.#timer = undefined;
  }

  /** Sends what was accepted and has not left yet. */
  async finish(): Promise<void> {
    if (this.#open && !this.#running) await this.#sendLive();
  }

  /** Records just accepted. False: they become backlog, for lack of a link or of memory. */
  accepted(entries: readonly JournalEntry[]): boolean {
    if (!this.#open) return false;
    const fits = this.#live.length + entries.length <= MAX_LIVE;
    if (fits) this.#live.push(...entries);
    this.#arm(0);
    return fits;
  }

  /** The journal has taken an acknowledgement. */
  acknowledged(): void {
    const { journal, stream } = this.#options;
    let covered = 0;
    for (const offset of this.#inFlight.keys()) {
      if (!journal.isClosed(stream, offset)) continue;
      this.#inFlight.delete(offset);
      covered++;
    }
    if (covered > 0 && this.#now() - this.#slowedAt > RESEND_MS) {
      this.#perSecond = Math.min(RATE.most, this.#perSecond * 1.5);
    }
    if (this.#open) this.#arm(0);
  }

  #now(): number {
    return this.#options.clock.machine.elapsed();
  }

  #arm(delayMs: number): void {
    const due = this.#now() + delayMs;
    if (this.#timer !== undefined && this.#timer.due <= due) return;
    this.#timer?.timer.cancel();
    const timer = this.#options.clock.machine.after(delayMs, async () => {
      this.#timer = undefined;
      await this.#pump();
    });
    this.#timer = { timer, due };
  }

  async #pump(): Promise<void> {
    if (this.#running || !this.#open) return;
    this.#running = true;
    try {
      this.#expire();
      await this.#sendLive();
      await this.#sendBacklog();
    } finally {
      this.#running = false;
    }
    this.#schedule();
  }

  #schedule(): void {
    if (!this.#open) return;
    const [oldest] = this.#inFlight.values();
    if (this.#live.length > 0) this.#arm(0);
    else if (this.#options.journal.openCount(this.#options.stream) > this.#inFlight.size) this.#arm(PACE_MS);
    // At least one millisecond: a smaller remainder would never advance the clock.
    else if (oldest !== undefined) this.#arm(Math.max(1, oldest + RESEND_MS - this.#now()));
  }

  #expire(): void {
    const before = this.#now() - RESEND_MS;
    let expired = 0;
    for (const [offset, sentAt] of this.#inFlight) {
      if (sentAt > before) break;
      this.#inFlight.delete(offset);
      expired++;
    }
    this.resent += expired;
    if (expired === 0 || this.#now() - this.#slowedAt < 1000) return;
    this.#slowedAt = this.#now();
    this.#perSecond = Math.max(RATE.least, this.#perSecond / 2);
  }

  async #sendLive(): Promise<void> {
    while (this.#open && this.#live.length > 0) await this.#send(this.#live.splice(0, BATCH), false);
  }

  async #sendBacklog(): Promise<void> {
    const { journal, stream } = this.#options;
    const now = this.#now();
    this.#allowance = Math.min(this.#perSecond, this.#allowance + (this.#perSecond * (now - this.#pacedAt)) / 1000);
    this.#pacedAt = now;
    const window = 2 * Math.max(BATCH, this.#perSecond) - this.#inFlight.size;
    let left = Math.floor(Math.min(this.#allowance, window));
    while (this.#open && left > 0 && journal.openCount(stream) > this.#inFlight.size) {
      const liveFrom = this.#live[0]?.offset ?? Number.POSITIVE_INFINITY;
      const skip = (offset: number): boolean => offset >= liveFrom || this.#inFlight.has(offset);
      const entries = await journal.backlog(stream, { from: 0, limit: Math.min(left, BATCH), skip });
      if (entries.length === 0 || !this.#open) return;
      await this.#send(entries, true);
      left -= entries.length;
      this.#allowance -= entries.length;
      if (this.#live.length > 0) await this.#sendLive();
    }
  }

  async #send(entries: readonly JournalEntry[], historical: boolean): Promise<void> {
    const { journal, stream, publish } = this.#options;
    const open = entries.filter((entry) => !journal.isClosed(stream, entry.offset));
    const now = this.#now();
    for (const { offset } of open) {
      this.#inFlight.delete(offset);
      this.#inFlight.set(offset, now);
    }
    await publish(open, historical);
  }
}
