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
 * Population stability index of a window against a reference: the sum over the bins of (share - reference) ln(share / reference), 0 for the
 * same distribution. NaN are ignored; undefined if nothing is known.
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

/** The load less its mean at the same time of the seven days before; NaN if one of them is unknown. `day`: values a day. */
export const changeOf = (load: Float64Array, day: number): Float64Array =>
  load.map((value, i) => {
    let sum = 0;
    for (let back = 1; back <= 7; back++) sum += load[i - back * day] ?? Number.NaN;
    return value - sum / 7;
  });
