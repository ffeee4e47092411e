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
const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;

/** A cell for each caller, 64 bit: when its bucket is full again, ns of machine time. Threads share them. */
export const rateCells = (): BigInt64Array<SharedArrayBuffer> =>
  new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT * MOST_CALLERS));

/**
 * Takes one request of a cell's caller: so many requests a second on average, four seconds' worth at once. The generic cell rate
 * algorithm (ITU-T I.371, annex A): a token bucket in one number, which threads change without a lock.
 */
export function takeFrom(
  cells: BigInt64Array,
  cell: number,
  { requestsPerSecond, elapsedMs }: { readonly requestsPerSecond: number; readonly elapsedMs: number },
): RateAnswer {
  const limit = Math.max(1, Math.floor(requestsPerSecond * BURST_S));
  const everyNs = BigInt(Math.max(1, Math.round(NS_PER_S / requestsPerSecond)));
  const burstNs = everyNs * BigInt(limit);
  const now = BigInt(Math.round(elapsedMs * NS_PER_MS));
  for (;;) {
    const kept = Atomics.load(cells, cell);
    const fullAt = kept > now ? kept : now;
    const next = fullAt + everyNs;
    const allowed = next - now <= burstNs;
    if (allowed && Atomics.compareExchange(cells, cell, kept, next) !== kept) continue;
    const waitNs = allowed ? next - now : next - burstNs - now;
    return {
      allowed,
      limit,
      remaining: Number((burstNs - ((allowed ? next : fullAt) - now)) / everyNs),
      resetS: Math.ceil(Number(waitNs) / NS_PER_S),
    };
  }
}

export interface RateLimitOptions {
  readonly cells?: BigInt64Array;
  /** Cells were given out anew: what was known of one may be another's now. */
  readonly onReset?: () => void;
}

/** The rates of all callers by name. */
export class RateLimit {
  readonly #time: TimeBase;
  readonly #cells: BigInt64Array;
  readonly #onReset: () => void;
  readonly #byName = new Map<string, number>();

  constructor(time: TimeBase, { cells = rateCells(), onReset = () => undefined }: RateLimitOptions = {}) {
    this.#time = time;
    this.#cells = cells;
    this.#onReset = onReset;
  }

  take(name: string, requestsPerSecond: number): RateAnswer {
    return takeFrom(this.#cells, this.cellOf(name), { requestsPerSecond, elapsedMs: this.#time.elapsed() });
  }

  cellOf(name: string): number {
    let cell = this.#byName.get(name);
    if (cell === undefined) {
      if (this.#byName.size >= this.#cells.length) this.#reset();
      cell = this.#byName.size;
      this.#byName.set(name, cell);
      Atomics.store(this.#cells, cell, 0n);
    }
    return cell;
  }

  #reset(): void {
    this.#byName.clear();
    this.#onReset();
  }
}
