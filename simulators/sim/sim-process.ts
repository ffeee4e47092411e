import type { Clock, TaskFailure, TimeBase, Timer, TimerTask } from '../../shared/time/clock.ts';

/** The process gets the CPU for `runMs` in each `everyMs`; tasks due in between run late. */
export interface Stall {
  readonly everyMs: number;
  readonly runMs: number;
}

/**
 * The clock of one simulated process: once it is killed, none of its timers runs. With its links dead too (`SimNetwork.kill`), it has no
 * further effect, as after kill -9.
 */
export class SimProcess implements Clock {
  readonly plant: TimeBase;
  readonly machine: TimeBase;
  readonly #clock: Clock;
  #alive = true;
  readonly #onFailure: TaskFailure | undefined;
  #offsetMs: number;
  #stall: Stall | undefined;

  /** `offsetMs` is the error of its wall clock. Without `onFailure` a failing task ends the run. */
  constructor(
    clock: Clock,
    { offsetMs = 0, onFailure }: { offsetMs?: number; onFailure?: TaskFailure | undefined } = {},
  ) {
    this.#clock = clock;
    this.#offsetMs = offsetMs;
    this.#onFailure = onFailure;
    this.plant = this.#whileAlive(clock.plant);
    this.machine = this.#whileAlive(clock.machine);
  }

  speed(): number {
    return this.#clock.speed();
  }

  kill(): void {
    this.#alive = false;
  }

  /** Sets its wall clock; elapsed time and timers are unaffected. */
  setOffset(offsetMs: number): void {
    this.#offsetMs = offsetMs;
  }

  /** Starves it of CPU, or ends that. */
  setStall(stall: Stall | undefined): void {
    this.#stall = stall;
  }

  #whileAlive(base: TimeBase): TimeBase {
    return {
      now: () => base.now() + this.#offsetMs,
      elapsed: () => base.elapsed(),
      after: (delayMs, task) => {
        let timer: Timer;
        const due = (): void | Promise<void> => {
          const waitMs = this.#waitMs(base.elapsed());
          if (waitMs <= 0) return this.#run(task);
          timer = base.after(waitMs, due);
        };
        timer = base.after(delayMs, due);
        return { cancel: () => timer.cancel() };
      },
    };
  }

  /** Time until it gets the CPU again. */
  #waitMs(elapsedMs: number): number {
    if (this.#stall === undefined) return 0;
    const { everyMs, runMs } = this.#stall;
    const intoMs = elapsedMs % everyMs;
    return intoMs < runMs ? 0 : everyMs - intoMs;
  }

  async #run(task: TimerTask): Promise<void> {
    if (!this.#alive) return;
    try {
      await task();
    } catch (error) {
      if (this.#onFailure === undefined) throw error;
      this.#onFailure(error);
    }
  }
}
