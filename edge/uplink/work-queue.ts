import type { Clock } from '../../shared/time/clock.ts';

const MAX_TASKS = 2000;

/** Runs tasks one after the other, in order, for a caller that must not wait. */
export class WorkQueue {
  readonly #clock: Clock;
  #tasks: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;
  #armed = false;
  #open = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** False if the queue is full. */
  add(task: () => Promise<void>): boolean {
    if (this.#tasks.length >= MAX_TASKS) return false;
    this.#tasks.push(task);
    this.#arm();
    return true;
  }

  /** Starts running tasks, including those added before. */
  open(): void {
    this.#open = true;
    this.#arm();
  }

  #arm(): void {
    if (this.#armed || !this.#open || this.#tasks.length === 0) return;
    this.#armed = true;
    this.#clock.machine.after(0, () => this.finish());
  }

  /** Runs all waiting tasks. Never rejects: a task that fails is reported by the clock, and the others still run. */
  async finish(): Promise<void> {
    this.#armed = false;
    if (this.#running !== undefined) {
      await this.#running;
      return;
    }
    this.#running = this.#run();
    await this.#running;
    this.#running = undefined;
  }

  async #run(): Promise<void> {
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      try {
        await task();
      } catch (error) {
        this.#clock.machine.after(0, () => {
          throw error;
        });
      }
    }
  }
}
