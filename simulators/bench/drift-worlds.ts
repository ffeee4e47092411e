import { sunHeight } from '../../shared/grid/clear-sky.ts';
import { SeededRandom } from '../../shared/ports/random.ts';

/** A series in whole days: load, and weather if available, on one grid. */
export interface LongSeries {
  readonly name: string;
  /** ms UTC, a midnight. */
  readonly start: number;
  readonly perDay: number;
  readonly load: Float64Array;
  readonly weather: readonly Float64Array[];
}

/** A series of some years without any change. */
export type World = LongSeries;

const WEEKS = 52;
/** Days of the training year, and the weeks between it and the first look. */
export const TRAINED_DAYS = 364;
const SETTLED_WEEKS = 6;
/** First day of the watch, which lasts a year. */
export const FIRST_LOOK = 7 * (WEEKS + SETTLED_WEEKS);
const REACH_WEEKS = 3;

/**
 * One year of a series, lived twice. Each week is drawn whole, with its weather and holidays, from those within three weeks of its season.
 * So nothing drifts, and the dependence of days within a week is kept.
 */
export function steadyWorld(series: LongSeries, seed: number): World {
  const random = new SeededRandom(seed, 'drift');
  const week = 7 * series.perDay;
  const years = Math.max(1, Math.floor(series.load.length / week / WEEKS));
  const base = WEEKS * (seed % years);
  const picks = Array.from({ length: 2 * WEEKS + SETTLED_WEEKS }, (_, w) => {
    for (;;) {
      const pick = (w % WEEKS) + Math.floor(random.next() * (2 * REACH_WEEKS + 1)) - REACH_WEEKS;
      if (pick >= 0 && pick < WEEKS) return base + pick;
    }
  });
  const drawn = (values: Float64Array): Float64Array => {
    const out = new Float64Array(picks.length * week);
    for (const [w, pick] of picks.entries()) out.set(values.subarray(pick * week, (pick + 1) * week), w * week);
    return out;
  };
  const start = series.start + base * 7 * 86_400_000;
  return { ...series, start, load: drawn(series.load), weather: series.weather.map(drawn) };
}

export function spreadOf(values: Float64Array): { mean: number; deviation: number } {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return { mean, deviation: Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length) };
}

/** Changes that start at a given day, by name. */
export const shifts: Readonly<Record<string, (world: World, day: number) => Float64Array>> = {
  'level by 1.5 deviations': (world, day) => {
    const { deviation } = spreadOf(world.load);
    return changed(world, day, (value) => value + 1.5 * deviation);
  },
  'level by 3 deviations': (world, day) => {
    const { deviation } = spreadOf(world.load);
    return changed(world, day, (value) => value + 3 * deviation);
  },
  'scale doubled': (world, day) => {
    const { mean } = spreadOf(world.load);
    return changed(world, day, (value) => mean + 2 * (value - mean));
  },
  'new PV farm of 3 deviations': (world, day) => {
    const { deviation } = spreadOf(world.load);
    const random = new SeededRandom(day, 'sky');
    const clear = Array.from({ length: world.load.length / world.perDay + 1 }, () => 0.15 + 0.85 * random.next());
    return changed(world, day, (value, i) => {
      const time = world.start + (i * 86_400_000) / world.perDay;
      return (
        value - 3 * deviation * clear[Math.floor(i / world.perDay)]! * sunHeight({ latitude: 52, longitude: 0 }, time)
      );
    });
  },
};

const changed = ({ load, perDay }: World, day: number, of: (value: number, at: number) => number): Float64Array =>
  load.map((value, i) => (i < day * perDay ? value : of(value, i)));
