import type { Random } from '../ports/random.ts';
import { quantileOfSorted } from './quantiles.ts';

const RESAMPLES = 1000;

/** Errors of one day, of a forecast and of its reference. */
interface Errors {
  readonly own: number;
  readonly other: number;
}

const skillIn = (days: readonly Errors[]): number =>
  1 -
  days.reduce((sum, { own }) => sum + own, 0) /
    Math.max(
      1e-9,
      days.reduce((sum, { other }) => sum + other, 0),
    );

/** As many days drawn from them, in circular blocks. */
export function drawnDays<Day>(
  days: readonly Day[],
  { random, blockDays }: { readonly random: Random; readonly blockDays: number },
): Day[] {
  const block = (): Day[] => {
    const from = Math.floor(random.next() * days.length);
    return Array.from({ length: blockDays }, (_, at) => days[(from + at) % days.length]!);
  };
  return Array.from({ length: Math.ceil(days.length / blockDays) }, block)
    .flat()
    .slice(0, days.length);
}

/**
 * 1 - error / error of the reference, and its 95 % interval by a bootstrap over circular blocks of days, because errors of one day are
 * correlated.
 */
export function skillOver(
  days: readonly Errors[],
  blocks: { readonly random: Random; readonly blockDays: number },
): { readonly skill: number; readonly ci95: readonly [number, number] } {
  const drawn = Float64Array.from({ length: RESAMPLES }, () => skillIn(drawnDays(days, blocks))).sort();
  return { skill: skillIn(days), ci95: [quantileOfSorted(drawn, 0.025), quantileOfSorted(drawn, 0.975)] };
}
