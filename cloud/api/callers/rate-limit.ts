import type { TimeBase } from '../../../shared/time/clock.ts';

/** What a caller is told of its rate: RateLimit-Limit, -Remaining and -Reset (s). */
export interface RateAnswer {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetS: number;
}

const BURST_S = 4;
const MOST_CALLERS = 10_000;

/** A token bucket a caller: so many requests a second on average, four seconds' worth at once. */
export class RateLimit {
  readonly #time: TimeBase;
  readonly #buckets = new Map<string, { level: number; at: number }>();

  constructor(time: TimeBase) {
    this.#time = time;
  }

  take(name: string, requestsPerSecond: number): RateAnswer {
    const limit = Math.max(1, Math.floor(requestsPerSecond * BURST_S));
    const now = this.#time.elapsed();
    const bucket = this.#bucket(name, limit, now);
    bucket.level = Math.min(limit, bucket.level + ((now - bucket.at) / 1000) * requestsPerSecond);
    bucket.at = now;
    const allowed = bucket.level >= 1;
    if (allowed) bucket.level -= 1;
    const wanted = allowed ? limit - bucket.level : 1 - bucket.level;
    return {
      allowed,
      limit,
      remaining: Math.floor(bucket.level),
      resetS: Math.ceil(wanted / requestsPerSecond),
    };
  }

  #bucket(name: string, limit: number, now: number): { level: number; at: number } {
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      if (this.#buckets.size >= MOST_CALLERS) this.#buckets.clear();
      this.#buckets.set(name, (bucket = { level: limit, at: now }));
    }
    return bucket;
  }
}
