import { backOff } from '../../shared/time/back-off.ts';
import type { TimeBase } from '../../shared/time/clock.ts';

/** Wrong passwords without delay, for a typo or a password that was just changed. */
const FREE_TRIES = 5;
const REST_MS = [1000, 60_000] as const;
/** A pair is forgotten after this long without an attempt. */
const FORGET_MS = 10 * 60_000;
const MAX_PAIRS = 20_000;

interface Tries {
  wrong: number;
  /** Attempts that are being judged. */
  running: number;
  /** On the monotonic clock. */
  restsUntil: number;
}

/**
 * Slows password guessing for each pair of gateway and address: after five wrong passwords the pair waits a second, then twice as long each
 * time, at most a minute. Other gateways behind the same address are not affected, and neither is this gateway from another address.
 */
export class GuessBrake {
  readonly #time: Pick<TimeBase, 'elapsed'>;
  /** In order of the last attempt. */
  readonly #pairs = new Map<string, Tries>();

  constructor(time: Pick<TimeBase, 'elapsed'>) {
    this.#time = time;
  }

  /** True if a password may be judged now; the caller must then call `judged`. */
  mayTry(pair: string): boolean {
    const now = this.#time.elapsed();
    const known = this.#pairs.get(pair);
    const tries = known === undefined || isForgotten(known, now) ? { wrong: 0, running: 0, restsUntil: now } : known;
    // Attempts being judged count as wrong, so that a hundred at once are no way around the limit.
    const mayTry = tries.wrong + tries.running < FREE_TRIES || (tries.running === 0 && now >= tries.restsUntil);
    if (!mayTry) return false;
    tries.running++;
    this.#keep(pair, tries);
    return true;
  }

  /** `right` forgets the pair; `undefined` means that the password was not judged. */
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

  /** Number of known pairs. */
  get size(): number {
    return this.#pairs.size;
  }

  #keep(pair: string, tries: Tries): void {
    this.#pairs.delete(pair);
    this.#pairs.set(pair, tries);
    if (this.#pairs.size <= MAX_PAIRS) return;
    const [longestAgo] = this.#pairs.keys();
    if (longestAgo !== undefined) this.#pairs.delete(longestAgo);
  }
}

const isForgotten = ({ running, restsUntil }: Tries, now: number): boolean =>
  running === 0 && now >= restsUntil + FORGET_MS;
