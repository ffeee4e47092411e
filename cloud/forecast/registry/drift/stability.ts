import { quantileOfSorted } from '../../../../shared/forecast/quantiles.ts';

/** A distribution as a histogram: the share of each bin between ascending edges; the outer two bins are open. */
export interface Histogram {
  readonly edges: readonly number[];
  readonly shares: readonly number[];
}

/** Distribution of a model's training data, and the drift limit derived from its own windows. */
export interface InputReference extends Histogram {
  /** A window whose index is above it has drifted. */
  readonly limit: number;
}

const DECILES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/** Share assigned to an empty bin, to keep the logarithm finite. */
const LEAST_SHARE = 1e-3;
/** Above 0.25 a population has shifted (Siddiqi, Credit Risk Scorecards, 2006). */
const LEAST_LIMIT = 0.25;
/**
 * A window is unusual if its distance is this multiple of the largest within a year of training data. None of the 32 drift-free
 * series-years used for calibration reaches it: see `npm run bench -- drift`.
 */
const MARGIN = 3.3;
const WINDOW_DAYS = 28;
const STRIDE_DAYS = 7;

/** The reference of the known values of a series (NaN: unknown), `day` values a day; undefined if they are fewer than a window. */
export function referenceOf(values: Float64Array, day: number): InputReference | undefined {
  const known = knownOf(values).sort();
  if (known.length < WINDOW_DAYS * day) return undefined;
  let most = 0;
  const width = WINDOW_DAYS * day;
  for (let from = 0; from + width <= values.length; from += STRIDE_DAYS * day) {
    const window = knownOf(values.subarray(from, from + width)).sort();
    if (known.length - window.length < width / 2) continue;
    most = Math.max(most, stabilityIndex(histogramOf(without(known, window)), window) ?? 0);
  }
  return { ...histogramOf(known), limit: Math.max(LEAST_LIMIT, MARGIN * most) };
}

const knownOf = (values: Float64Array): Float64Array => values.filter((value) => !Number.isNaN(value));

/** Ascending values without some of them, also ascending. To sort the rest of every window would take seconds. */
function without(values: Float64Array, some: Float64Array): Float64Array {
  const rest = new Float64Array(values.length - some.length);
  let from = 0;
  for (const [i, value] of some.entries()) {
    const at = firstOf(values, (each) => each >= value, from);
    rest.set(values.subarray(from, at), from - i);
    from = at + 1;
  }
  rest.set(values.subarray(from), from - some.length);
  return rest;
}

function histogramOf(sorted: Float64Array): Histogram {
  const edges = [...new Set(DECILES.map((level) => quantileOfSorted(sorted, level)))];
  return { edges, shares: sharesOf(edges, sorted) };
}

/**
 * Population stability index of a window against a reference: the sum over the bins of (share - reference) ln(share / reference), 0 for the
 * same distribution. NaN are ignored; undefined if nothing is known.
 */
export function stabilityIndex({ edges, shares }: Histogram, window: Float64Array): number | undefined {
  const known = knownOf(window).sort();
  if (known.length === 0) return undefined;
  const now = sharesOf(edges, known);
  return shares.reduce((sum, share, bin) => {
    const [own, before] = [Math.max(LEAST_SHARE, now[bin]!), Math.max(LEAST_SHARE, share)];
    return sum + (own - before) * Math.log(own / before);
  }, 0);
}

function sharesOf(edges: readonly number[], sorted: Float64Array): number[] {
  const ends = [...edges.map((edge) => firstOf(sorted, (value) => value > edge)), sorted.length];
  return ends.map((end, bin) => (end - (ends[bin - 1] ?? 0)) / sorted.length);
}

/** Index, from an index on, of the first of ascending values that `is` true of, as it is of all after it. */
function firstOf(sorted: Float64Array, is: (value: number) => boolean, from = 0): number {
  let [low, high] = [from, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The load less its mean at the same time of the seven days before; NaN if one of them is unknown. `day`: values a day. */
export const changeOf = (load: Float64Array, day: number): Float64Array =>
  load.map((value, i) => {
    let sum = 0;
    for (let back = 1; back <= 7; back++) sum += load[i - back * day] ?? Number.NaN;
    return value - sum / 7;
  });
