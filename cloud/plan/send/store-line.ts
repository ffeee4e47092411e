import type { TimeBase } from '../../../shared/time/clock.ts';
import { MOST_STOP_STORE_MS, STOP_STORE_MS } from './stop-time.ts';

/**
 * Limits how long stops wait for a store that works through a queue. A stop to a whole fleet fills that queue, and a store that is still
 * working through it does not hang: the time of a wait counts only from the end of the last wait before it.
 */
export class StoreLine {
  readonly #base: TimeBase;
  #begun = 0;
  /** The newest wait that has ended, and when, machine time. */
  #ended = { number: 0, at: 0 };

  constructor(base: TimeBase) {
    this.#base = base;
  }

  /** What one stop may wait in all its calls of the store: `STOP_STORE_MS` of its own, `MOST_STOP_STORE_MS` with those before it. */
  budget(): StopBudget {
    const end = this.#base.elapsed() + MOST_STOP_STORE_MS;
    let ownMs = STOP_STORE_MS;
    return {
      wait: async (begin) => {
        const number = ++this.#begun;
        const begunAt = this.#base.elapsed();
        const leftMs = (): number => {
          const { number: last, at } = this.#ended;
          const countsFrom = last < number ? Math.max(begunAt, at) : begunAt;
          return Math.min(countsFrom + ownMs, end) - this.#base.elapsed();
        };
        if (leftMs() <= 0) throw new Error('there was no time left to ask the store');
        const { promise: late, reject } = Promise.withResolvers<never>();
        const look = (): void => {
          if (leftMs() > 0) {
            timer = this.#base.after(leftMs(), look);
            return;
          }
          ownMs = 0;
          reject(new Error('the store did not answer in time'));
        };
        let timer = this.#base.after(leftMs(), look);
        const work = begin().finally(() => {
          timer.cancel();
          ownMs = leftMs();
          if (number > this.#ended.number) this.#ended = { number, at: this.#base.elapsed() };
        });
        return Promise.race([work, late]);
      },
    };
  }
}

export interface StopBudget {
  /**
   * Settles like the work, or rejects if the store does not answer in time. The work then continues and its result is ignored; no later
   * work of this stop begins.
   */
  wait<T>(begin: () => Promise<T>): Promise<T>;
}
