/**
 * How late what a stream brings is. The two clocks need not agree: the promptest message so far counts as in time. A narrow line delays
 * all alike, the sign of life too, and then comes regularly what is minutes old.
 */
export class Lateness {
  #least = Infinity;

  /** `sentAt` by the sender's clock, `now` by one of this page that is never set; ms. */
  ofMs(sentAt: number, now: number): number {
    const late = now - sentAt;
    this.#least = Math.min(this.#least, late);
    return late - this.#least;
  }
}
