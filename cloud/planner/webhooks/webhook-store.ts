import type { EventName } from '../events/planner-event.ts';

/** A destination of events. Times in ms UTC of machine time. */
export interface Webhook {
  readonly number: number;
  readonly id: string;
  readonly owner: string;
  readonly url: string;
  readonly events: readonly EventName[];
  /** `whsec_` and base64; the key that signs each delivery. */
  readonly secret: string;
  readonly createdAt: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly lastAt: number | null;
  /** Deliveries that were given up or did not fit the queue. */
  readonly dropped: number;
  /** Why deliveries have stopped; null: active. */
  readonly disabled: string | null;
}

export interface Delivery {
  readonly number: number;
  readonly webhook: string;
  readonly message: string;
  readonly body: string;
  readonly attempts: number;
}

/** No delivery waits longer, ms. One that would was scheduled before the clock was set back, and is due. */
export const LONGEST_WAIT_MS = 36_000_000;

/** Webhooks and their pending deliveries; both survive restarts. */
export interface WebhookStore {
  /** Adds a webhook if its owner has fewer than `most`, atomically; returns whether it did. */
  add(
    webhook: Pick<Webhook, 'id' | 'owner' | 'url' | 'events' | 'secret' | 'createdAt'>,
    most: number,
  ): Promise<boolean>;
  get(id: string): Promise<Webhook | undefined>;
  /** Webhooks of one owner, or all; oldest first. */
  list(owner?: string): Promise<Webhook[]>;
  remove(id: string): Promise<void>;
  pending(id: string): Promise<number>;
  /** Queues a delivery if its webhook is active and has fewer than `most` pending, atomically; otherwise counts it as dropped. */
  enqueue(
    delivery: Omit<Delivery, 'number' | 'attempts'>,
    limits: { readonly at: number; readonly most: number },
  ): Promise<void>;
  /** The oldest due delivery of each webhook, or of one. */
  due(now: number, limit: number, webhook?: string): Promise<Delivery[]>;
  /** When the next delivery is due; undefined: none is pending. */
  nextAt(): Promise<number | undefined>;
  later(number: number, attempts: number, nextAt: number): Promise<void>;
  done(number: number): Promise<void>;
  dropped(id: string): Promise<void>;
  answered(
    id: string,
    last: { readonly status: number | null; readonly error: string | null; readonly at: number },
  ): Promise<void>;
  /** Stops deliveries and deletes the pending ones. */
  disable(id: string, reason: string): Promise<void>;
}
