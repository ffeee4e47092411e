import type { Answer, KeptAnswers, RequestKey, StoredAnswer, StoredAnswers } from './stored-answers.ts';

/** The keys that one api role has taken for requests in progress. If the role is lost, nobody else would ever answer them. */
export class HeldKeys implements StoredAnswers {
  readonly #store: KeptAnswers;
  readonly #onFailure: (error: unknown) => void;
  readonly #held = new Map<string, RequestKey>();
  #isLost = false;

  constructor(store: KeptAnswers, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  async take(...of: Parameters<StoredAnswers['take']>): Promise<StoredAnswer | undefined> {
    const stored = await this.#store.take(...of);
    if (stored === undefined) {
      this.#held.set(nameOf(of[0]), of[0]);
      if (this.#isLost) await this.#abandon(of[0]);
    }
    return stored;
  }

  async keep(who: RequestKey, answer: Answer): Promise<void> {
    await this.#store.keep(who, answer);
    this.#held.delete(nameOf(who));
  }

  async release(who: RequestKey): Promise<void> {
    await this.#store.release(who);
    this.#held.delete(nameOf(who));
  }

  /** The role is lost: retries under its keys get "not known", including keys that it takes later. */
  async giveUp(): Promise<void> {
    this.#isLost = true;
    for (const who of this.#held.values()) await this.#abandon(who);
  }

  async #abandon(who: RequestKey): Promise<void> {
    try {
      await this.#store.abandon(who);
      this.#held.delete(nameOf(who));
    } catch (error) {
      this.#onFailure(error);
    }
  }
}

const nameOf = ({ caller, key }: RequestKey): string => JSON.stringify([caller, key]);
