import type { Coverage } from '../contracts/coverage.ts';
import { formatMessage } from '../sentences/message-forms.ts';

/** Acceptable share of targets inside a band of 80 %. Below, the band is too narrow to plan by; above, too wide to be useful. */
export const RIGHT = { least: 0.6, most: 0.95 } as const;
export const BLOCK_MS = 6 * 3_600_000;
/** A verdict needs at least a day of targets. */
const LEAST_BLOCKS = 4;
const Z95 = 1.959_964;

export interface CoverageVerdict {
  /** `undecided`: too few blocks, or the interval of the share overlaps the acceptable range. */
  readonly verdict: 'right' | 'wrong' | 'undecided';
  readonly text: string;
}

/**
 * False if both the load and the band are zero, such as for a solar plant at night. Such a target says nothing about the band and does not
 * count.
 */
export const isTelling = (actual: number, { low, high }: { readonly low: number; readonly high: number }): boolean =>
  actual !== 0 || low !== 0 || high !== 0;

/** Sum over all days. Days without counted bands add nothing. */
export function coverageOf(days: readonly { readonly coverage?: Coverage }[]): Coverage {
  const sum = { n: 0, inside: 0, blocks: 0 };
  for (const { coverage } of days) {
    sum.n += coverage?.n ?? 0;
    sum.inside += coverage?.inside ?? 0;
    sum.blocks += coverage?.blocks ?? 0;
  }
  return sum;
}

/** A band without width contains nothing, even if it hits the value. */
export const isInside = (actual: number, { low, high }: { readonly low: number; readonly high: number }): boolean =>
  low < high && actual >= low && actual <= high;

/**
 * Judges whether the share is certainly outside the acceptable range: its 95 % interval (Wilson), with each block of 6 h as one trial, lies
 * outside. A band that contains nothing is found after 4 blocks, a day; one that contains everything after 73 blocks, 19 days; cases in
 * between take longer.
 */
export function judgeCoverage({ n, inside, blocks }: Coverage): CoverageVerdict {
  if (n === 0 || blocks < LEAST_BLOCKS)
    return {
      verdict: 'undecided',
      text: formatMessage('any', 'coverage undecided: {count} targets in {blocks} blocks of 6 h', { count: n, blocks }),
    };
  const share = inside / n;
  const trials = Math.min(n, blocks);
  const square = Z95 * Z95;
  const middle = (share + square / (2 * trials)) / (1 + square / trials);
  const half =
    (Z95 * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials * trials))) / (1 + square / trials);
  const isOutside = share < RIGHT.least || share > RIGHT.most;
  const isSure = middle + half < RIGHT.least || middle - half > RIGHT.most;
  const percent = (value: number): string => (100 * value).toFixed(1);
  const figures = {
    share: percent(share),
    low: percent(middle - half),
    high: percent(middle + half),
    count: n,
    blocks,
    least: 100 * RIGHT.least,
    most: 100 * RIGHT.most,
  };
  return {
    verdict: isSure ? 'wrong' : isOutside ? 'undecided' : 'right',
    text: isOutside
      ? formatMessage(
          'any',
          '{share} % of targets are inside P10 to P90, wanted is {least} to {most} % (95 %: {low} % to {high} %, {count} targets in {blocks} blocks of 6 h)',
          figures,
        )
      : formatMessage(
          'any',
          '{share} % of targets are inside P10 to P90 (95 %: {low} % to {high} %, {count} targets in {blocks} blocks of 6 h)',
          figures,
        ),
  };
}
