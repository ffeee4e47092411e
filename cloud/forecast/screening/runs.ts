import { quantileOfSorted } from '../../../shared/forecast/quantiles.ts';
import { stepsPerDay, type LoadSeries } from '../../../shared/forecast/series.ts';
import type { Defect } from './defects.ts';

/** A meter that repeats itself this long is frozen, unless its series does so by habit: the sun at night, a plant at rest. */
const FLAT_HOURS = 6;
const HABIT_SHARE = 0.3;
const LONGEST_HABIT_HOURS = 22;
/** A copy is at least this long and has at least so many different values. */
const COPY_STEPS = 16;
const COPY_VALUES = 8;
/** A spike is over after so many steps. */
const SPIKE_STEPS = 3;
/** In robust standard deviations of what single steps usually do, and in the series' own range. */
const SPIKE_DEVIATIONS = 14;
const SPIKE_RANGE = 0.35;
/** What has only begun may be a new level: it is a spike at once where it is so far off. */
const LIVE_RANGE = 1.5;

export function gapsIn({ values }: LoadSeries): Defect[] {
  return runsOf(values, (value) => Number.isNaN(value)).map(({ from, to }) => ({
    kind: 'gap',
    from,
    to,
    text: `${to - from} intervals without a value`,
  }));
}

/** Runs of one identical value, six hours or longer. */
export function flatLinesIn({ values, stepS }: LoadSeries): Defect[] {
  const hour = 3600 / stepS;
  const runs = repeatsOf(values).filter(({ from, to }) => to - from >= Math.max(3, FLAT_HOURS * hour));
  const days = values.length / stepsPerDay(stepS);
  const usual = runs.filter(({ from, to }) => to - from <= LONGEST_HABIT_HOURS * hour);
  const byValue = Map.groupBy(usual, ({ from }) => values[from]!);
  const habit = (value: number): boolean => (byValue.get(value)?.length ?? 0) >= Math.max(3, HABIT_SHARE * days);
  return runs
    .filter(({ from, to }) => to - from > LONGEST_HABIT_HOURS * hour || !habit(values[from]!))
    .map(({ from, to }) => ({ kind: 'flatLine', from, to, text: `repeats ${values[from]!.toFixed(1)} kW` }));
}

/** Stretches that repeat an earlier stretch value for value: old measurements under new times. The later one is the copy. */
export function duplicatesIn({ values, stepS }: LoadSeries): Defect[] {
  const seen = new Map<string, number[]>();
  const found: Defect[] = [];
  for (let i = 0; i + COPY_STEPS <= values.length;) {
    const key = keyOf(values, i);
    const earlier = key === undefined ? undefined : seen.get(key)?.find((at) => at + COPY_STEPS <= i);
    if (earlier === undefined) {
      const list = key === undefined ? undefined : seen.get(key);
      if (list !== undefined) list.push(i);
      else if (key !== undefined) seen.set(key, [i]);
      i++;
      continue;
    }
    let count = COPY_STEPS;
    while (i + count < values.length && values[i + count] === values[earlier + count]) count++;
    const hours = ((i - earlier) * stepS) / 3600;
    found.push({ kind: 'duplicate', from: i, to: i + count, text: `repeats what was measured ${hours} h before` });
    i += count;
  }
  return found;
}

/** Undefined where values are missing or repeat too much to be told from chance. */
function keyOf(values: Float64Array, at: number): string | undefined {
  const part = values.subarray(at, at + COPY_STEPS);
  if (part.some(Number.isNaN) || new Set(part).size < COPY_VALUES) return undefined;
  return part.join(' ');
}

/** Excursions of up to 45 minutes (at 15 min) far from what stands before and after them. */
export function spikesIn({ values }: LoadSeries): Defect[] {
  const reach = 2 * SPIKE_STEPS + 1;
  const off = Float64Array.from(values, (value, i) => {
    const near = known(values.subarray(Math.max(0, i - reach), i + reach + 1));
    return near.length < reach ? Number.NaN : value - quantileOfSorted(near, 0.5);
  });
  const sizes = known(off.map(Math.abs));
  const sorted = known(values);
  const range = quantileOfSorted(sorted, 0.99) - quantileOfSorted(sorted, 0.01);
  // Half of a load may stand still; then its upper quantile says what a step usually does.
  const usual = Math.max(1.4826 * quantileOfSorted(sizes, 0.5), quantileOfSorted(sizes, 0.9) / 1.645);
  const limit = Math.max(SPIKE_DEVIATIONS * usual, SPIKE_RANGE * range);
  if (!(limit > 0)) return [];
  return runsOf(off, (each) => Math.abs(each) > limit)
    .filter(({ from, to }) => to - from <= SPIKE_STEPS)
    .filter(({ from, to }) => to + SPIKE_STEPS <= values.length || Math.abs(off[from]!) > LIVE_RANGE * range)
    .map(({ from, to }) => ({
      kind: 'spike',
      from,
      to,
      text: `${values[from]!.toFixed(1)} kW, ${Math.abs(off[from]!).toFixed(1)} kW off what stands around it`,
    }));
}

/** Sorted, without what is unknown. */
const known = (values: Float64Array): Float64Array => values.filter((value) => !Number.isNaN(value)).sort();

function runsOf(
  values: Float64Array,
  belongs: (value: number) => boolean,
): { readonly from: number; readonly to: number }[] {
  const runs: { from: number; to: number }[] = [];
  for (let i = 0; i < values.length; i++) {
    if (!belongs(values[i]!)) continue;
    const last = runs.at(-1);
    if (last?.to === i) last.to++;
    else runs.push({ from: i, to: i + 1 });
  }
  return runs;
}

/** Runs of one value; what is unknown is in none. */
function repeatsOf(values: Float64Array): { readonly from: number; readonly to: number }[] {
  const runs: { from: number; to: number }[] = [];
  for (let from = 0; from < values.length;) {
    let to = from + 1;
    while (to < values.length && values[to] === values[from]) to++;
    if (!Number.isNaN(values[from]!)) runs.push({ from, to });
    from = to;
  }
  return runs;
}
