import type { WeatherBody } from '../../shared/contracts/document.ts';
import type { Frame } from '../../shared/contracts/frame.ts';
import { HISTORY_DAYS } from '../../shared/forecast/features.ts';
import { endOf, type LoadSeries } from '../../shared/forecast/series.ts';

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const KEPT_HOURS = (HISTORY_DAYS + 2) * DAY_HOURS;

/**
 * The temperature at the gateway, past and ahead: from the cloud, and up to now from own sensors where there are any. Own values are moved
 * by their mean difference from the cloud's: a sensor in the sun would otherwise show a change of weather at the present, and models are
 * trained on the cloud's values.
 */
export class LocalTemperature {
  #sent: WeatherBody | undefined;
  /** Readings of the own sensors by hour, ms UTC. */
  readonly #own = new Map<number, { sum: number; count: number }>();

  take(body: WeatherBody): void {
    this.#sent = body;
  }

  observe({ time, values }: Frame): void {
    const start = Math.floor(time / HOUR_MS) * HOUR_MS;
    for (const { metric, value, quality } of values) {
      if (metric !== 'temperatureC' || quality === 'bad' || !Number.isFinite(value)) continue;
      const hour = this.#own.get(start) ?? { sum: 0, count: 0 };
      hour.sum += value;
      hour.count++;
      this.#own.set(start, hour);
    }
    const [oldest] = this.#own.keys();
    if (this.#own.size > KEPT_HOURS && oldest !== undefined) this.#own.delete(oldest);
  }

  /**
   * Degrees Celsius for each interval of the load and `steps` after it, linear between the means of hours; NaN where unknown. After the last
   * known hour the last day repeats. Undefined: nothing is known of this time.
   */
  along(load: LoadSeries, steps: number): Float64Array | undefined {
    const stepMs = load.stepS * 1000;
    const end = endOf(load);
    const first = Math.floor(load.start / HOUR_MS);
    const last = Math.ceil((end + steps * stepMs) / HOUR_MS);
    const offset = this.#offset();
    const hours = Array.from({ length: last - first + 1 }, (_, i) => {
      const start = (first + i) * HOUR_MS;
      const own = start < end ? this.#ownAt(start) - offset : Number.NaN;
      return Number.isNaN(own) ? this.#sentAt(start) : own;
    });
    const known = hours.findLastIndex((value) => !Number.isNaN(value));
    if (known === -1) return undefined;
    for (let i = known + 1; i < hours.length; i++) {
      const dayBefore = hours[i - DAY_HOURS] ?? Number.NaN;
      hours[i] = Number.isNaN(dayBefore) ? hours[known]! : dayBefore;
    }
    return Float64Array.from({ length: load.values.length + steps }, (_, i) => {
      const at = (load.start + (i + 0.5) * stepMs) / HOUR_MS - first - 0.5;
      return between(hours, at);
    });
  }

  #offset(): number {
    const differences = [...this.#own.keys()]
      .map((start) => this.#ownAt(start) - this.#sentAt(start))
      .filter((value) => !Number.isNaN(value));
    return differences.reduce((sum, value) => sum + value, 0) / Math.max(1, differences.length);
  }

  #ownAt(start: number): number {
    const hour = this.#own.get(start);
    return hour === undefined ? Number.NaN : hour.sum / hour.count;
  }

  #sentAt(start: number): number {
    return this.#sent?.temperatureC[(start - this.#sent.start) / HOUR_MS] ?? Number.NaN;
  }
}

/** Linear between two values at whole positions; the nearer one where the other is unknown. */
function between(values: readonly number[], at: number): number {
  const low = Math.floor(at);
  const share = at - low;
  const [before = Number.NaN, after = Number.NaN] = [values[low], values[low + 1]];
  if (Number.isNaN(before) || Number.isNaN(after)) return share < 0.5 ? before : after;
  return before + share * (after - before);
}
