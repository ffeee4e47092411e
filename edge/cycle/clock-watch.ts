import type { HealthReport } from '../../shared/contracts/report.ts';
import { UNSET_BEFORE_MS } from '../../shared/time/clock.ts';

export type ClockState = HealthReport['clock'];

/** A change of the wall clock against the monotonic clock above this is a step, not a rate correction, ms. */
const STEP_MS = 1000;
/** Tolerated difference from the cloud's time, transit included, ms. */
const FAR_MS = 5000;
/** A stepped clock that no heartbeat has confirmed is trusted again after this, ms. */
const SETTLED_MS = 60_000;

/**
 * Watches the wall clock against the monotonic clock and the cloud's heartbeats. Control does not depend on it, since durations
 * come from the monotonic clock. It tells how far a recorded time can be trusted.
 */
export class ClockWatch {
  #base: number | undefined;
  #steppedMs = -Infinity;
  #offsetMs = 0;
  #hasCloudTime = false;
  #now = 0;
  #elapsedMs = 0;

  /**
   * Returns how far the wall clock was stepped since the last call, ms; 0 if it was not. `speed`: of plant time; it scales the
   * threshold.
   */
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

  /** Takes the cloud's time from a heartbeat. */
  heard(cloudTime: number, now: number, elapsedMs: number): void {
    this.#offsetMs = now - cloudTime;
    this.#hasCloudTime = true;
    if (Math.abs(this.#offsetMs) <= FAR_MS) this.#steppedMs = -Infinity;
    [this.#now, this.#elapsedMs] = [now, elapsedMs];
  }

  /** `offsetMs`: how far this clock is ahead of the cloud's; 0 until the cloud has sent its time. */
  state(): ClockState {
    const unset = this.#now < UNSET_BEFORE_MS;
    const far = this.#hasCloudTime && Math.abs(this.#offsetMs) > FAR_MS;
    const stepped = this.#elapsedMs - this.#steppedMs < SETTLED_MS;
    return { quality: unset || far || stepped ? 'uncertain' : 'good', offsetMs: Math.round(this.#offsetMs) };
  }
}
