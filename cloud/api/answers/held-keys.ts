import { keptNotKnown } from '../not-known.ts';
import type { Answer, RequestKey, StoredAnswer, StoredAnswers } from './stored-answers.ts';

/** The keys that one api role has taken for requests under way: where that role is lost, nobody else would ever answer them. */
export class HeldKeys implements StoredAnswers {
  readonly #store: StoredAnswers;
  readonly #held = new Map<string, RequestKey>();

  constructor(store: StoredAnswers) {
    this.#store = store;
  }

  async take(...of: Parameters<StoredAnswers['take']>): Promise<StoredAnswer | undefined> {
    const kept = await this.#store.take(...of);
    if (kept === undefined) this.#held.set(nameOf(of[0]), of[0]);
    return kept;
  }

  async keep(who: RequestKey, answer: Answer): Promise<void> {
    await this.#store.keep(who, answer);
    this.#held.delete(nameOf(who));
  }

  async release(who: RequestKey): Promise<void> {
    await this.#store.release(who);
    this.#held.delete(nameOf(who));
  }

  /** The role is lost: whoever asks again hears that nothing is known. */
  async giveUp(): Promise<void> {
    const held = [...this.#held.values()];
    this.#held.clear();
    for (const who of held) await this.#store.keep(who, keptNotKnown);
  }
}

const nameOf = ({ caller, key }: RequestKey): string => JSON.stringify([caller, key]);
