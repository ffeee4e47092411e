import type { TimeBase } from '../../../shared/time/clock.ts';

/** The rate that a caller is shown: RateLimit-Limit, -Remaining and -Reset (s). */
export interface RateAnswer {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetS: number;
}

const BURST_S = 4;
const MOST_CALLERS = 10_000;
const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;

/**
 * Rate limits of all callers by name: a mean number of requests per second, with a burst of four seconds' worth. Uses the generic cell rate
 * algorithm (ITU-T I.371, annex A): a token bucket as a single number, the time when it is full again, ns of machine time.
 */
export class RateLimit {
  readonly #time: Pick<TimeBase, 'elapsed'>;
  readonly #mostCallers: number;
  readonly #fullAt = new Map<string, number>();

  constructor(time: Pick<TimeBase, 'elapsed'>, mostCallers = MOST_CALLERS) {
    this.#time = time;
    this.#mostCallers = mostCallers;
  }

  /** Takes one request from a caller's budget. */
  take(name: string, requestsPerSecond: number): RateAnswer {
    const limit = Math.max(1, Math.floor(requestsPerSecond * BURST_S));
    const everyNs = Math.max(1, Math.round(NS_PER_S / requestsPerSecond));
    const burstNs = everyNs * limit;
    const now = Math.round(this.#time.elapsed() * NS_PER_MS);
    const fullAt = Math.max(this.#fullAt.get(name) ?? now, now);
    const next = fullAt + everyNs;
    const allowed = next - now <= burstNs;
    if (allowed) this.#keep(name, next);
    return {
      allowed,
      limit,
      remaining: Math.floor((burstNs - ((allowed ? next : fullAt) - now)) / everyNs),
      resetS: Math.ceil((allowed ? next - now : next - burstNs - now) / NS_PER_S),
    };
  }

  /** Anyone can make up names. Beyond the cap all buckets are dropped, and every caller starts with a full one. */
  #keep(name: string, fullAt: number): void {
    if (this.#fullAt.size >= this.#mostCallers && !this.#fullAt.has(name)) this.#fullAt.clear();
    this.#fullAt.set(name, fullAt);
  }
}
