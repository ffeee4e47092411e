const NUMBERS = 256;
/** Further ahead than this it is behind: a message that comes twice, or long after it was given up. */
const HALF = NUMBERS / 2;

/** The sequence of one edge node's messages (`seq`, 0 to 255 and again), and which numbers are missing of it. */
export class Sequence {
  #next: number | null = null;
  readonly #missing = new Set<number>();

  /** Whether a number that has been passed has not come. */
  get broken(): boolean {
    return this.#missing.size > 0;
  }

  /** Begins at the birth of the node, which carries `seq`; undefined: it numbers nothing. */
  begin(seq: number | undefined): void {
    this.#missing.clear();
    this.#next = seq === undefined ? null : (seq + 1) % NUMBERS;
  }

  take(seq: number | undefined): void {
    if (seq === undefined || this.#missing.delete(seq)) return;
    this.#next ??= seq;
    const ahead = (seq - this.#next + NUMBERS) % NUMBERS;
    if (ahead >= HALF) return;
    for (let skipped = 0; skipped < ahead; skipped++) this.#missing.add((this.#next + skipped) % NUMBERS);
    this.#next = (seq + 1) % NUMBERS;
  }

  /** What is missing is waited for no longer. */
  giveUp(): void {
    this.#missing.clear();
  }
}
