/** When a thread turned last, told to threads beside it through memory: it tells the truth also while that one hangs. */
export class Beat {
  readonly memory: SharedArrayBuffer;
  readonly #at: BigInt64Array;

  /** `memory`: of the same beat in another thread. */
  constructor(memory = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#at = new BigInt64Array(memory);
  }

  /** `elapsedMs`: machine time of the clock, which all threads of a process share. */
  beat(elapsedMs: number): void {
    Atomics.store(this.#at, 0, BigInt(Math.floor(elapsedMs)));
  }

  /** Machine time of the last beat, ms as `elapsed` of the clock. */
  at(): number {
    return Number(Atomics.load(this.#at, 0));
  }
}
