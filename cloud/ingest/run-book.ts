import type { Account, RunKey, Stretch } from './account.ts';
import type { Span, SpanChange } from './spans.ts';

/** What became of frames, each counted once. */
export interface Totals {
  readonly stored: number;
  /** Neither here nor accounted for. */
  readonly missing: number;
  readonly refused: number;
  readonly dropped: number;
  readonly lost: number;
  /** Frames by the code of their refusal, or the reason that the gateway gave. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** The runs of one gateway's stream, and sums over them that are kept as they change: asking costs nothing that grows with their age. */
export class RunBook {
  readonly #runs = new Map<number, Account>();
  readonly #counts = { stored: 0, refused: 0, dropped: 0, lost: 0 };
  readonly #reasons = new Map<string, number>();
  readonly #counted = new Map<Account, { readonly missing: number; readonly gaps: number }>();
  #missing = 0;
  #gapCount = 0;
  /** Accounts that changed since what they miss was counted. */
  readonly #changed = new Set<Account>();
  #gaps: readonly Stretch[] | undefined;
  #totals: Totals | undefined;

  get(run: number): Account | undefined {
    return this.#runs.get(run);
  }

  accounts(): IterableIterator<Account> {
    return this.#runs.values();
  }

  /** Takes an account with what it holds. */
  add(account: Account): void {
    this.#runs.set(account.run, account);
    this.changed(account, { removed: [], added: account.union.spans });
  }

  /** Spans of the account were replaced, or its bounds moved. */
  changed(account: Account, { removed, added }: SpanChange): void {
    for (const span of removed) this.#count(span, -1);
    for (const span of added) this.#count(span, 1);
    this.#changed.add(account);
    this.#gaps = undefined;
    this.#totals = undefined;
  }

  totals(): Totals {
    if (this.#totals !== undefined) return this.#totals;
    this.#recount();
    const reasons = Object.fromEntries(this.#reasons);
    return (this.#totals = { ...this.#counts, missing: this.#missing, reasons });
  }

  /** Gaps between what is accounted for, over all runs. */
  gapCount(): number {
    this.#recount();
    return this.#gapCount;
  }

  /** What is not stored, of all runs. */
  gaps(): readonly Stretch[] {
    return (this.#gaps ??= [...this.#runs.values()].flatMap((account) => account.gaps()));
  }

  #recount(): void {
    for (const account of this.#changed) {
      const before = this.#counted.get(account);
      const now = { missing: account.missing(), gaps: Math.max(0, account.union.covered.length - 1) };
      this.#missing += now.missing - (before?.missing ?? 0);
      this.#gapCount += now.gaps - (before?.gaps ?? 0);
      if (now.missing === 0 && now.gaps === 0) this.#counted.delete(account);
      else this.#counted.set(account, now);
    }
    this.#changed.clear();
  }

  #count({ first, last, state, code }: Span, sign: 1 | -1): void {
    const frames = sign * (last - first + 1);
    this.#counts[state] += frames;
    if (code === null) return;
    const sum = (this.#reasons.get(code) ?? 0) + frames;
    if (sum === 0) this.#reasons.delete(code);
    else this.#reasons.set(code, sum);
  }
}

export const bookKey = ({ gateway, stream }: Pick<RunKey, 'gateway' | 'stream'>): string => `${gateway}/${stream}`;
