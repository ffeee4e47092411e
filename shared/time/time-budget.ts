import type { TimeBase } from './clock.ts';

/** Time that several waits share, starting with construction. */
export class TimeBudget {
  readonly #base: TimeBase;
  readonly #end: number;

  constructor(base: TimeBase, ms: number) {
    this.#base = base;
    this.#end = base.elapsed() + ms;
  }

  /**
   * Settles like the work, or rejects if the time runs out first. The work then continues and its result is ignored. Once the time is over,
   * no work begins.
   */
  async wait<T>(begin: () => Promise<T>): Promise<T> {
    const leftMs = this.#end - this.#base.elapsed();
    if (leftMs <= 0) throw new Error('no time left to start');
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = this.#base.after(leftMs, () => reject(new Error('not done in time')));
    try {
      return await Promise.race([begin(), late]);
    } finally {
      timer.cancel();
    }
  }
}
