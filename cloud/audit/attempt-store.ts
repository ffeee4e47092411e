/** Counted failed attempts of one kind that are not in the audit list yet. Times in ms UTC of machine time. */
export interface AttemptCount {
  /** null: several. */
  readonly account: string | null;
  readonly address: string | null;
  /** Codes of refusal, and how often each came. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly attempts: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly what: string;
}

/** Counts of failed attempts by key. */
export interface AttemptStore {
  load(): Promise<Map<string, AttemptCount>>;
  /** Replaces the counts of these keys, and forgets those without one: all or none. On the medium when this resolves. */
  commit(changes: ReadonlyMap<string, AttemptCount | undefined>): Promise<void>;
}
