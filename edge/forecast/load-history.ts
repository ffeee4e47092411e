import type { Frame } from '../../shared/contracts/frame.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import type { LoadTerm, UncontrolledLoad } from '../../shared/forecast/uncontrolled.ts';
import { UNSET_BEFORE_MS } from '../../shared/time/clock.ts';

/** A value holds until the next one, but at most this long. An interval is known if values cover half of it. */
const HOLD_MS = 120_000;
const LEAST_COVERAGE = 0.5;

interface Channel {
  value: number;
  /** The value is integrated up to here. */
  from: number;
  /** The value holds until here. */
  until: number;
  /** Integral and covered time within the open interval. */
  sum: number;
  covered: number;
}

/**
 * Interval means of the uncontrolled load from observed frames, the last `keep` of them. Means are over time, so devices may report at any
 * rate.
 */
export class LoadHistory {
  readonly #load: UncontrolledLoad;
  readonly #stepMs: number;
  readonly #keep: number;
  readonly #channels = new Map<string, Channel>();
  readonly #wanted: ReadonlySet<string>;
  readonly #onClosed: (start: number, value: number) => void;
  #start = 0;
  #values: number[] = [];
  /** Start of the open interval; 0 before the first frame. */
  #open = 0;

  /** `onClosed` gets each interval as it closes: its start and its mean, NaN if unknown. */
  constructor(
    load: UncontrolledLoad,
    stepMs: number,
    keep: number,
    onClosed: (start: number, value: number) => void = () => undefined,
  ) {
    this.#load = load;
    this.#onClosed = onClosed;
    this.#stepMs = stepMs;
    this.#keep = keep;
    this.#wanted = new Set([...load.net, ...load.devices.flat()].map(keyOf));
  }

  observe(frame: Frame): void {
    for (const { metric, value, quality } of frame.values) {
      const key = keyOf({ device: frame.device, metric });
      if (!this.#wanted.has(key) || quality === 'bad' || !Number.isFinite(value)) continue;
      this.advance(frame.time);
      const channel = this.#channels.get(key);
      const fresh = { value, from: frame.time, until: frame.time + HOLD_MS };
      if (channel === undefined) this.#channels.set(key, { ...fresh, sum: 0, covered: 0 });
      else if (frame.time >= channel.from) {
        this.#extend(channel, frame.time);
        Object.assign(channel, fresh);
      }
    }
  }

  /** Closes every interval that ends at or before `time`. */
  advance(time: number): void {
    const interval = Math.floor(time / this.#stepMs) * this.#stepMs;
    if (this.#open === 0) this.#open = interval;
    if (interval - this.#open > this.#keep * this.#stepMs) this.#skipTo(interval - this.#keep * this.#stepMs);
    while (this.#open < interval) this.#close();
  }

  /**
   * Sets the present by the clock. If it is well before the open interval, a clock that has since been set back filled that interval, and
   * what lies after the present is dropped. A clock that was never set, such as after a boot without a battery, is ignored.
   */
  present(now: number): void {
    if (now < UNSET_BEFORE_MS) return;
    if (this.#open > now + this.#stepMs) this.#setBack(Math.floor(now / this.#stepMs) * this.#stepMs);
    this.advance(now);
  }

  /** Adds history from before the first observed interval; observed values stay. */
  seed(history: LoadSeries): void {
    if (history.values.length === 0 || history.stepS * 1000 !== this.#stepMs) return;
    if (history.start % this.#stepMs !== 0) return;
    const values = new Map<number, number>();
    for (const [i, value] of history.values.entries()) values.set(history.start + i * this.#stepMs, value);
    for (const [i, value] of this.#values.entries()) {
      const time = this.#start + i * this.#stepMs;
      if (!Number.isNaN(value) || !values.has(time)) values.set(time, value);
    }
    const end = Math.max(this.#end, history.start + history.values.length * this.#stepMs);
    const until = this.#open === 0 ? end : this.#open;
    const first = Math.max(Math.min(...values.keys()), until - this.#keep * this.#stepMs);
    this.#start = first;
    this.#values = [];
    for (let time = first; time < until; time += this.#stepMs) this.#values.push(values.get(time) ?? Number.NaN);
    this.#open = until;
  }

  /** The closed intervals, oldest first. */
  series(): LoadSeries {
    return { start: this.#start, stepS: this.#stepMs / 1000, values: Float64Array.from(this.#values) };
  }

  get #end(): number {
    return this.#start + this.#values.length * this.#stepMs;
  }

  #close(): void {
    const end = this.#open + this.#stepMs;
    for (const channel of this.#channels.values()) this.#extend(channel, end);
    if (this.#values.length === 0) this.#start = this.#open;
    const total = this.#total();
    this.#values.push(total);
    this.#onClosed(this.#open, total);
    this.#open = end;
    for (const channel of this.#channels.values()) {
      channel.sum = 0;
      channel.covered = 0;
    }
    if (this.#values.length > this.#keep) {
      this.#values.shift();
      this.#start += this.#stepMs;
    }
  }

  /** The gap is longer than all that is kept, so no known value is left. */
  #skipTo(open: number): void {
    this.#values = [];
    this.#open = open;
    for (const channel of this.#channels.values()) {
      channel.sum = 0;
      channel.covered = 0;
    }
  }

  #setBack(open: number): void {
    this.#values = this.#values.slice(0, Math.max(0, (open - this.#start) / this.#stepMs));
    this.#open = open;
    this.#channels.clear();
  }

  #extend(channel: Channel, to: number): void {
    const from = Math.max(channel.from, this.#open);
    const until = Math.min(to, channel.until, this.#open + this.#stepMs);
    if (until <= from) return;
    channel.sum += channel.value * (until - from);
    channel.covered += until - from;
    channel.from = until;
  }

  #total(): number {
    let total = 0;
    for (const term of this.#load.net) total += term.factor * this.#mean(term);
    for (const terms of this.#load.devices) {
      // A device not heard at all in the interval was not commanded in it. Its power is load like any other and is part of the net.
      if (!terms.every((term) => (this.#channels.get(keyOf(term))?.covered ?? 0) > 0)) continue;
      for (const term of terms) total += term.factor * this.#mean(term);
    }
    return total;
  }

  #mean(term: LoadTerm): number {
    const channel = this.#channels.get(keyOf(term));
    if (channel === undefined || channel.covered < LEAST_COVERAGE * this.#stepMs) return Number.NaN;
    return channel.sum / channel.covered;
  }
}

const keyOf = (term: { readonly device: string; readonly metric: string }): string => `${term.device}/${term.metric}`;
