import type { Coverage } from '../contracts/coverage.ts';
import { tells } from '../sentences/told-forms.ts';

/** Share of targets that a band of 80 % may hold: below, it is too narrow to plan by, above, too wide to say anything. */
export const RIGHT = { least: 0.6, most: 0.95 } as const;
export const BLOCK_MS = 6 * 3_600_000;
/** A day of targets is the least that anything is said of. */
const LEAST_BLOCKS = 4;
const Z95 = 1.959_964;

export interface CoverageVerdict {
  /** `undecided`: too few blocks, or the interval of the share reaches into what is right. */
  readonly verdict: 'right' | 'wrong' | 'undecided';
  readonly text: string;
}

/**
 * Where nothing came and the band says nothing will, such as at night over a solar plant, nothing is told of the band: it does not
 * count.
 */
export const isTelling = (actual: number, { low, high }: { readonly low: number; readonly high: number }): boolean =>
  actual !== 0 || low !== 0 || high !== 0;

/** Of all days together; those whose bands were not counted say nothing. */
export function coverageOf(days: readonly { readonly coverage?: Coverage }[]): Coverage {
  const sum = { n: 0, inside: 0, blocks: 0 };
  for (const { coverage } of days) {
    sum.n += coverage?.n ?? 0;
    sum.inside += coverage?.inside ?? 0;
    sum.blocks += coverage?.blocks ?? 0;
  }
  return sum;
}

/** A band without width is no band: it holds nothing, though it may hit. */
export const isInside = (actual: number, { low, high }: { readonly low: number; readonly high: number }): boolean =>
  low < high && actual >= low && actual <= high;

/**
 * Whether the share is surely outside of what is right: its 95 % interval (Wilson), with each block of 6 h as one trial, lies outside.
 * So a band that holds nothing is known after 4 blocks, a day; one that holds everything after 73, 19 days; what is nearer takes longer.
 */
export function judgeCoverage({ n, inside, blocks }: Coverage): CoverageVerdict {
  if (n === 0 || blocks < LEAST_BLOCKS)
    return {
      verdict: 'undecided',
      text: tells('any', 'coverage undecided: {count} targets in {blocks} blocks of 6 h', { count: n, blocks }),
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
      ? tells(
          'any',
          '{share} % of targets are inside P10 to P90, wanted is {least} to {most} % (95 %: {low} % to {high} %, {count} targets in {blocks} blocks of 6 h)',
          figures,
        )
      : tells(
          'any',
          '{share} % of targets are inside P10 to P90 (95 %: {low} % to {high} %, {count} targets in {blocks} blocks of 6 h)',
          figures,
        ),
  };
}
