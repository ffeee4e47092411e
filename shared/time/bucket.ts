export interface BucketSize {
  /** Most that can be taken at once. */
  readonly burst: number;
  readonly perSecond: number;
}

/** A token bucket: a steady rate, saved up to a burst. Times are milliseconds of any one base. */
export class Bucket {
  readonly #size: BucketSize;
  #left: number;
  #at: number;

  constructor(size: BucketSize, now: number) {
    this.#size = size;
    this.#left = size.burst;
    this.#at = now;
  }

  /** Takes `count`. Returns false and takes nothing unless `kept` would remain for others. */
  take(count: number, now: number, kept = 0): boolean {
    this.#fill(now);
    if (this.#left < count + kept) return false;
    this.#left -= count;
    return true;
  }

  /**
   * Takes an amount that is known only afterwards. The balance may go negative, by at most one burst, and blocks `take` until it is
   * refilled.
   */
  owe(count: number, now: number): void {
    this.#fill(now);
    this.#left = Math.max(-this.#size.burst, this.#left - count);
  }

  /** Time until the debt is repaid, whole ms; 0 if there is none. */
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
