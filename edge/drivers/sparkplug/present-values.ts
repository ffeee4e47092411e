import type { Metric } from '../../../shared/contracts/frame.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { measured, type ReadSample, type Samples, type SourceTime } from '../driver.ts';
import { isPlausibleTime } from '../plausible.ts';

/** A value reported by a payload; null: none. */
export interface ReportedValue {
  readonly value: number | null;
  /** Its own time, ms UTC. */
  readonly time: number | undefined;
}

/** Receipt time of a lost value: stale, but its value and time are still known. */
const LOST_MS = -Infinity;

/**
 * Present values of a device that reports by exception. Sparkplug nodes publish changes only, so a value that a payload does not
 * name is still valid at the payload's time. A refused or lost value is not renewed this way.
 */
export class PresentValues {
  readonly samples: Samples;
  readonly #clock: Clock;
  readonly #samples = new Map<Metric, ReadSample>();
  /** Source time of the newest value per metric, where the device reported one. */
  readonly #reportedAt = new Map<Metric, number>();
  readonly #doubted = new Set<Metric>();
  readonly #named = new Set<Metric>();
  #payload: SourceTime = { ms: 0, uncertain: true };

  constructor(clock: Clock) {
    this.#clock = clock;
    this.samples = this.#samples;
  }

  /** Begins a payload of this time. */
  begin(sentAt: number | undefined): void {
    this.#named.clear();
    const now = Math.round(this.#clock.plant.now());
    const near = this.#near(sentAt);
    this.#payload = near === undefined ? { ms: now, uncertain: sentAt !== undefined } : { ms: near, uncertain: false };
  }

  /** False if it is older than the present value, which then stays. */
  put(metric: Metric, { value, time }: ReportedValue): boolean {
    const near = this.#near(time);
    if (time !== undefined && time < (this.#reportedAt.get(metric) ?? -Infinity)) return false;
    if (near !== undefined) this.#reportedAt.set(metric, near);
    if (value === null) {
      this.#lose(metric);
      return true;
    }
    this.#doubted.delete(metric);
    this.#named.add(metric);
    // A birth may carry an old value's time while the value is still valid.
    const at = near === undefined ? this.#payload : { ms: near, uncertain: false };
    this.#samples.set(metric, measured(value, at, this.#clock.plant.elapsed()));
    return true;
  }

  /** The reported value is implausible, so the last good value ages. */
  doubt(metric: Metric): void {
    this.#doubted.add(metric);
  }

  /** Renews every metric that the payload does not name. Called if the payload carries present values. */
  renew(): void {
    const receivedMs = this.#clock.plant.elapsed();
    for (const [metric, sample] of this.#samples) {
      if (this.#named.has(metric) || this.#doubted.has(metric)) continue;
      const { ms, uncertain } = this.#payload;
      const at = { ms: Math.max(sample.time, ms), uncertain };
      this.#samples.set(metric, measured(sample.value, at, receivedMs));
    }
  }

  /** Until a birth reports a value again, it is not renewed, and its time does not reject older ones. */
  distrust(): void {
    for (const metric of this.#samples.keys()) this.#doubted.add(metric);
    this.#reportedAt.clear();
  }

  #lose(metric: Metric): void {
    this.#doubted.add(metric);
    const last = this.#samples.get(metric);
    if (last !== undefined) this.#samples.set(metric, { ...last, receivedMs: LOST_MS });
  }

  /** The time if it is plausible by this clock. */
  #near(time: number | undefined): number | undefined {
    if (time === undefined) return undefined;
    return isPlausibleTime(time, this.#clock.plant.now()) ? Math.round(time) : undefined;
  }
}
