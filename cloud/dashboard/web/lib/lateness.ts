/**
 * Two clocks drift apart: quartz by up to 100 millionths, one that is slewed to the right time by 500. What lags by less was not held back
 * by a line, which carries either all that is sent or leaves out much more.
 */
const MOST_DRIFT = 500e-6;

/**
 * How late what a stream brings is. The two clocks need not agree: the promptest message so far counts as in time. A narrow line delays
 * all alike, the sign of life too, and then comes regularly what is minutes old.
 */
export class Lateness {
  #least = Infinity;
  #at = Infinity;

  /** `sentAt` by the sender's clock, `now` by one of this page that is never set; ms. */
  ofMs(sentAt: number, now: number): number {
    const late = now - sentAt;
    this.#least = Math.min(this.#least + Math.max(0, now - this.#at) * MOST_DRIFT, late);
    this.#at = now;
    return late - this.#least;
  }
}
