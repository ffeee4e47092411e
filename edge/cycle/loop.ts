import type { Clock, Timer } from '../../shared/time/clock.ts';

const LATE_SAMPLES = 1000;

export interface LoopFigures {
  readonly periodMs: number;
  readonly count: number;
  readonly overruns: number;
  /** Delay of a cycle's start against its schedule, ms of machine time: 99th percentile of the last thousand cycles. */
  readonly lateP99Ms: number;
}

/** Timing of one cycle. */
export interface LoopStep {
  /** Since the previous cycle, s of plant time; 0 in the first. */
  readonly stepS: number;
  readonly periodMs: number;
  /** Since the cycle was due, ms of plant time. */
  readonly lateMs: number;
}

/**
 * Runs a cycle on a fixed grid of elapsed plant time. A cycle that takes longer than its period skips the grid points it missed and
 * counts them as overruns. Above speed 1 the period is at least one second of plant time.
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
  /** End of the last complete cycle, or the start; elapsed machine time, ms. */
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
    // While plant time stands still, the first cycle cannot wait for it.
    this.#dueMs = this.#clock.plant.elapsed() + (this.#clock.speed() > 0 ? this.#period() : 0);
    this.#arm();
  }

  /** Waits for the cycle in progress. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** Since a cycle last ended, ms of machine time; 0 while the loop is stopped. */
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
    if (this.#late.push(lateMs / Math.max(this.#clock.speed(), 1)) > LATE_SAMPLES) this.#late.shift();
    const stepS = this.#lastMs === undefined ? 0 : Math.min(60, Math.max(0, (nowMs - this.#lastMs) / 1000));
    this.#lastMs = nowMs;
    this.#count++;
    try {
      await this.#cycle({ stepS, periodMs: this.#period(), lateMs });
      // A failed cycle has commanded nothing, so the watchdog must not count it.
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
