import type { Account, RunKey } from './account.ts';
import { GapSums, type GapCounts } from './gap-sums.ts';
import type { Folded } from './ledger-store.ts';
import type { Span, SpanChange } from './spans.ts';

/** The fate of frames, each counted once. */
export interface Totals extends GapCounts {
  readonly stored: number;
}

/** The runs of one gateway's stream, with running sums: the cost of a query does not grow with their age. */
export class RunBook {
  readonly #runs = new Map<number, Account>();
  readonly #gaps = new GapSums();
  #stored = 0;
  #gapCount = 0;

  get(run: number): Account | undefined {
    return this.#runs.get(run);
  }

  accounts(): IterableIterator<Account> {
    return this.#runs.values();
  }

  /** Adds an account with its spans. */
  open(account: Account): void {
    this.#runs.set(account.run, account);
    for (const span of account.union.spans) this.#countStored(span, 1);
    for (const gap of account.gaps()) this.#gaps.count(gap, 1);
    this.#gapCount += gapsOf(account);
  }

  get size(): number {
    return this.#runs.size;
  }

  /** Removes a run. Its frames stay in the sums and are returned for the store. */
  fold(account: Account): Folded[] {
    const { gateway, stream, union } = account;
    this.#runs.delete(account.run);
    this.#gapCount -= gapsOf(account);
    const stored = union.spans.filter(({ state }) => state === 'stored');
    const frames = stored.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    const whole = { frames, state: 'stored', timeFrom: -Infinity, timeTo: Infinity, code: null } as const;
    return [...(frames === 0 ? [] : [whole]), ...account.gaps()].map((each) => ({ gateway, stream, ...each }));
  }

  /** Adds sums that were folded earlier. */
  unfolded(folded: Folded): void {
    const { state, frames } = folded;
    if (state === 'stored') this.#stored += frames;
    else this.#gaps.count({ ...folded, state }, 1);
  }

  add(account: Account, span: Span): SpanChange {
    return this.#changed(account, span, () => account.union.add(span));
  }

  /** Replaces `count` spans from index `at` on with one. */
  join(
    account: Account,
    { at, count, span }: { readonly at: number; readonly count: number; readonly span: Span },
  ): SpanChange {
    return this.#changed(account, span, () => account.union.join(at, count, span));
  }

  /** False if the bounds did not change. */
  bound(account: Account, firstOffset: number | null, lastOffset: number | null): boolean {
    if (account.firstOffset === firstOffset && account.lastOffset === lastOffset) return false;
    for (const gap of account.gaps()) this.#gaps.count(gap, -1);
    account.firstOffset = firstOffset;
    account.lastOffset = lastOffset;
    for (const gap of account.gaps()) this.#gaps.count(gap, 1);
    return true;
  }

  totals(): Totals {
    return { stored: this.#stored, ...this.#gaps.total() };
  }

  /** Frames that are not stored and may lie in the hours of [from, to). */
  gapsBetween(from: number, to: number): GapCounts {
    return this.#gaps.between(from, to);
  }

  /** The gateway's reason, or a common one once there are too many. */
  reason(detail: string): string {
    return this.#gaps.names(detail) ? detail : 'other reasons';
  }

  /** Number of stored frames. */
  get stored(): number {
    return this.#stored;
  }

  /** Number of gaps between accounted ranges, over all runs. */
  get gapCount(): number {
    return this.#gapCount;
  }

  #changed(account: Account, { first, last }: Span, change: () => SpanChange): SpanChange {
    const around = account.around(first, last);
    const gaps = gapsOf(account);
    for (const gap of account.gaps(around)) this.#gaps.count(gap, -1);
    const changed = change();
    for (const gap of account.gaps(around)) this.#gaps.count(gap, 1);
    this.#gapCount += gapsOf(account) - gaps;
    for (const span of changed.removed) this.#countStored(span, -1);
    for (const span of changed.added) this.#countStored(span, 1);
    return changed;
  }

  #countStored({ first, last, state }: Span, sign: 1 | -1): void {
    if (state === 'stored') this.#stored += sign * (last - first + 1);
  }
}

const gapsOf = ({ union }: Account): number => Math.max(0, union.rangeCount - 1);

export const bookKey = ({ gateway, stream }: Pick<RunKey, 'gateway' | 'stream'>): string => `${gateway}/${stream}`;
