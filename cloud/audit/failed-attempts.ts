import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { Turns } from '../../shared/time/turns.ts';
import type { AttemptCount, AttemptStore } from './attempt-store.ts';
import type { AuditFacts } from './audit-entry.ts';
import type { AuditList } from './audit-list.ts';

/** An unauthenticated client failed to sign in. */
export interface FailedAttempt {
  /** The given name, which may not exist. */
  readonly account: string;
  /** The client's address, possibly a proxy's. */
  readonly address: string;
  readonly what: string;
  /** Error code of the refusal. */
  readonly outcome: string;
}

interface FailedAttemptsOptions {
  readonly audit: Pick<AuditList, 'append'>;
  readonly store: AttemptStore;
  /** Machine time. */
  readonly time: TimeBase;
}

export const ATTEMPTS_WINDOW_MS = 15 * 60_000;
const SOON_MS = 60_000;
/** The number an account has before it is locked. */
export const SINGLE_OF_ACCOUNT = 5;
export const SINGLE_IN_ALL = 20;
export const MOST_COUNTS = 20;

/**
 * Records failed sign-ins without filling the disk. Per quarter of an hour, the first five at an account from one address, and twenty in
 * all, get an entry each. Later ones are counted. One entry per account and address, a minute after the first and at the end of the
 * quarter, gives their number and times. Counting is bounded too: beyond twenty pairs by address alone, beyond twenty addresses in total.
 * So a quarter of an hour makes at most 102 entries. A count is on disk before its attempt is answered; after a kill the next process
 * writes it.
 */
export class FailedAttempts {
  readonly #options: FailedAttemptsOptions;
  /** Serialises attempts and entries, so that no attempt falls between writing an entry and deleting its count. */
  readonly #turns = new Turns();
  readonly #single = new Map<string, number>();
  #counts = new Map<string, AttemptCount>();
  #written = 0;
  #end: Timer | undefined;
  #soon: Timer | undefined;

  constructor(options: FailedAttemptsOptions) {
    this.#options = options;
  }

  /** Loads the unwritten counts of a previous process from the store, which must be open. */
  async start(): Promise<void> {
    this.#counts = await this.#options.store.load();
    if (this.#counts.size > 0) this.#soon = this.#options.time.after(0, () => this.settle());
  }

  /** Records or counts an attempt. Throws LS-STORE-001 if an entry cannot be written. */
  note(attempt: FailedAttempt): Promise<void> {
    return this.#turns.take(() => this.#note(attempt));
  }

  async #note(attempt: FailedAttempt): Promise<void> {
    const { account, address, what, outcome } = attempt;
    this.#open();
    const key = JSON.stringify([account, address]);
    const before = this.#single.get(key) ?? 0;
    if (before >= SINGLE_OF_ACCOUNT || this.#written >= SINGLE_IN_ALL) return this.#count(attempt);
    const isLast = before + 1 === SINGLE_OF_ACCOUNT || this.#written + 1 === SINGLE_IN_ALL;
    await this.#options.audit.append({
      who: account,
      what,
      to: { address },
      ...(isLast ? { why: 'further attempts of this quarter of an hour are counted and listed as one entry' } : {}),
      outcome,
    });
    this.#single.set(key, before + 1);
    this.#written += 1;
  }

  /** Writes the counted attempts of an account that signs in, or of all. Throws LS-STORE-001 and keeps what is not written. */
  settle(account?: string): Promise<void> {
    return this.#turns.take(() => this.#settle(account));
  }

  async #settle(account: string | undefined): Promise<void> {
    for (const [key, count] of this.#counts) {
      if (account !== undefined && count.account !== account && count.account !== null) continue;
      await this.#options.audit.append(factsOf(count));
      await this.#options.store.commit(new Map([[key, undefined]]));
      this.#counts.delete(key);
    }
  }

  /** Writes all counts and stops the timers. */
  close(): Promise<void> {
    return this.#turns.take(() => {
      this.#end?.cancel();
      this.#soon?.cancel();
      return this.#settle(undefined);
    });
  }

  #open(): void {
    this.#end ??= this.#options.time.after(ATTEMPTS_WINDOW_MS, () => this.#next());
  }

  async #next(): Promise<void> {
    this.#end = undefined;
    this.#soon?.cancel();
    this.#soon = undefined;
    this.#single.clear();
    this.#written = 0;
    try {
      await this.settle();
    } finally {
      if (this.#counts.size > 0) this.#open();
    }
  }

  async #count({ account, address, what, outcome }: FailedAttempt): Promise<void> {
    const now = this.#options.time.now();
    this.#soon ??= this.#options.time.after(SOON_MS, () => this.settle());
    const [key, count] = this.#counted(account, address) ?? this.#counted(null, address) ?? this.#counted(null, null)!;
    const next = {
      ...count,
      what,
      lastAt: now,
      attempts: count.attempts + 1,
      outcomes: { ...count.outcomes, [outcome]: (count.outcomes[outcome] ?? 0) + 1 },
    };
    await this.#options.store.commit(new Map([[key, next]]));
    this.#counts.set(key, next);
  }

  /** The count of a pair with its key, or a new one if there is room; undefined otherwise. */
  #counted(account: string | null, address: string | null): readonly [string, AttemptCount] | undefined {
    const key = JSON.stringify([account, address]);
    const known = this.#counts.get(key);
    if (known !== undefined) return [key, known];
    const alike = [...this.#counts.values()].filter((each) => (each.account === null) === (account === null));
    if (address !== null && alike.length >= MOST_COUNTS) return undefined;
    const firstAt = this.#options.time.now();
    return [key, { account, address, outcomes: {}, firstAt, attempts: 0, lastAt: firstAt, what: '' }];
  }
}

function factsOf({ account, address, outcomes, attempts, firstAt, lastAt, what }: AttemptCount): AuditFacts {
  const [from, to] = [firstAt, lastAt].map((ms) => new Date(ms).toISOString());
  const [most = ''] = Object.entries(outcomes).toSorted(([, a], [, b]) => b - a)[0] ?? [];
  const whose = account === null ? 'several accounts' : `account ${account}`;
  return {
    who: account ?? 'several',
    what,
    to: { address, attempts, firstAt: from, lastAt: to, outcomes },
    why: `${attempts} further failed ${attempts === 1 ? 'attempt' : 'attempts'} for ${whose} from ${address ?? 'several addresses'} between ${from} and ${to}`,
    outcome: most,
  };
}
