const NUMBERS = 256;
/** A number this far ahead counts as behind: a duplicate, or one that arrives long after it was given up. */
const HALF = NUMBERS / 2;

/** The sequence of one edge node's messages (`seq`, 0 to 255, then again), and which numbers are missing. */
export class Sequence {
  #next: number | null = null;
  readonly #missing = new Set<number>();

  /** True if a number was skipped and has not arrived. */
  get broken(): boolean {
    return this.#missing.size > 0;
  }

  /** Starts at the node's birth, which carries `seq`; undefined: the node does not number its messages. */
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

  /** Stops waiting for missing numbers. */
  giveUp(): void {
    this.#missing.clear();
  }
}
