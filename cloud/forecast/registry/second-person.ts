import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { ModelState } from './lifecycle.ts';
import { personOf } from '../../access/caller.ts';

/** A promotion that one person has requested and no second has approved yet. Machine time, ms UTC. */
export interface WaitingPromotion {
  readonly to: ModelState;
  readonly by: string;
  readonly reason: string;
  readonly until: number;
}

/** A requested transition and its author; a token counts as its owner. */
export interface PromotionRequest {
  readonly id: string;
  readonly to: ModelState;
  readonly by: string;
  readonly reason: string;
}

/** Store of pending promotions, one per model. */
export interface WaitingPromotions {
  waitingPromotion(id: string): Promise<WaitingPromotion | undefined>;
  /**
   * Removes and returns another person's unexpired request for the same state; of many concurrent calls, exactly one gets it. If there is
   * none, stores `promotion`.
   */
  askPromotion(id: string, promotion: WaitingPromotion, now: number): Promise<WaitingPromotion | undefined>;
}

/** A promotion waits this long for its second person. */
const WAIT_MS = 15 * 60_000;

/** A promotion takes two persons who request the same within the time limit: the second request is the approval. It survives a restart. */
export class SecondPerson {
  readonly #now: () => number;
  readonly #store: WaitingPromotions;

  /** `now`: machine time, ms UTC. */
  constructor(now: () => number, store: WaitingPromotions) {
    this.#now = now;
    this.#store = store;
  }

  /** The first requester and their reason, if it is another person; else LS-DESK-005, and the request waits. */
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
      `a promotion takes two persons: ${id} becomes ${to} once another engineer requests the same within ${minutes} min`,
    );
  }

  /** The pending promotion of a model. */
  async waiting(id: string): Promise<WaitingPromotion | undefined> {
    const found = await this.#store.waitingPromotion(id);
    return found === undefined || found.until <= this.#now() ? undefined : found;
  }
}
