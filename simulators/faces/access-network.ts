import { gaussian, type Random } from '../../shared/ports/random.ts';

export interface AccessOptions {
  readonly random: Random;
  /** Median one-way latency, s of plant time. */
  readonly medianS: number;
  /** Share of messages that never arrive. */
  readonly lossShare: number;
}

interface Carried {
  readonly dueMs: number;
  readonly arrive: () => void | Promise<void>;
}

/** Standard deviation of the logarithm of the latency: one message in a hundred takes four times the median. */
const LOG_SPREAD = 0.6;
const MAX_CARRIED = 10_000;

/** A network that delays, reorders and loses messages. Bounded: beyond 10,000 messages in transit it drops new ones. */
export class AccessNetwork {
  readonly #options: AccessOptions;
  #carried: Carried[] = [];

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  carry(nowMs: number, arrive: Carried['arrive']): void {
    const { random, medianS, lossShare } = this.#options;
    const lost = random.next() < lossShare;
    const latencyMs = 1000 * medianS * Math.exp(LOG_SPREAD * gaussian(random));
    if (!lost && this.#carried.length < MAX_CARRIED) this.#carried.push({ dueMs: nowMs + latencyMs, arrive });
  }

  /** Delivers the due messages in order of arrival. */
  async deliver(nowMs: number): Promise<void> {
    const due = this.#carried.filter(({ dueMs }) => dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs);
    if (due.length === 0) return;
    this.#carried = this.#carried.filter(({ dueMs }) => dueMs > nowMs);
    for (const { arrive } of due) await arrive();
  }
}
