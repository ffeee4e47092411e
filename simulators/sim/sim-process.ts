import type { Clock, TimeBase } from '../../shared/time/clock.ts';

/**
 * The clock of one simulated process: when the process is killed, none of its timers runs any more. With its links dead too
 * (`SimNetwork.kill`) nothing of it acts again, as after kill -9.
 */
export class SimProcess implements Clock {
  readonly plant: TimeBase;
  readonly machine: TimeBase;
  readonly #clock: Clock;
  #alive = true;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.plant = this.#whileAlive(clock.plant);
    this.machine = this.#whileAlive(clock.machine);
  }

  speed(): number {
    return this.#clock.speed();
  }

  kill(): void {
    this.#alive = false;
  }

  #whileAlive(base: TimeBase): TimeBase {
    return {
      now: () => base.now(),
      elapsed: () => base.elapsed(),
      after: (delayMs, task) => base.after(delayMs, () => (this.#alive ? task() : undefined)),
    };
  }
}
