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
/** Buckets that are compared for one to give way. */
const LOOKED_AT = 16;
const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;

/**
 * Rate limits of all callers by name: a mean number of requests per second, with a burst of four seconds' worth. Uses the generic cell rate
 * algorithm (ITU-T I.371, annex A): a token bucket as a single number, the time when it is full again, ns of machine time.
 */
export class RateLimit {
  readonly #time: Pick<TimeBase, 'elapsed'>;
  readonly #mostCallers: number;
  /** Last taken from last. */
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

  /** Anyone can make up names. Beyond the cap the fullest of the oldest buckets gives way: it says the least about its caller. */
  #keep(name: string, fullAt: number): void {
    this.#fullAt.delete(name);
    if (this.#fullAt.size >= this.#mostCallers) this.#fullAt.delete(this.#fullest());
    this.#fullAt.set(name, fullAt);
  }

  #fullest(): string {
    let fullest = { name: '', fullAt: Number.POSITIVE_INFINITY };
    for (const [name, fullAt] of this.#fullAt.entries().take(LOOKED_AT))
      if (fullAt < fullest.fullAt) fullest = { name, fullAt };
    return fullest.name;
  }
}
