import type { Random } from '../ports/random.ts';

/** The wait after the first failure, and the longest; both in one unit. */
type Waits = readonly [first: number, longest: number];

/** Further ones change nothing between any two waits that somebody would write down. */
const MOST_DOUBLINGS = 50;

/**
 * How long to wait after so many failures in a row: none after none, the first wait after one, twice as long after each further one,
 * at most the longest. With a `random` anywhere below that (full jitter), so that those who failed together do not come together again.
 */
export function backOff([first, longest]: Waits, failures: number, random?: Pick<Random, 'next'>): number {
  if (failures < 1) return 0;
  const wait = Math.min(longest, first * 2 ** Math.min(failures - 1, MOST_DOUBLINGS));
  return random === undefined ? wait : random.next() * wait;
}
