export interface BucketSize {
  /** Taken at once at most. */
  readonly burst: number;
  readonly perSecond: number;
}

/** What may be taken at a steady rate, and saved up to a burst. Times are milliseconds of any one base. */
export class Bucket {
  readonly #size: BucketSize;
  #left: number;
  #at: number;

  constructor(size: BucketSize, now: number) {
    this.#size = size;
    this.#left = size.burst;
    this.#at = now;
  }

  /** False, and nothing is taken, where less than `count` and what is `kept` for others is left. */
  take(count: number, now: number, kept = 0): boolean {
    this.#fill(now);
    if (this.#left < count + kept) return false;
    this.#left -= count;
    return true;
  }

  /** Takes what is known only afterwards: more than is left is owed, a burst at the most, and nothing is to be had until then. */
  owe(count: number, now: number): void {
    this.#fill(now);
    this.#left = Math.max(-this.#size.burst, this.#left - count);
  }

  /** Until nothing is owed any more, whole ms; 0: nothing is. */
  owesFor(now: number): number {
    this.#fill(now);
    return Math.max(0, Math.ceil((-this.#left / this.#size.perSecond) * 1000));
  }

  #fill(now: number): void {
    const { burst, perSecond } = this.#size;
    this.#left = Math.min(burst, this.#left + (Math.max(0, now - this.#at) / 1000) * perSecond);
    this.#at = now;
  }
}
