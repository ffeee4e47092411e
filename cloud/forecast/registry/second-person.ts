import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { ModelState } from './lifecycle.ts';

/** A promotion that one person has asked for and another has not yet. Machine time, ms UTC. */
export interface WaitingPromotion {
  readonly to: ModelState;
  readonly by: string;
  readonly reason: string;
  readonly until: number;
}

/** What is asked of a model, and by whom: a token acts in its owner's name. */
export interface PromotionRequest {
  readonly id: string;
  readonly to: ModelState;
  readonly by: string;
  readonly reason: string;
}

/** Where promotions wait, one a model. */
export interface WaitingPromotions {
  waitingPromotion(id: string): WaitingPromotion | undefined;
  keepPromotion(id: string, promotion: WaitingPromotion): void;
  /** Takes out what another has asked for in time: of many at once exactly one gets it. */
  takePromotion(
    id: string,
    by: { readonly to: ModelState; readonly notBy: string; readonly now: number },
  ): WaitingPromotion | undefined;
}

/** So long a promotion waits for its second person. */
const WAIT_MS = 15 * 60_000;
const personOf = (by: string): string => by.split('/')[0]!;

/** A model is promoted by two persons who ask for the same in time: the second one's request is the consent. A restart voids nothing. */
export class SecondPerson {
  readonly #now: () => number;
  readonly #store: WaitingPromotions;

  /** `now`: machine time, ms UTC. */
  constructor(now: () => number, store: WaitingPromotions) {
    this.#now = now;
    this.#store = store;
  }

  /** Who asked first and why, where it is another; else LS-DESK-005, and the request waits. */
  consent({ id, to, by, reason }: PromotionRequest): Outcome<{ readonly requester: string; readonly reason: string }> {
    const first = this.#store.takePromotion(id, { to, notBy: personOf(by), now: this.#now() });
    if (first !== undefined) return good({ requester: first.by, reason: first.reason });
    this.#store.keepPromotion(id, { to, by: personOf(by), reason, until: this.#now() + WAIT_MS });
    const minutes = WAIT_MS / 60_000;
    return bad(
      'LS-DESK-005',
      `a promotion takes two persons: another engineer asks for the same within ${minutes} min, and ${id} becomes ${to}`,
    );
  }

  /** What waits for a model now. */
  waiting(id: string): WaitingPromotion | undefined {
    const found = this.#store.waitingPromotion(id);
    return found === undefined || found.until <= this.#now() ? undefined : found;
  }
}
