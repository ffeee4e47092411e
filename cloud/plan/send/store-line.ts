import type { TimeBase } from '../../../shared/time/clock.ts';
import { MOST_STOP_STORE_MS, STOP_STORE_MS } from './stop-time.ts';

/**
 * Limits how long stops wait for a store that works through a queue. A stop to a whole fleet fills that queue, and a store that is still
 * working through it does not hang: a wait is given up `STOP_STORE_MS` after it began and after the last wait before it has ended.
 */
export class StoreLine {
  readonly #base: TimeBase;
  #begun = 0;
  /** The newest wait that has ended, and when, machine time. */
  #ended = { number: 0, at: 0 };

  constructor(base: TimeBase) {
    this.#base = base;
  }

  /** What one stop may wait in all its calls of the store. */
  budget(): StopBudget {
    const end = this.#base.elapsed() + MOST_STOP_STORE_MS;
    let isOver = false;
    return {
      wait: async (begin) => {
        if (isOver) throw new Error('the store did not answer before');
        return this.#wait(begin, end).catch((error: unknown) => {
          isOver ||= error instanceof TooLate;
          throw error;
        });
      },
    };
  }

  async #wait<T>(begin: () => Promise<T>, end: number): Promise<T> {
    const number = ++this.#begun;
    const begunAt = this.#base.elapsed();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const leftMs = (): number => {
      const { number: last, at } = this.#ended;
      const movedAt = last < number ? Math.max(begunAt, at) : begunAt;
      return Math.min(movedAt + STOP_STORE_MS, end) - this.#base.elapsed();
    };
    const look = (): void => {
      const left = leftMs();
      if (left > 0) timer = this.#base.after(left, look);
      else reject(new TooLate('the store did not answer in time'));
    };
    if (leftMs() <= 0) throw new TooLate('there was no time left to ask the store');
    let timer = this.#base.after(leftMs(), look);
    const work = begin().finally(() => {
      timer.cancel();
      if (number > this.#ended.number) this.#ended = { number, at: this.#base.elapsed() };
    });
    return Promise.race([work, late]);
  }
}

export interface StopBudget {
  /**
   * Settles like the work, or rejects if the store does not answer in time. The work then continues and its result is ignored; no later
   * work of this stop begins.
   */
  wait<T>(begin: () => Promise<T>): Promise<T>;
}

class TooLate extends Error {}
