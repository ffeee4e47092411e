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
  waitingPromotion(id: string): Promise<WaitingPromotion | undefined>;
  /** Takes out what another has asked for in time: of many at once exactly one gets it. Where there is none, `promotion` waits. */
  askPromotion(id: string, promotion: WaitingPromotion, now: number): Promise<WaitingPromotion | undefined>;
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
  async consent({
    id,
    to,
    by,
    reason,
  }: PromotionRequest): Promise<Outcome<{ readonly requester: string; readonly reason: string }>> {
    const now = this.#now();
    const first = await this.#store.askPromotion(id, { to, by: personOf(by), reason, until: now + WAIT_MS }, now);
    if (first !== undefined) return good({ requester: first.by, reason: first.reason });
    const minutes = WAIT_MS / 60_000;
    return bad(
      'LS-DESK-005',
      `a promotion takes two persons: another engineer asks for the same within ${minutes} min, and ${id} becomes ${to}`,
    );
  }

  /** What waits for a model now. */
  async waiting(id: string): Promise<WaitingPromotion | undefined> {
    const found = await this.#store.waitingPromotion(id);
    return found === undefined || found.until <= this.#now() ? undefined : found;
  }
}
