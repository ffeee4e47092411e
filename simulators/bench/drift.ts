import { alarmed, jumpAt, watched, type Heights } from './drift-watch.ts';
import { FIRST_LOOK, shifts, steadyWorld, type LongSeries } from './drift-worlds.ts';
import { readEttChannels, readForecastSeries, seriesFolder } from './forecast-data.ts';
import type { BenchOptions } from './options.ts';
import { promotions } from './promotion.ts';
import { quantileOfSorted } from '../../shared/forecast/quantiles.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WORLDS = 4;
/** A shift not found within two weeks has become normal. */
const PATIENCE_DAYS = 14;

/** Every other series sets the limits; the rest validate them. */
function longSeries(): LongSeries[] {
  const ett = (['h1', 'h2'] as const).flatMap((station) =>
    readEttChannels(station)
      .filter(({ name }) => name.endsWith('L'))
      .map(({ name, values }) => ({
        name: `ett${station}_${name.toLowerCase()}`,
        start: Date.UTC(2016, 6, 1),
        perDay: 24,
        load: Float64Array.from(values),
        weather: [],
      })),
  );
  const others = (['stentaway_demand', 'stentaway_pv', 'mousehole'] as const).map((name): LongSeries => {
    const { data } = readForecastSeries(name);
    const skipped = ((DAY_MS - (data.start % DAY_MS)) % DAY_MS) / HOUR_MS;
    return {
      name,
      start: data.start + skipped * HOUR_MS,
      perDay: 24,
      load: data.load.slice(skipped),
      weather: data.weather.map(({ values }) => values.slice(skipped)),
    };
  });
  return [...ett, ...others];
}

/**
 * False alarms of the drift watch, on years without drift and on the real years, and days until shifts are found. The limits are in
 * cloud/forecast/registry/drift, each with how often either half of the series exceeds it.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  if (seriesFolder() === undefined)
    throw new Error('the long series (../shared/data/load beside this clone) are missing');
  const every = quick ? 7 : 2;
  const steady: { name: string; half: 'setting' | 'counted'; heights: Heights }[] = [];
  const asTheyWere: { name: string; heights: Heights }[] = [];
  const delays: { name: string; shift: string; days: number | null }[] = [];
  for (const [k, series] of longSeries().entries()) {
    for (let w = 0; w < (quick ? 1 : WORLDS); w++) {
      const world = steadyWorld(series, 100 * k + w);
      steady.push({ name: series.name, half: k % 2 === 0 ? 'setting' : 'counted', heights: watched(world, every) });
      const day = FIRST_LOOK + 30 + ((97 * w + 31 * k) % 280);
      for (const [shift, of] of Object.entries(shifts)) {
        const load = of(world, day);
        const found = Array.from({ length: PATIENCE_DAYS }, (_, i) => i + 1).find(
          (days) => jumpAt({ ...world, load }, day + days) > 1,
        );
        delays.push({ name: series.name, shift, days: found ?? null });
      }
    }
    asTheyWere.push({ name: series.name, heights: watched(series, every) });
    const last = steady.at(-1)!.heights;
    say(
      `${series.name}: jump ${last.jump.toFixed(2)}, stability ${last.stability.toFixed(2)}, errors ${last.errors.toFixed(2)} of the limit`,
    );
  }
  const falseAlarms = (half: 'setting' | 'counted') => {
    const years = steady.filter((each) => each.half === half).map(({ heights }) => heights);
    const share = (count: number): number => Math.round((1000 * count) / years.length) / 1000;
    const over = (kind: keyof Heights): number => share(years.filter((each) => each[kind] > 1).length);
    const highest = (kind: keyof Heights): number[] =>
      years
        .map((each) => Math.round(100 * each[kind]) / 100)
        .toSorted((a, b) => b - a)
        .slice(0, 4);
    const kinds = ['jump', 'stability', 'errors'] as const;
    return {
      seriesYears: years.length,
      share: share(years.filter(alarmed).length),
      byMeasure: Object.fromEntries(
        kinds.map((kind) => [kind, { share: over(kind), highestOverLimit: highest(kind) }]),
      ),
    };
  };
  const realSeries =
    (isEtt: boolean) =>
    (name: string): boolean =>
      name.startsWith('ett') === isEtt;
  const delaysOf = (isIn: (name: string) => boolean) =>
    Object.keys(shifts).map((shift) => {
      const days = delays.filter((each) => each.shift === shift && isIn(each.name)).map((each) => each.days);
      const found = days.filter((each) => each !== null).toSorted((a, b) => a - b);
      return {
        shift,
        seeded: days.length,
        foundShare: Math.round((1000 * found.length) / days.length) / 1000,
        medianDays: found.length === 0 ? null : quantileOfSorted(found, 0.5),
        p90Days: found.length === 0 ? null : quantileOfSorted(found, 0.9),
      };
    });
  return {
    falseAlarms: { setting: falseAlarms('setting'), counted: falseAlarms('counted') },
    asTheyWere: {
      series: asTheyWere.length,
      alarmed: asTheyWere.filter(({ heights }) => alarmed(heights)).map(({ name }) => name),
    },
    ...promotions(),
    delays: { substationAndFeeder: delaysOf(realSeries(false)), ett: delaysOf(realSeries(true)) },
  };
}
