import type { TimeBase, Timer } from '../../shared/time/clock.ts';

const EACH_MS = 50;

/** How late the timers of this thread go off: what holds it up holds up ingest and every answer. */
export class LoopDelays {
  readonly #time: TimeBase;
  #listener: (seconds: number) => void = () => undefined;
  #timer: Timer | undefined;

  /** `time`: of the machine. */
  constructor(time: TimeBase) {
    this.#time = time;
  }

  listen(listener: (seconds: number) => void): void {
    this.#listener = listener;
  }

  start(): void {
    const due = this.#time.elapsed() + EACH_MS;
    this.#timer = this.#time.after(EACH_MS, () => {
      this.#listener(Math.max(0, this.#time.elapsed() - due) / 1000);
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
