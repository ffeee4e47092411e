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

/**
 * 1 - error / error of the reference, and its 95 % interval by a bootstrap over circular blocks of days, because errors of one day are
 * correlated.
 */
export function skillOver(
  days: readonly Errors[],
  { random, blockDays }: { readonly random: Random; readonly blockDays: number },
): { readonly skill: number; readonly ci95: readonly [number, number] } {
  const block = (): Errors[] => {
    const from = Math.floor(random.next() * days.length);
    return Array.from({ length: blockDays }, (_, at) => days[(from + at) % days.length]!);
  };
  const blocks = Math.ceil(days.length / blockDays);
  const drawn = Float64Array.from({ length: RESAMPLES }, () =>
    skillIn(Array.from({ length: blocks }, block).flat().slice(0, days.length)),
  ).sort();
  return { skill: skillIn(days), ci95: [quantileOfSorted(drawn, 0.025), quantileOfSorted(drawn, 0.975)] };
}
