import { quantileOfSorted } from '../../../../shared/forecast/quantiles.ts';

/** A distribution as a histogram: bins between ascending edges, the outer two open, and the share of each. */
export interface Histogram {
  readonly edges: readonly number[];
  readonly shares: readonly number[];
}

/** What a model learnt from, and how far from it its own windows lay. */
export interface InputReference extends Histogram {
  /** A window whose index lies above it has drifted. */
  readonly limit: number;
}

const DECILES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/** An empty bin counts as this share: the logarithm of nothing is not wanted. */
const LEAST_SHARE = 1e-3;
/** Above 0.25 a population has shifted (Siddiqi, Credit Risk Scorecards, 2006). */
const LEAST_LIMIT = 0.25;
/**
 * A window is unusual where it lies so much further off than any window of a year's training: so does none of the 32 series-years
 * without a drift that this was set on, see `npm run bench -- drift`.
 */
const MARGIN = 3.3;
const WINDOW_DAYS = 28;
const STRIDE_DAYS = 7;

/** The reference of what is known of a series (NaN: not known), `day` values a day; undefined where that is less than a window. */
export function referenceOf(values: Float64Array, day: number): InputReference | undefined {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  if (known.length < WINDOW_DAYS * day) return undefined;
  const histogram = histogramOf(known);
  let most = 0;
  const width = WINDOW_DAYS * day;
  for (let from = 0; from + width <= values.length; from += STRIDE_DAYS * day) {
    const rest = Float64Array.of(...values.subarray(0, from), ...values.subarray(from + width));
    const others = rest.filter((value) => !Number.isNaN(value)).sort();
    if (others.length < width / 2) continue;
    most = Math.max(most, stabilityIndex(histogramOf(others), values.subarray(from, from + width)) ?? 0);
  }
  return { ...histogram, limit: Math.max(LEAST_LIMIT, MARGIN * most) };
}

function histogramOf(sorted: Float64Array): Histogram {
  const edges = [...new Set(DECILES.map((level) => quantileOfSorted(sorted, level)))];
  return { edges, shares: sharesOf(edges, sorted) };
}

/**
 * Population stability index of a window against a reference: the sum over the bins of (share - reference) ln(share / reference), 0 for
 * the same distribution. NaN are left out; undefined where nothing is known.
 */
export function stabilityIndex({ edges, shares }: Histogram, window: Float64Array): number | undefined {
  const known = window.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return undefined;
  const now = sharesOf(edges, known);
  return shares.reduce((sum, share, bin) => {
    const [own, before] = [Math.max(LEAST_SHARE, now[bin]!), Math.max(LEAST_SHARE, share)];
    return sum + (own - before) * Math.log(own / before);
  }, 0);
}

function sharesOf(edges: readonly number[], values: Float64Array): number[] {
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  for (const value of values) {
    let bin = 0;
    while (bin < edges.length && value > edges[bin]!) bin++;
    counts[bin]!++;
  }
  return counts.map((count) => count / values.length);
}

/** The load less its mean at the same hour of the seven days before; NaN where one of them is not known. `day`: values a day. */
export const changeOf = (load: Float64Array, day: number): Float64Array =>
  load.map((value, i) => {
    let sum = 0;
    for (let back = 1; back <= 7; back++) sum += load[i - back * day] ?? Number.NaN;
    return value - sum / 7;
  });
