import type { Random } from '../ports/random.ts';

/** The wait after the first failure, and the longest; both in one unit. */
type Waits = readonly [first: number, longest: number];

/** Further failures change no realistic wait. */
const MOST_DOUBLINGS = 50;

/**
 * The wait after a number of failures in a row: none after none, the first wait after one, doubled after each further one, up to the
 * longest. With `random`, anywhere below that (full jitter), so that clients which failed together do not return together.
 */
export function backOff([first, longest]: Waits, failures: number, random?: Pick<Random, 'next'>): number {
  if (failures < 1) return 0;
  const wait = Math.min(longest, first * 2 ** Math.min(failures - 1, MOST_DOUBLINGS));
  return random === undefined ? wait : random.next() * wait;
}
