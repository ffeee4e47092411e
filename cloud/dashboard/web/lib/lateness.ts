/**
 * Clocks drift apart: quartz by up to 100 ppm, a slewed clock by 500 ppm. A smaller lag is not a delay of the line, which either carries
 * everything or loses far more.
 */
const MOST_DRIFT = 500e-6;

/**
 * Measures how late a stream's messages arrive. The clocks need not agree: the fastest message so far counts as on time. On a narrow line
 * everything is late, heartbeats included, and values minutes old arrive regularly.
 */
export class Lateness {
  #least = Infinity;
  #at = Infinity;

  /** `sentAt` on the sender's clock, `now` on a monotonic clock of this page; ms. */
  ofMs(sentAt: number, now: number): number {
    const late = now - sentAt;
    this.#least = Math.min(this.#least + Math.max(0, now - this.#at) * MOST_DRIFT, late);
    this.#at = now;
    return late - this.#least;
  }
}
