import type { TimeBase, Timer } from '../../shared/time/clock.ts';

/** So often a timer goes off. */
export const EACH_MS = 50;

export interface LoopDelay {
  /** How late a timer went off, s. */
  readonly lateS: number;
  /** CPU time of the thread since it was set, s. */
  readonly cpuS: number;
}

type DelayListener = (delay: LoopDelay) => void;

/**
 * How late the timers of this thread go off: what holds it up holds up ingest and every answer. And what it computed itself between two of
 * them, which a machine that is busy with other things leaves as it is.
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
