/** Who asked, and the key under which they may ask again. */
export interface RequestKey {
  readonly caller: string;
  readonly key: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What was answered to a request that may come again. `answer` is missing while the first one is under way. */
export interface StoredAnswer {
  /** Digest of the request that took the key. */
  readonly request: string;
  readonly answer: Answer | undefined;
}

/** Answers by caller and idempotency key. Times in ms UTC of machine time. */
export interface StoredAnswers {
  /**
   * Takes the key for a request: of many at once exactly one gets undefined, and goes on. All others get what is kept under it.
   * What was taken before `since` is forgotten.
   */
  take(
    who: RequestKey,
    request: string,
    times: { readonly now: number; readonly since: number },
  ): Promise<StoredAnswer | undefined>;
  keep(who: RequestKey, answer: Answer): Promise<void>;
  /** Gives a key back: its request came to nothing. */
  release(who: RequestKey): Promise<void>;
}

/** The same at the owner, which outlives api roles. */
export interface KeptAnswers extends StoredAnswers {
  /** Whoever asks again hears that nothing is known, unless an answer is kept already. */
  abandon(who: RequestKey): Promise<void>;
}
