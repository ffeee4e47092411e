import { backOff } from '../../shared/time/back-off.ts';
import type { TimeBase } from '../../shared/time/clock.ts';

/** Wrong passwords that cost nothing but their derivation: whoever mistypes, or was given a new one, comes again at once. */
const FREE_TRIES = 5;
const REST_MS = [1000, 60_000] as const;
/** Nothing is known any more of whoever has not tried for so long. */
const FORGET_MS = 10 * 60_000;
const MAX_KEPT = 20_000;

interface Tries {
  wrong: number;
  /** Passwords that are being judged. */
  running: number;
  /** On the monotonic clock. */
  restsUntil: number;
}

/**
 * Slows guesses of a gateway's password from one address: after five wrong ones the pair rests for a second, twice as long at each
 * further one, at most a minute. Other gateways behind the same address go on, and so does this one from another address.
 */
export class GuessBrake {
  readonly #time: Pick<TimeBase, 'elapsed'>;
  /** Whoever tried last stands last. */
  readonly #pairs = new Map<string, Tries>();

  constructor(time: Pick<TimeBase, 'elapsed'>) {
    this.#time = time;
  }

  /** Whether a password may be judged now. Where it may, `judged` follows. */
  mayTry(pair: string): boolean {
    const now = this.#time.elapsed();
    const known = this.#pairs.get(pair);
    const tries = known === undefined || isForgotten(known, now) ? { wrong: 0, running: 0, restsUntil: now } : known;
    // Those that are being judged count as wrong ones: a hundred at once are no way round.
    const mayTry = tries.wrong + tries.running < FREE_TRIES || (tries.running === 0 && now >= tries.restsUntil);
    if (!mayTry) return false;
    tries.running++;
    this.#keep(pair, tries);
    return true;
  }

  /** `right` forgets the pair; `undefined` means that the password was not judged after all. */
  judged(pair: string, right: boolean | undefined): void {
    const tries = this.#pairs.get(pair);
    if (tries === undefined) return;
    tries.running = Math.max(0, tries.running - 1);
    if (right === true) tries.wrong = 0;
    if (right !== false) {
      if (tries.wrong === 0 && tries.running === 0) this.#pairs.delete(pair);
      return;
    }
    tries.wrong++;
    tries.restsUntil = this.#time.elapsed() + backOff(REST_MS, tries.wrong - FREE_TRIES + 1);
    this.#keep(pair, tries);
  }

  /** Pairs of which something is known. */
  get size(): number {
    return this.#pairs.size;
  }

  #keep(pair: string, tries: Tries): void {
    this.#pairs.delete(pair);
    this.#pairs.set(pair, tries);
    if (this.#pairs.size <= MAX_KEPT) return;
    const [longestAgo] = this.#pairs.keys();
    if (longestAgo !== undefined) this.#pairs.delete(longestAgo);
  }
}

const isForgotten = ({ running, restsUntil }: Tries, now: number): boolean =>
  running === 0 && now >= restsUntil + FORGET_MS;
