import type { Stream } from '../../shared/contracts/frame.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalEntry } from '../journal/record.ts';

export interface SenderOptions {
  readonly stream: Stream;
  readonly journal: Pick<Journal, 'isClosed' | 'openCount' | 'backlog'>;
  readonly clock: Clock;
  /** Publishes at most BATCH records in order. Resolves when the link has taken them or given up. */
  readonly publish: (entries: readonly JournalEntry[], historical: boolean) => Promise<void>;
}

/** Most records handed to the link at once. */
export const BATCH = 200;
/** No record is resent before this time. */
const RESEND_MS = 5000;
/** Records retried at a time while nothing is acknowledged. */
const PROBE = 20;
/** Longest wait before a retry while nothing is acknowledged. */
const MOST_PATIENCE_MS = 60_000;
const PACE_MS = 100;
const MAX_LIVE = 2000;
const RATE = { first: 1000, least: 20, most: 5000 } as const;
/** Live records are sent even while nothing is acknowledged; beyond this the oldest count as backlog again. */
const MAX_IN_FLIGHT = 2 * RATE.most;

/**
 * Sends one stream of the journal. New records go at once. The backlog follows concurrently, oldest first, at a rate that grows
 * with acknowledgements and halves on each resend. Messages keep their order, so a record is lost if one sent after it is
 * acknowledged; it is then resent after 5 s. While nothing is acknowledged, a few records are retried after 5 s, then after twice
 * as long each time: otherwise a cloud that is behind would get the same records again and again from all its gateways, and never
 * catch up.
 */
export class Sender {
  readonly #options: SenderOptions;
  #open = false;
  #live: JournalEntry[] = [];
  /** Unacknowledged records in sending order, with the time of sending. */
  readonly #inFlight = new Map<number, { readonly nth: number; readonly at: number }>();
  #sent = 0;
  /** The last sending known to have arrived. */
  #arrived = -1;
  /** Records sent more than once. An acknowledgement cannot be attributed to one of their sendings (Karn's rule, as in RFC 6298). */
  readonly #again = new Set<number>();
  /** Time of the last acknowledgement or retry, or of the first sending with none in flight. */
  #progressAt = 0;
  #patienceMs = RESEND_MS;
  #timer: { readonly timer: Timer; readonly due: number } | undefined;
  #running = false;
  #perSecond: number = RATE.first;
  /** Backlog records that may be sent now. */
  #allowance = 0;
  #pacedAt = 0;
  #slowedAt = 0;
  /** Records resent since the start. */
  resent = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** The gateway is born, so all open records may be sent. */
  start(): void {
    this.#open = true;
    this.#live = [];
    this.#forget();
    this.#perSecond = RATE.first;
    this.#allowance = BATCH;
    this.#pacedAt = this.#now();
    this.#arm(0);
  }

  stop(): void {
    this.#open = false;
    this.#live = [];
    this.#forget();
    this.#timer?.timer.cancel();
    this.#timer = undefined;
  }

  #forget(): void {
    this.#inFlight.clear();
    this.#again.clear();
    this.#arrived = -1;
    this.#patienceMs = RESEND_MS;
  }

  /** Sends accepted records that have not been sent yet. */
  async finish(): Promise<void> {
    if (this.#open && !this.#running) await this.#sendLive();
  }

  /** Takes newly accepted records. False: they become backlog, for lack of a link or of memory. */
  accepted(entries: readonly JournalEntry[]): boolean {
    if (!this.#open) return false;
    const fits = this.#live.length + entries.length <= MAX_LIVE;
    if (fits) this.#live.push(...entries);
    this.#arm(0);
    return fits;
  }

  /** Called after the journal has taken an acknowledgement. */
  acknowledged(): void {
    const { journal, stream } = this.#options;
    let covered = 0;
    for (const [offset, { nth }] of this.#inFlight) {
      if (!journal.isClosed(stream, offset)) continue;
      this.#inFlight.delete(offset);
      if (!this.#again.has(offset)) this.#arrived = Math.max(this.#arrived, nth);
      covered++;
    }
    for (const offset of this.#again) if (journal.isClosed(stream, offset)) this.#again.delete(offset);
    if (covered > 0) {
      this.#progressAt = this.#now();
      this.#patienceMs = RESEND_MS;
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
    const isLost = oldest !== undefined && oldest.nth < this.#arrived;
    if (this.#live.length > 0) this.#arm(0);
    else if (this.#options.journal.openCount(this.#options.stream) > this.#inFlight.size) this.#arm(PACE_MS);
    // At least one millisecond: a smaller remainder would never advance the clock.
    else if (oldest !== undefined) {
      const due = Math.max(oldest.at + RESEND_MS, isLost ? 0 : this.#progressAt + this.#patienceMs);
      this.#arm(Math.max(1, due - this.#now()));
    }
  }

  #expire(): void {
    const now = this.#now();
    const isStill = now - this.#progressAt >= this.#patienceMs;
    let expired = 0;
    let tried = 0;
    for (const [offset, { nth, at }] of this.#inFlight) {
      if (now - at < RESEND_MS) break;
      if (nth > this.#arrived && (!isStill || tried++ >= PROBE)) break;
      this.#inFlight.delete(offset);
      this.#again.add(offset);
      expired++;
    }
    if (tried > 0) {
      this.#patienceMs = Math.min(MOST_PATIENCE_MS, 2 * this.#patienceMs);
      this.#progressAt = now;
    }
    this.resent += expired;
    if (expired === 0 || now - this.#slowedAt < 1000) return;
    this.#slowedAt = now;
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
    const at = this.#now();
    if (this.#inFlight.size === 0) this.#progressAt = at;
    for (const { offset } of open) {
      this.#inFlight.delete(offset);
      this.#inFlight.set(offset, { nth: this.#sent++, at });
    }
    for (const offset of this.#inFlight.keys()) {
      if (this.#inFlight.size <= MAX_IN_FLIGHT) break;
      this.#inFlight.delete(offset);
    }
    await publish(open, historical);
  }
}
