import type { EventName } from '../events/planner-event.ts';

/** Where events go to. Times in ms UTC of machine time. */
export interface Webhook {
  readonly number: number;
  readonly id: string;
  readonly owner: string;
  readonly url: string;
  readonly events: readonly EventName[];
  /** `whsec_` and base64: signs each delivery. */
  readonly secret: string;
  readonly createdAt: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly lastAt: number | null;
  /** Deliveries that were given up or found no room. */
  readonly dropped: number;
  /** Why nothing is delivered any more; null: it works. */
  readonly disabled: string | null;
}

export interface Delivery {
  readonly number: number;
  readonly webhook: string;
  readonly message: string;
  readonly body: string;
  readonly attempts: number;
}

/** No delivery waits longer, ms: one that would was put off by a clock that has been set back since, and is due. */
export const LONGEST_WAIT_MS = 36_000_000;

/** Webhooks and what is still to be delivered to them, over restarts. */
export interface WebhookStore {
  /** Keeps a webhook where its owner has fewer than `most`, in one step; answers whether it did. */
  add(
    webhook: Pick<Webhook, 'id' | 'owner' | 'url' | 'events' | 'secret' | 'createdAt'>,
    most: number,
  ): Promise<boolean>;
  get(id: string): Promise<Webhook | undefined>;
  /** Of one owner, or all; oldest first. */
  list(owner?: string): Promise<Webhook[]>;
  remove(id: string): Promise<void>;
  pending(id: string): Promise<number>;
  /** Takes in a delivery where its webhook works and fewer than `most` wait for it, in one step; else it counts as dropped. */
  enqueue(
    delivery: Omit<Delivery, 'number' | 'attempts'>,
    limits: { readonly at: number; readonly most: number },
  ): Promise<void>;
  /** The oldest that is due of each webhook. */
  due(now: number, limit: number): Promise<Delivery[]>;
  /** When the next one is due; undefined: none waits. */
  nextAt(): Promise<number | undefined>;
  later(number: number, attempts: number, nextAt: number): Promise<void>;
  done(number: number): Promise<void>;
  dropped(id: string): Promise<void>;
  answered(
    id: string,
    last: { readonly status: number | null; readonly error: string | null; readonly at: number },
  ): Promise<void>;
  /** Delivers nothing any more, and forgets what was still to be delivered. */
  disable(id: string, reason: string): Promise<void>;
}
