import type { TrendView } from '../../shared/contracts/trend.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { Turns } from '../../shared/time/turns.ts';
import type { Interval, SeriesKey, TelemetryStore } from './store.ts';

export interface TrendQuery {
  readonly series: readonly SeriesKey[];
  /** [start, end), ms UTC. */
  readonly start: number;
  readonly end: number;
  /** Maximum number of steps in the answer. */
  readonly most: number;
}

/** Steps of a quarter of an hour and more use roll-ups, so a year costs as much as a day. */
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800];
const ROLLED_S = 900;
/** Limit on the seconds, summed over all series, that may be read for steps finer than the roll-up. */
const MOST_FINE_S = 1_000_000;
const DAY_MS = 86_400_000;
/** Spans up to a day do not wait for longer ones. */
const LONG_MS = DAY_MS;
/** Maximum number of trends waiting for their turn. */
const MOST_WAITING = 40;

/** The finest step, s, that keeps a span within `most` steps and the read within bounds. */
export const stepOf = (spanMs: number, { most, series }: { readonly most: number; readonly series: number }): number =>
  STEPS_S.find(
    (step) =>
      spanMs / (1000 * step) <= most && (step >= ROLLED_S || (spanMs / 1000) * Math.max(1, series) <= MOST_FINE_S),
  ) ?? STEPS_S.at(-1)!;

/** A known fault of a meter: `dead`, `reversed` or other, and since when, ms UTC. */
interface MeterFault {
  readonly finding: string;
  readonly since: number;
}

type FaultsOf = (gateway: string, meter: string) => readonly MeterFault[];

/**
 * Measured values over a span, aggregated in the store. The power of a reversed meter is negated; a dead meter yields null, not zero.
 * Trends are read one at a time, series by series, so that writes get in between.
 */
export class Trends {
  readonly #store: Pick<TelemetryStore, 'intervals'>;
  readonly #faultsOf: FaultsOf;
  readonly #turns = { short: new Turns(), long: new Turns() };
  #waiting = 0;

  constructor(store: Pick<TelemetryStore, 'intervals'>, faultsOf: FaultsOf) {
    this.#store = store;
    this.#faultsOf = faultsOf;
  }

  async of(query: TrendQuery): Promise<TrendView> {
    if (this.#waiting >= MOST_WAITING)
      throw new LoadstoneError('LS-API-009', `${MOST_WAITING} trends are already waiting: retry in a moment`);
    this.#waiting++;
    try {
      return await this.#turns[query.end - query.start > LONG_MS ? 'long' : 'short'].take(() => this.#read(query));
    } finally {
      this.#waiting--;
    }
  }

  async #read({ series, start, end, most }: TrendQuery): Promise<TrendView> {
    const stepS = stepOf(end - start, { most, series: series.length });
    const stepMs = 1000 * stepS;
    const [from, to] = [Math.floor(start / stepMs) * stepMs, Math.ceil(end / stepMs) * stepMs];
    const items: TrendView['items'][number][] = [];
    for (const key of series) {
      const query = { series: [key], start: from, end: to, resolutionS: stepS };
      const [steps = []] = await this.#store.intervals(query);
      items.push(this.#item(key, steps, (at) => from + at * stepMs));
    }
    return { start: from, stepS, items };
  }

  #item({ gateway, device, metric }: SeriesKey, steps: readonly Interval[], timeOf: (at: number) => number) {
    const faults = metric.includes('Power') ? this.#faultsOf(gateway, device) : [];
    const sign = faults.some(({ finding }) => finding === 'reversed') ? -1 : 1;
    const deadFrom = faults.find(({ finding }) => finding === 'dead')?.since ?? Infinity;
    const column = (of: 'mean' | 'min' | 'max') =>
      steps.map((each, at) => (timeOf(at) >= deadFrom ? null : shortened(each[of], sign)));
    const [least, highest] = [column('min'), column('max')];
    const edges = sign === 1 ? { min: least, max: highest } : { min: highest, max: least };
    return { series: `${gateway}/${device}/${metric}`, mean: column('mean'), ...edges };
  }
}

const shortened = (value: number | null, sign: number): number | null =>
  value === null ? null : sign * Number(value.toPrecision(7));
