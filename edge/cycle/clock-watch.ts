import type { HealthReport } from '../../shared/contracts/report.ts';
import { UNSET_BEFORE_MS } from '../../shared/time/clock.ts';

export type ClockState = HealthReport['clock'];

/** A change of the wall clock against the monotonic one that is no correction of its rate, ms. */
const STEP_MS = 1000;
/** Tolerance of the cloud's time, transit included, ms. */
const FAR_MS = 5000;
/** A clock that was stepped and that nobody has confirmed since is trusted again after, ms. */
const SETTLED_MS = 60_000;

/**
 * Watches the wall clock against the monotonic one and the cloud's heartbeats. Nothing is controlled by it: durations come from
 * the monotonic clock. It says how far a time that is recorded may be trusted.
 */
export class ClockWatch {
  #base: number | undefined;
  #steppedMs = -Infinity;
  #offsetMs = 0;
  #hasCloudTime = false;
  #now = 0;
  #elapsedMs = 0;

  /** By how much the wall clock was stepped since the last look, ms; 0: not. `speed`: of plant time, at which it counts. */
  look(now: number, elapsedMs: number, speed: number): number {
    [this.#now, this.#elapsedMs] = [now, elapsedMs];
    const base = now - elapsedMs;
    const step = this.#base === undefined ? 0 : base - this.#base;
    this.#base = base;
    if (Math.abs(step) < STEP_MS * Math.max(1, speed)) return 0;
    this.#steppedMs = elapsedMs;
    if (this.#hasCloudTime) this.#offsetMs += step;
    return Math.round(step);
  }

  /** A heartbeat of the cloud came with its time. */
  heard(cloudTime: number, now: number, elapsedMs: number): void {
    this.#offsetMs = now - cloudTime;
    this.#hasCloudTime = true;
    if (Math.abs(this.#offsetMs) <= FAR_MS) this.#steppedMs = -Infinity;
    [this.#now, this.#elapsedMs] = [now, elapsedMs];
  }

  /** `offsetMs`: ahead of the cloud; 0 while it has told no time. */
  state(): ClockState {
    const unset = this.#now < UNSET_BEFORE_MS;
    const far = this.#hasCloudTime && Math.abs(this.#offsetMs) > FAR_MS;
    const stepped = this.#elapsedMs - this.#steppedMs < SETTLED_MS;
    return { quality: unset || far || stepped ? 'uncertain' : 'good', offsetMs: Math.round(this.#offsetMs) };
  }
}
