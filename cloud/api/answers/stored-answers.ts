/** The caller and the key under which it may retry. */
export interface RequestKey {
  readonly caller: string;
  readonly key: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The answer to a request that may be retried. `answer` is missing while the first attempt is in progress. */
export interface StoredAnswer {
  /** Digest of the request that took the key. */
  readonly request: string;
  readonly answer: Answer | undefined;
}

/** Answers by caller and idempotency key. Times are ms UTC of machine time. */
export interface StoredAnswers {
  /**
   * Takes the key for a request. Of many concurrent calls exactly one gets undefined and proceeds; all others get what is stored under the
   * key. Keys taken before `since` are forgotten.
   */
  take(
    who: RequestKey,
    request: string,
    times: { readonly now: number; readonly since: number },
  ): Promise<StoredAnswer | undefined>;
  keep(who: RequestKey, answer: Answer): Promise<void>;
  /** Releases a key whose request had no effect. */
  release(who: RequestKey): Promise<void>;
}

/** Stored answers at the owner, which outlives api roles. */
export interface KeptAnswers extends StoredAnswers {
  /** Later requests under the key get "not known", unless an answer is already stored. */
  abandon(who: RequestKey): Promise<void>;
}
