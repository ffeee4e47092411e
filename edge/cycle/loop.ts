import type { Clock, Timer } from '../../shared/time/clock.ts';

const KEPT = 1000;

export interface LoopFigures {
  readonly periodMs: number;
  readonly count: number;
  readonly overruns: number;
  /** How late a cycle began against its schedule, ms of machine time, 99th percentile of the last thousand. */
  readonly lateP99Ms: number;
}

/** A cycle as the loop begins it. */
export interface LoopStep {
  /** Since the one before, s of plant time; 0 in the first. */
  readonly stepS: number;
  readonly periodMs: number;
  /** Since it was due, ms of plant time. */
  readonly lateMs: number;
}

/**
 * Runs a cycle on a fixed grid of elapsed plant time. A cycle that takes longer than its period skips the grid points that it
 * missed and is counted. Above speed 1 the period is one second of plant time.
 */
export class CycleLoop {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #cycle: (step: LoopStep) => Promise<void>;
  readonly #late: number[] = [];
  #timer: Timer | undefined;
  #dueMs = 0;
  #lastMs: number | undefined;
  #count = 0;
  #overruns = 0;
  /** End of the last whole cycle, or the start; elapsed machine time, ms. */
  #tickedMs = 0;
  #stopped = true;
  #running: Promise<void> | undefined;

  constructor(clock: Clock, periodMs: number, cycle: (step: LoopStep) => Promise<void>) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#cycle = cycle;
  }

  start(): void {
    this.#stopped = false;
    this.#tickedMs = this.#clock.machine.elapsed();
    // Where plant time stands, the first cycle cannot wait for it.
    this.#dueMs = this.#clock.plant.elapsed() + (this.#clock.speed() > 0 ? this.#period() : 0);
    this.#arm();
  }

  /** Waits for the cycle that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** Since a cycle ended, ms of machine time; 0 while it does not run. */
  sinceTickMs(): number {
    return this.#stopped ? 0 : this.#clock.machine.elapsed() - this.#tickedMs;
  }

  figures(): LoopFigures {
    const sorted = this.#late.toSorted((a, b) => a - b);
    const lateP99Ms = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0;
    return { periodMs: this.#period(), count: this.#count, overruns: this.#overruns, lateP99Ms };
  }

  #period(): number {
    return this.#clock.speed() > 1 ? Math.max(1000, this.#periodMs) : this.#periodMs;
  }

  #arm(): void {
    if (this.#stopped) return;
    const delay = this.#dueMs - this.#clock.plant.elapsed();
    this.#timer = this.#clock.plant.after(delay, () => {
      this.#running = this.#run();
      return this.#running;
    });
  }

  async #run(): Promise<void> {
    const nowMs = this.#clock.plant.elapsed();
    const lateMs = Math.max(0, nowMs - this.#dueMs);
    if (this.#late.push(lateMs / Math.max(this.#clock.speed(), 1)) > KEPT) this.#late.shift();
    const stepS = this.#lastMs === undefined ? 0 : Math.min(60, Math.max(0, (nowMs - this.#lastMs) / 1000));
    this.#lastMs = nowMs;
    this.#count++;
    try {
      await this.#cycle({ stepS, periodMs: this.#period(), lateMs });
      // A cycle that fails has commanded nothing: for the watchdog it did not end.
      this.#tickedMs = this.#clock.machine.elapsed();
    } finally {
      this.#schedule();
      this.#arm();
    }
  }

  #schedule(): void {
    const period = this.#period();
    this.#dueMs += period;
    const behind = this.#clock.plant.elapsed() - this.#dueMs;
    if (behind < period) return;
    const missed = Math.floor(behind / period);
    this.#overruns += missed;
    this.#dueMs += missed * period;
  }
}
