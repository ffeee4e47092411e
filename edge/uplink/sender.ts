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

/** Records that may be in the hands of the link at once. */
export const BATCH = 200;
/** No record is sent again before this time. */
const RESEND_MS = 5000;
/** Records that are tried again at once where nothing is acknowledged. */
const PROBE = 20;
/** What waits for a cloud that says nothing is tried again after this time at the most. */
const MOST_PATIENCE_MS = 60_000;
const PACE_MS = 100;
const MAX_LIVE = 2000;
const RATE = { first: 1000, least: 20, most: 5000 } as const;

/**
 * Sends one stream of the journal. New records go at once. The backlog follows in parallel, oldest first, at a rate that grows with
 * acknowledgements and halves on each resend. A record is sent again after 5 s where one that was sent behind it is acknowledged, so it is
 * lost: messages keep their order. Where nothing is acknowledged, some are tried again after 5 s, then after twice as long each time: a
 * cloud that is behind would else get the same again and again from all its gateways, and never catch up.
 */
export class Sender {
  readonly #options: SenderOptions;
  #open = false;
  #live: JournalEntry[] = [];
  /** Unacknowledged records in the order of their sending, and when that was. */
  readonly #inFlight = new Map<number, { readonly nth: number; readonly at: number }>();
  #sent = 0;
  /** The last sending that is known to have arrived. */
  #arrived = -1;
  /** Records that were sent more than once: nobody knows which sending an acknowledgement is for (Karn's rule, as in RFC 6298). */
  readonly #again = new Set<number>();
  /** When something was acknowledged last, or tried again, or nothing was on its way. */
  #progressAt = 0;
  #patienceMs = RESEND_MS;
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
    await publish(open, historical);
  }
}
