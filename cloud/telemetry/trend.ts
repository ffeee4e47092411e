import type { TrendView } from '../../shared/contracts/trend.ts';
import type { SeriesKey, TelemetryStore } from './store.ts';

export interface TrendQuery {
  readonly series: readonly SeriesKey[];
  /** [start, end), ms UTC */
  readonly start: number;
  readonly end: number;
  /** Steps in the answer, at most. */
  readonly most: number;
}

/** From a quarter of an hour on, steps are made of roll-ups: a year costs what a day does. */
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800];

/** The finest step that keeps a span within so many steps, s. */
export const stepOf = (spanMs: number, most: number): number =>
  STEPS_S.find((step) => spanMs / (1000 * step) <= most) ?? STEPS_S.at(-1)!;

/** What is known to be wrong with a meter: `dead`, `reversed` or something else, and since when, ms UTC. */
interface MeterFault {
  readonly finding: string;
  readonly since: number;
}

/**
 * Measured values over a span, aggregated where they are stored. The power of a meter that counts with the wrong sign is turned; a dead one
 * says nothing, least of all that nothing flows.
 */
export async function trendOf(
  store: TelemetryStore,
  { series, start, end, most }: TrendQuery,
  faultsOf: (gateway: string, meter: string) => readonly MeterFault[],
): Promise<TrendView> {
  const stepS = stepOf(end - start, most);
  const stepMs = 1000 * stepS;
  const [from, to] = [Math.floor(start / stepMs) * stepMs, Math.ceil(end / stepMs) * stepMs];
  const intervals = await store.intervals({ series, start: from, end: to, resolutionS: stepS });
  return {
    start: from,
    stepS,
    items: series.map(({ gateway, device, metric }, at) => {
      const faults = metric.includes('Power') ? faultsOf(gateway, device) : [];
      const sign = faults.some(({ finding }) => finding === 'reversed') ? -1 : 1;
      const deadFrom = faults.find(({ finding }) => finding === 'dead')?.since ?? Infinity;
      const column = (of: 'mean' | 'min' | 'max') =>
        intervals[at]!.map((each, step) => (from + step * stepMs >= deadFrom ? null : shortened(each[of], sign)));
      const [least, highest] = [column('min'), column('max')];
      const edges = sign === 1 ? { min: least, max: highest } : { min: highest, max: least };
      return { series: `${gateway}/${device}/${metric}`, mean: column('mean'), ...edges };
    }),
  };
}

const shortened = (value: number | null, sign: number): number | null =>
  value === null ? null : sign * Number(value.toPrecision(7));
