import { quantileOfSorted } from '../../../../shared/forecast/quantiles.ts';
import { stepsPerDay, type LoadSeries } from '../../../../shared/forecast/series.ts';
import type { Defect } from './defects.ts';

/** A meter that repeats one value this long is frozen, unless the series does so regularly: solar power at night, a plant at rest. */
const FLAT_HOURS = 6;
const HABIT_SHARE = 0.3;
const LONGEST_HABIT_HOURS = 22;
/** Shortest copy, and the fewest different values in it. */
const COPY_STEPS = 16;
const COPY_VALUES = 8;
/** Most steps of a spike. */
const SPIKE_STEPS = 3;
/** Smallest size of a spike: in robust standard deviations of single steps, and as a share of the series' range. */
const SPIKE_DEVIATIONS = 14;
const SPIKE_RANGE = 0.35;
/** A deviation at the end of the series may be a new level; it counts as a spike at once only if it is this large. */
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
  const runs = repeatsOf(values, Math.max(3, FLAT_HOURS * hour));
  const days = values.length / stepsPerDay(stepS);
  const usual = runs.filter(({ from, to }) => to - from <= LONGEST_HABIT_HOURS * hour);
  const byValue = Map.groupBy(usual, ({ from }) => values[from]!);
  const habit = (value: number): boolean => (byValue.get(value)?.length ?? 0) >= Math.max(3, HABIT_SHARE * days);
  return runs
    .filter(({ from, to }) => to - from > LONGEST_HABIT_HOURS * hour || !habit(values[from]!))
    .map(({ from, to }) => ({ kind: 'flatLine', from, to, text: `repeats ${values[from]!.toFixed(1)} kW` }));
}

/** Stretches that repeat an earlier stretch value for value: old measurements with new times. The later one is the copy. */
export function duplicatesIn({ values, stepS }: LoadSeries): Defect[] {
  const isTelling = tellingStretches(values);
  /** Starts of distinctive stretches, by a key of a few of their values; those with equal keys are then compared in full. */
  const seen = new Map<number, number[]>();
  const found: Defect[] = [];
  for (let i = 0; i + COPY_STEPS <= values.length;) {
    if (isTelling[i] === 0) {
      i++;
      continue;
    }
    const few = values[i]! + 3 * values[i + 5]! + 7 * values[i + 11]!;
    const list = seen.get(few);
    const earlier = list?.find((at) => at + COPY_STEPS <= i && sameFrom(values, at, i) >= COPY_STEPS);
    if (earlier === undefined) {
      if (list !== undefined) list.push(i);
      else seen.set(few, [i]);
      i++;
      continue;
    }
    const count = sameFrom(values, earlier, i);
    const hours = ((i - earlier) * stepS) / 3600;
    found.push({ kind: 'duplicate', from: i, to: i + count, text: `repeats the measurements of ${hours} h before` });
    i += count;
  }
  return found;
}

/** Number of values from `later` on that equal those from `at` on. */
function sameFrom(values: Float64Array, at: number, later: number): number {
  let count = 0;
  while (later + count < values.length && values[later + count] === values[at + count]) count++;
  return count;
}

/** 1 where the stretch that begins there is complete and has enough different values that a match is no coincidence. */
function tellingStretches(values: Float64Array): Uint8Array {
  const isTelling = new Uint8Array(values.length);
  const counts = new Map<number, number>();
  let unknown = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) unknown++;
    counts.set(value, (counts.get(value) ?? 0) + 1);
    const first = i + 1 - COPY_STEPS;
    if (first < 0) continue;
    if (unknown === 0 && counts.size >= COPY_VALUES) isTelling[first] = 1;
    const gone = values[first]!;
    if (Number.isNaN(gone)) unknown--;
    const left = counts.get(gone)! - 1;
    if (left === 0) counts.delete(gone);
    else counts.set(gone, left);
  }
  return isTelling;
}

/** Excursions of up to 45 minutes (at 15 min) far from the values before and after. */
export function spikesIn({ values }: LoadSeries): Defect[] {
  const reach = 2 * SPIKE_STEPS + 1;
  const median = new MedianAround(values, reach);
  const off = values.map((value, i) => value - median.at(i));
  const sizes = known(off.map(Math.abs));
  const sorted = known(values);
  const range = quantileOfSorted(sorted, 0.99) - quantileOfSorted(sorted, 0.01);
  // More than half of a load may stand still; then its upper quantile gives the usual size of a step.
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
      text: `${values[from]!.toFixed(1)} kW, ${Math.abs(off[from]!).toFixed(1)} kW off its neighbours`,
    }));
}

/** Medians of the known values up to `reach` steps before and after; NaN if there are fewer than `reach`. */
class MedianAround {
  readonly #values: Float64Array;
  readonly #reach: number;
  /** The window, sorted; the first `#count` entries are in use. */
  readonly #window: Float64Array;
  #count = 0;
  #from = 0;
  #to = 0;

  constructor(values: Float64Array, reach: number) {
    this.#values = values;
    this.#reach = reach;
    this.#window = new Float64Array(2 * reach + 1);
  }

  /** Must be called in order of time. */
  at(i: number): number {
    for (const from = i - this.#reach; this.#from < from; this.#from++) this.#drop(this.#values[this.#from]!);
    const to = Math.min(this.#values.length, i + this.#reach + 1);
    for (; this.#to < to; this.#to++) this.#add(this.#values[this.#to]!);
    if (this.#count < this.#reach) return Number.NaN;
    // The same as `quantileOfSorted`, without a view of the window per step, which would load the garbage collector.
    const position = 0.5 * (this.#count - 1);
    const below = Math.floor(position);
    const low = this.#window[below]!;
    return low + (position - below) * (this.#window[Math.min(below + 1, this.#count - 1)]! - low);
  }

  #add(value: number): void {
    if (Number.isNaN(value)) return;
    let at = this.#count++;
    for (; at > 0 && this.#window[at - 1]! > value; at--) this.#window[at] = this.#window[at - 1]!;
    this.#window[at] = value;
  }

  #drop(value: number): void {
    if (Number.isNaN(value)) return;
    this.#window.copyWithin(this.#window.indexOf(value), this.#window.indexOf(value) + 1, this.#count--);
  }
}

/** The known values, sorted. */
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

/** Runs of one value, of `least` steps or longer; unknown values are in none. */
function repeatsOf(values: Float64Array, least: number): { readonly from: number; readonly to: number }[] {
  const runs: { from: number; to: number }[] = [];
  for (let from = 0; from < values.length;) {
    let to = from + 1;
    while (to < values.length && values[to] === values[from]) to++;
    if (to - from >= least && !Number.isNaN(values[from]!)) runs.push({ from, to });
    from = to;
  }
  return runs;
}
