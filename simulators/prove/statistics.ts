import { SeededRandom } from '../../shared/ports/random.ts';

/** A mean with its bootstrap interval. */
export interface Interval {
  readonly mean: number;
  /** Null when unbounded. */
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

/** A value of one run, and the calendar day of the record it uses. */
export interface Dated {
  readonly day: string;
  readonly value: number;
}

export interface Bootstrap {
  readonly rounds: number;
  readonly level: number;
  readonly seed: number;
}

/** Fewest days for an interval: with fewer, the extremes of the bootstrap are those of the sample. */
const LEAST_DAYS = 5;

/** Mean with its percentile interval. Whole days are drawn with replacement, since runs of one day are dependent. */
export function interval(values: readonly Dated[], bootstrap: Bootstrap): Interval {
  return ratio(
    values.map(({ day, value }) => ({ day, top: value, bottom: 1 })),
    bootstrap,
  );
}

/** Numerator and denominator of one run in a ratio of sums. */
export interface Part {
  readonly day: string;
  readonly top: number;
  readonly bottom: number;
}

/** Ratio of sums, with the same interval. */
export function ratio(parts: readonly Part[], bootstrap: Bootstrap): Interval {
  const mean = parts.length === 0 ? NaN : sumOf(parts, 'top') / sumOf(parts, 'bottom');
  const means = resampled(parts, bootstrap);
  if (means === undefined) return { mean, low: null, high: null, n: parts.length };
  const tail = (1 - bootstrap.level) / 2;
  return { mean, low: quantile(means, tail), high: quantile(means, 1 - tail), n: parts.length };
}

/** One-sided p-value: share of resampled means not below `than`, at least one over the number of rounds. */
export function pLess(values: readonly Dated[], bootstrap: Bootstrap, than = 0): number {
  const means = resampled(
    values.map(({ day, value }) => ({ day, top: value, bottom: 1 })),
    bootstrap,
  );
  if (means === undefined) return 1;
  return Math.max(1, means.filter((mean) => mean >= than).length) / means.length;
}

/** Holm's step-down adjustment of p-values for several statements tested together. */
export function holm(p: readonly number[]): number[] {
  const order = [...p.keys()].sort((a, b) => p[a]! - p[b]!);
  const adjusted = p.map(() => 1);
  let most = 0;
  for (const [rank, at] of order.entries()) {
    most = Math.max(most, Math.min(1, (p.length - rank) * p[at]!));
    adjusted[at] = most;
  }
  return adjusted;
}

/** Resampled means, sorted; undefined with too few days. */
function resampled(parts: readonly Part[], { rounds, seed }: Bootstrap): number[] | undefined {
  const days = Map.groupBy(parts, ({ day }) => day);
  if (days.size < LEAST_DAYS) return undefined;
  const blocks = [...days.values()].map((block) => ({
    top: sumOf(block, 'top'),
    bottom: sumOf(block, 'bottom'),
  }));
  const random = new SeededRandom(seed, 'prove/bootstrap');
  const means = Array.from({ length: rounds }, () => {
    let [top, bottom] = [0, 0];
    for (let draw = 0; draw < blocks.length; draw++) {
      const block = blocks[Math.floor(random.next() * blocks.length)]!;
      top += block.top;
      bottom += block.bottom;
    }
    return top / bottom;
  });
  return means.sort((a, b) => a - b);
}

const sumOf = (parts: readonly Part[], side: 'top' | 'bottom'): number =>
  parts.reduce((sum, part) => sum + part[side], 0);

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))]!;
