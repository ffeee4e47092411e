/** The time of a thread's last beat, in memory shared with other threads, so that it is right even while that thread hangs. */
export class Beat {
  readonly memory: SharedArrayBuffer;
  readonly #at: BigInt64Array;

  /** `memory`: that of the same beat in another thread. */
  constructor(memory = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#at = new BigInt64Array(memory);
  }

  /** `elapsedMs`: monotonic machine time, which all threads of a process share. */
  beat(elapsedMs: number): void {
    Atomics.store(this.#at, 0, BigInt(Math.floor(elapsedMs)));
  }

  /** Time of the last beat, ms as in `elapsed`. */
  at(): number {
    return Number(Atomics.load(this.#at, 0));
  }
}
