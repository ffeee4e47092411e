import type { Metric } from '../../../shared/contracts/frame.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { measured, type ReadSample, type Samples, type SourceTime } from '../driver.ts';
import { isPlausibleTime } from '../plausible.ts';

/** A value as reported by a payload. Null: none. */
export interface ReportedValue {
  readonly value: number | null;
  /** Its own time, ms UTC. */
  readonly time: number | undefined;
}

/** Too old to count, but its value and time are still known. */
const LOST_MS = -Infinity;

/**
 * Present values of a device that reports by exception. Sparkplug nodes publish changes, so a value not named in a payload still stands at
 * its time. A refused or lost value is not renewed that way.
 */
export class PresentValues {
  readonly samples: Samples;
  readonly #clock: Clock;
  readonly #samples = new Map<Metric, ReadSample>();
  /** The own time of the newest value of each, where the device told one. */
  readonly #reportedAt = new Map<Metric, number>();
  readonly #doubted = new Set<Metric>();
  readonly #named = new Set<Metric>();
  #payload: SourceTime = { ms: 0, uncertain: true };

  constructor(clock: Clock) {
    this.#clock = clock;
    this.samples = this.#samples;
  }

  /** A payload of this time begins. */
  begin(sentAt: number | undefined): void {
    this.#named.clear();
    const now = Math.round(this.#clock.plant.now());
    const near = this.#near(sentAt);
    this.#payload = near === undefined ? { ms: now, uncertain: sentAt !== undefined } : { ms: near, uncertain: false };
  }

  /** False where it is older than what stands, which then stays. */
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
    // A birth states when a value arose, possibly long ago, and that it is still valid.
    const at = near === undefined ? this.#payload : { ms: near, uncertain: false };
    this.#samples.set(metric, measured(value, at, this.#clock.plant.elapsed()));
    return true;
  }

  /** What was told of it cannot be true: the last good value ages. */
  doubt(metric: Metric): void {
    this.#doubted.add(metric);
  }

  /** The payload has a present value, so every metric it does not name is unchanged. */
  renew(): void {
    const receivedMs = this.#clock.plant.elapsed();
    for (const [metric, sample] of this.#samples) {
      if (this.#named.has(metric) || this.#doubted.has(metric)) continue;
      const { ms, uncertain } = this.#payload;
      const at = { ms: Math.max(sample.time, ms), uncertain };
      this.#samples.set(metric, measured(sample.value, at, receivedMs));
    }
  }

  /** Until each is told again by a birth, none is renewed and none bars an older one. */
  distrust(): void {
    for (const metric of this.#samples.keys()) this.#doubted.add(metric);
    this.#reportedAt.clear();
  }

  #lose(metric: Metric): void {
    this.#doubted.add(metric);
    const last = this.#samples.get(metric);
    if (last !== undefined) this.#samples.set(metric, { ...last, receivedMs: LOST_MS });
  }

  /** A time that can be true, as far as this clock can say. */
  #near(time: number | undefined): number | undefined {
    if (time === undefined) return undefined;
    return isPlausibleTime(time, this.#clock.plant.now()) ? Math.round(time) : undefined;
  }
}
