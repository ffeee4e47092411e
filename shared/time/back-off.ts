import type { Random } from '../ports/random.ts';

/** The first and the longest wait, in the same unit. */
type Waits = readonly [first: number, longest: number];

/** Further failures change no realistic wait. */
const MOST_DOUBLINGS = 50;

/**
 * The wait after consecutive failures: none after none, the first wait after one, then doubled up to the longest. With `random` it is
 * uniform below that (full jitter), so that clients that failed together do not retry together.
 */
export function backOff([first, longest]: Waits, failures: number, random?: Pick<Random, 'next'>): number {
  if (failures < 1) return 0;
  const wait = Math.min(longest, first * 2 ** Math.min(failures - 1, MOST_DOUBLINGS));
  return random === undefined ? wait : random.next() * wait;
}
