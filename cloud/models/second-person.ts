import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import type { ModelState } from './lifecycle.ts';

/** A promotion that one person has asked for and another has not yet. Machine time, ms UTC. */
export interface WaitingPromotion {
  readonly to: ModelState;
  readonly by: string;
  readonly until: number;
}

/** What is asked of a model, and by whom: a token acts in its owner's name. */
export interface PromotionRequest {
  readonly id: string;
  readonly to: ModelState;
  readonly by: string;
}

/** So long a promotion waits for its second person. */
const WAIT_MS = 15 * 60_000;
const personOf = (by: string): string => by.split('/')[0]!;

/** A model is promoted by two persons who ask for the same: the second one's request is the consent. A restart voids what waits. */
export class SecondPerson {
  readonly #now: () => number;
  readonly #waiting = new Map<string, WaitingPromotion>();

  /** `now`: machine time, ms UTC. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Who asked first, where it is another; else LS-DESK-005, and the request waits. */
  consent({ id, to, by }: PromotionRequest): Outcome<{ readonly requester: string }> {
    const first = this.waiting(id);
    if (first !== undefined && first.to === to && first.by !== personOf(by)) {
      this.#waiting.delete(id);
      return good({ requester: first.by });
    }
    const until = this.#now() + WAIT_MS;
    this.#waiting.set(id, { to, by: personOf(by), until });
    const minutes = WAIT_MS / 60_000;
    return bad(
      'LS-DESK-005',
      `a promotion takes two persons: another engineer asks for the same within ${minutes} min, and ${id} becomes ${to}`,
    );
  }

  /** What waits for a model now. */
  waiting(id: string): WaitingPromotion | undefined {
    const found = this.#waiting.get(id);
    if (found === undefined || found.until > this.#now()) return found;
    this.#waiting.delete(id);
    return undefined;
  }
}
