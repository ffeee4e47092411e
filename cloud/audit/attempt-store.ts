/** Failed attempts of one kind that are counted but not yet in the audit log. Times in ms UTC of machine time. */
export interface AttemptCount {
  /** Null: several. */
  readonly account: string | null;
  readonly address: string | null;
  /** Number of refusals by error code. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly attempts: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly what: string;
}

/** Counts of failed attempts, by key. */
export interface AttemptStore {
  load(): Promise<Map<string, AttemptCount>>;
  /** Replaces the counts of these keys and deletes undefined ones, atomically. Durable once this resolves. */
  commit(changes: ReadonlyMap<string, AttemptCount | undefined>): Promise<void>;
}
