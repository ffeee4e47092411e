import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { backOff } from '../../shared/time/back-off.ts';
import { networkOf } from './network-of.ts';
import { hashed } from './people-reader.ts';
import type { Failures, PeopleStore } from './people-store.ts';

/** Source of a password. */
export interface From {
  /** Client address as the API sees it behind its proxies. */
  readonly address?: string;
  /** The secret that a browser resends once somebody has signed in there. */
  readonly device?: string | undefined;
}

/** Consecutive wrong passwords for one name from all addresses. */
const EVERYWHERE = '';
/** A signed-in person enters the password again. */
const SESSION = 'session';

const FREE_FAILURES = 5;
/** Limit for guesses from many addresses; this many in a row are not the owner's slips. */
const FREE_EVERYWHERE = 100;
const LOCK_MS = [30_000, 15 * 60_000] as const;
const FORGET_MS = 24 * 3_600_000;
/** How long a browser stays known after its last sign-in. */
const DEVICE_MS = 180 * 24 * 3_600_000;

export interface GuessesOptions {
  readonly store: Pick<PeopleStore, 'failures' | 'countFailure' | 'clearFailures' | 'knowsDevice'>;
  /** Machine time, ms UTC. */
  readonly now: () => number;
}

/** A guess that may be checked, and the counters that a correct one clears. */
export interface Guess {
  readonly forgets: readonly string[];
  /** Network of a browser where the person has not signed in before; undefined: a known browser. */
  readonly stranger: string | undefined;
}

/**
 * Throttles password guesses. Wrong ones count per name and source address, so that nobody can lock out somebody else. A high limit per
 * name alone covers guesses from many addresses. A browser where that person has signed in before has its own counter, and its password is
 * checked before those of strangers, so that nobody locks an operator out there.
 */
export class Guesses {
  readonly #options: GuessesOptions;

  constructor(options: GuessesOptions) {
    this.#options = options;
  }

  /** Counts a guess before it is checked, so that parallel ones count too. Throws LS-API-008 with the wait if it may not be checked. */
  async count(name: string, { address = '', device }: From): Promise<Guess> {
    const { store, now } = this.#options;
    const isKnown = device !== undefined && (await store.knowsDevice(hashed(device), name, now() - DEVICE_MS));
    const own = isKnown ? `device ${hashed(device)}` : `address ${networkOf(address)}`;
    const forgets = isKnown ? [own] : [own, EVERYWHERE];
    await this.#count(name, forgets);
    return { forgets, stranger: isKnown ? undefined : networkOf(address) };
  }

  /** The same for a signed-in person: guesses there do not block signing in. */
  countSignedIn(name: string): Promise<void> {
    return this.#count(name, [SESSION]);
  }

  /** A signed-in person entered the correct password. */
  forgetSignedIn(name: string): Promise<void> {
    return this.#options.store.clearFailures(name, [SESSION]);
  }

  async #count(name: string, sources: readonly string[]): Promise<void> {
    const { store, now } = this.#options;
    for (;;) {
      const seen = await store.failures(name, sources);
      for (const [index, source] of sources.entries()) {
        const waitMs = lockedMs(seen[index], source === EVERYWHERE ? FREE_EVERYWHERE : FREE_FAILURES, now());
        if (waitMs > 0) throw tooMany(waitMs, source);
      }
      const at = { now: now(), forgetBefore: now() - FORGET_MS };
      if (await store.countFailure(name, sources, seen, at)) return;
    }
  }
}

function tooMany(waitMs: number, source: string): LoadstoneError {
  const wait = `wait ${Math.ceil(waitMs / 1000)} s`;
  const why =
    source === EVERYWHERE
      ? `too many wrong passwords for this name from many addresses; sign in from a browser where you have signed in before, or ${wait}`
      : `too many wrong passwords; ${wait}`;
  return new LoadstoneError('LS-API-008', why);
}

/** A failure in the future was counted before the clock was set back. */
function lockedMs(failures: Failures | undefined, free: number, now: number): number {
  if (failures === undefined || failures.count < free || failures.lastAt > now) return 0;
  return failures.lastAt + backOff(LOCK_MS, failures.count - free + 1) - now;
}
