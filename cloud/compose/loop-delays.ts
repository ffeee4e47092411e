import type { TimeBase, Timer } from '../../shared/time/clock.ts';

/** Timer interval, ms. */
export const EACH_MS = 50;

export interface LoopDelay {
  /** Delay of the timer, s. */
  readonly lateS: number;
  /** CPU time of the thread since the timer was set, s. */
  readonly cpuS: number;
}

type DelayListener = (delay: LoopDelay) => void;

/**
 * Measures how late timers of this thread fire, because whatever delays them delays ingest and every answer. Also measures the thread's own
 * CPU time in between, which load from other processes does not change.
 */
export class LoopDelays {
  readonly #time: TimeBase;
  readonly #cpuS: () => number;
  readonly #listeners: DelayListener[] = [];
  #timer: Timer | undefined;

  /** `time`: of the machine. `cpuS`: CPU time of this thread since its start, s. */
  constructor(time: TimeBase, cpuS: () => number) {
    this.#time = time;
    this.#cpuS = cpuS;
  }

  listen(listener: DelayListener): void {
    this.#listeners.push(listener);
  }

  start(): void {
    const due = this.#time.elapsed() + EACH_MS;
    const cpuS = this.#cpuS();
    this.#timer = this.#time.after(EACH_MS, () => {
      const delay = { lateS: Math.max(0, this.#time.elapsed() - due) / 1000, cpuS: this.#cpuS() - cpuS };
      for (const listener of this.#listeners) listener(delay);
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
