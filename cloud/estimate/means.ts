import type { Sample } from '../../shared/contracts/sample.ts';
import { metrics, type Metric } from '../../shared/contracts/frame.ts';
import type { RegionSubstation } from '../../shared/contracts/region.ts';
import { usable, type Readings } from './readings.ts';

/** Sums of readings since a window began. Voltages are kept as differences from the busbar's. */
export interface Means {
  readonly since: number;
  readonly sums: ReadonlyMap<string, ReadonlyMap<Metric, Sum>>;
}

interface Sum {
  readonly total: number;
  readonly count: number;
  /** Source time of the newest value in it. */
  readonly time: number;
}

export interface MeanReadings {
  readonly readings: Readings;
  /** Number of values in each device's mean. */
  readonly counts: ReadonlyMap<string, number>;
}

const averaged = (['activePowerKw', 'reactivePowerKvar', 'voltagePu', 'tapPosition'] satisfies Metric[]).filter(
  (metric) => metric in metrics,
);

export const startMeans = (since: number): Means => ({ since, sums: new Map() });

/** Adds new readings. A value counts once, however often it is seen; so does the busbar's voltage. */
export function addReadings(substation: RegionSubstation, before: Means, readings: Readings): Means {
  const busbar = busbarPu(substation, readings);
  const sums = new Map(before.sums);
  for (const device of readings.keys()) {
    const own = new Map(before.sums.get(device));
    for (const metric of averaged) {
      const reading = usable(readings, device, metric);
      const sum = own.get(metric) ?? { total: 0, count: 0, time: before.since };
      if (reading === undefined || reading.time <= sum.time) continue;
      const value = metric === 'voltagePu' ? reading.value - (busbar?.pu ?? reading.value) : reading.value;
      if (metric === 'voltagePu' && busbar === undefined) continue;
      own.set(metric, { total: sum.total + value, count: sum.count + 1, time: reading.time });
    }
    sums.set(device, own);
  }
  if (busbar !== undefined) {
    const { pu, time } = busbar;
    const sum = sums.get(BUSBAR)?.get('voltagePu');
    // The first counts at any age, because the devices' differences refer to it.
    if (sum === undefined || time > sum.time)
      sums.set(BUSBAR, new Map([['voltagePu', { total: (sum?.total ?? 0) + pu, count: (sum?.count ?? 0) + 1, time }]]));
  }
  return { since: before.since, sums };
}

/** Key of the busbar's own voltage; no device can have this name. */
const BUSBAR = '#busbar';

/** The means as readings at `time`. */
export function meanReadings({ sums }: Means, time: number): MeanReadings {
  const base = sums.get(BUSBAR)?.get('voltagePu');
  const readings = new Map<string, Partial<Record<Metric, Sample>>>();
  const counts = new Map<string, number>();
  for (const [device, own] of sums) {
    if (device === BUSBAR) continue;
    const mine: Partial<Record<Metric, Sample>> = {};
    for (const [metric, { total, count }] of own) {
      const offset = metric === 'voltagePu' ? base!.total / base!.count : 0;
      mine[metric] = { value: total / count + offset, quality: 'good', origin: 'measured', time };
      counts.set(device, Math.max(counts.get(device) ?? 0, count));
    }
    readings.set(device, mine);
  }
  return { readings, counts };
}

/** Median of the latest voltages of the meters at the busbar, of which one of three may be wrong, and the time of the newest. */
function busbarPu(
  { meters }: RegionSubstation,
  readings: Readings,
): { readonly pu: number; readonly time: number } | undefined {
  const latest = meters
    .filter(({ kind }) => kind === 'transformer' || kind === 'feeder-head')
    .map(({ device }) => usable(readings, device, 'voltagePu'))
    .filter((reading) => reading !== undefined)
    .filter(({ value }) => value > 0.5 && value < 1.5)
    .toSorted((a, b) => a.value - b.value);
  const middle = latest[Math.floor(latest.length / 2)];
  return middle && { pu: middle.value, time: Math.max(...latest.map(({ time }) => time)) };
}
