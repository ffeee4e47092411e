import type { Region } from '../../../shared/contracts/region.ts';
import type { TimeBase, Timer } from '../../../shared/time/clock.ts';
import { every } from '../../../shared/time/every.ts';
import { type Caller, mayRead } from '../../access/caller.ts';
import { type Reach, reachOf } from '../../webhooks/allowed-url.ts';
import type { PostRequest } from '../../webhooks/post.ts';
import { signedPost } from '../../webhooks/signed-post.ts';
import type { PlannerEvent, PlannerFeed } from '../events/planner-event.ts';
import { LONGEST_WAIT_MS, type Delivery, type Webhook, type WebhookStore } from './webhook-store.ts';

export interface WebhookSenderOptions {
  readonly store: WebhookStore;
  readonly feed: PlannerFeed;
  readonly region: Region;
  /** Machine time. */
  readonly time: TimeBase;
  /** The caller with this name and its current rights; undefined: removed. */
  callerNamed(name: string): Caller | undefined;
  readonly allowed: readonly string[];
  /** Interval between checks for due deliveries, ms; a second by default. */
  readonly tickMs?: number;
  /** Deliveries that may wait for one webhook; 20,000 by default. */
  readonly mostPending?: number;
  post(request: PostRequest): Promise<number>;
  /** An event could not be queued for its webhooks, or a round of deliveries failed. */
  onBug(error: unknown): void;
}

const TICK_MS = 1000;
/** Webhooks that are delivered to at the same time. */
const AT_ONCE = 100;
/** Deliveries to one webhook between two looks. */
const IN_A_ROW = 50;
/** About a day of forecasts of 200 targets. */
const MOST_PENDING = 20_000;
/** Events in memory that the store has not taken yet. */
const MOST_HEARD = 20_000;
/** Waits after each failed attempt; then the delivery is dropped, after about a day in all. */
const WAITS_S = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 28_800];

/** An event, and the webhooks that it is queued for. */
interface Heard {
  readonly event: PlannerEvent;
  readonly queued: Set<string>;
}

/**
 * Delivers events to webhooks, signed per Standard Webhooks (standardwebhooks.com); retries with growing waits. Each webhook gets one
 * delivery at a time, and none waits for the receiver of another.
 */
export class WebhookSender {
  readonly #options: WebhookSenderOptions;
  #timer: Timer | undefined;
  #unsubscribe: () => void = () => undefined;
  /** Oldest first; the store has not taken them for every webhook. */
  readonly #heard: Heard[] = [];
  #queueing: Promise<void> | undefined;
  #look: Promise<void> | undefined;
  /** Deliveries under way, by webhook. */
  readonly #lanes = new Map<string, Promise<void>>();
  #isStopping = false;
  /** Earliest time at which a delivery may be due, machine time; 0: unknown. */
  #nextAt = 0;
  /** Counts deliveries queued for webhooks. */
  #taken = 0;

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
  }

  /** The store must be open. */
  start(): void {
    const { feed, time, tickMs = TICK_MS } = this.#options;
    this.#unsubscribe = feed.listen((event) => {
      if (this.#heard.length < MOST_HEARD) this.#heard.push({ event, queued: new Set() });
      else this.#options.onBug(new Error(`event ${event.id} reaches no webhook: the store has taken none for long`));
      this.#queue();
    });
    this.#timer = every(time, tickMs, () => {
      this.#queue();
      return this.#pump();
    });
  }

  /** Whoever publishes events must have stopped. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#timer?.cancel();
    this.#unsubscribe();
    this.#queue();
    await this.#queueing;
    await this.#look;
    await Promise.all(this.#lanes.values());
  }

  #queue(): void {
    if (this.#heard.length > 0) this.#queueing ??= this.#queueHeard();
  }

  /** Queues events in order of arrival. If the store fails, the next tick tries again. */
  async #queueHeard(): Promise<void> {
    try {
      for (let next = this.#heard[0]; next !== undefined; next = this.#heard[0]) {
        await this.#take(next);
        this.#heard.shift();
      }
    } catch (error) {
      this.#options.onBug(error);
    }
    this.#queueing = undefined;
  }

  async #take({ event, queued }: Heard): Promise<void> {
    const { store, time, mostPending = MOST_PENDING } = this.#options;
    for (const webhook of await store.list()) {
      const { id, owner, events, disabled } = webhook;
      if (queued.has(id) || disabled !== null || !events.includes(event.event) || !this.#hears(owner, event)) continue;
      await store.enqueue(
        { webhook: id, message: `msg_${event.id}`, body: bodyOf(event) },
        { at: time.now(), most: mostPending },
      );
      queued.add(id);
      this.#nextAt = 0;
      this.#taken++;
    }
  }

  #hears(owner: string, { target, owner: own }: PlannerEvent): boolean {
    return this.#mayRead(owner, target) && (target !== null || own === owner);
  }

  /** By current rights. Null: private to its owner. */
  #mayRead(owner: string, target: string | null): boolean {
    const caller = this.#options.callerNamed(owner);
    if (caller === undefined || !caller.scopes.includes('planner:read')) return false;
    return target === null || mayRead(this.#options.region, caller, target);
  }

  async #pump(): Promise<void> {
    this.#look ??= this.#startDue()
      .catch((error: unknown) => this.#options.onBug(error))
      .finally(() => (this.#look = undefined));
    await this.#look;
  }

  async #startDue(): Promise<void> {
    const { store, time } = this.#options;
    const waitMs = this.#nextAt - time.now();
    if (waitMs === Infinity || (waitMs > 0 && waitMs <= LONGEST_WAIT_MS)) return;
    this.#nextAt = 0;
    const taken = this.#taken;
    for (const delivery of await store.due(time.now(), AT_ONCE)) {
      const { webhook } = delivery;
      if (this.#lanes.has(webhook)) continue;
      const lane = this.#deliver(delivery)
        .catch((error: unknown) => this.#options.onBug(error))
        .finally(() => this.#lanes.delete(webhook));
      this.#lanes.set(webhook, lane);
    }
    if (this.#lanes.size > 0) return;
    const next = (await store.nextAt()) ?? Infinity;
    if (taken === this.#taken) this.#nextAt = next;
  }

  /** Delivers what is due to one webhook. */
  async #deliver(first: Delivery): Promise<void> {
    const { store, time } = this.#options;
    let next: Delivery | undefined = first;
    for (let count = 0; next !== undefined && count < IN_A_ROW && !this.#isStopping; count++) {
      await this.#attempt(next);
      [next] = await store.due(time.now(), 1, first.webhook);
    }
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { store, time, allowed } = this.#options;
    const webhook = await store.get(delivery.webhook);
    // Rights may have been revoked while it waited.
    if (webhook === undefined || !this.#mayRead(webhook.owner, targetOf(delivery.body)))
      return store.done(delivery.number);
    let reach: Reach;
    try {
      reach = reachOf(webhook.url, allowed, '/url');
    } catch {
      return store.disable(webhook.id, 'the configuration no longer allows its host');
    }
    const { status, error } = await this.#send(webhook, delivery, reach);
    const now = time.now();
    await store.answered(webhook.id, { status, error, at: now });
    if (status !== null && status >= 200 && status < 300) return store.done(delivery.number);
    if (status === 410) return store.disable(webhook.id, 'its receiver answered 410 Gone');
    const waitS = WAITS_S[delivery.attempts];
    if (waitS === undefined) {
      await store.done(delivery.number);
      return store.dropped(webhook.id);
    }
    await store.later(delivery.number, delivery.attempts + 1, now + waitS * 1000);
  }

  async #send(
    { url, secret }: Webhook,
    { message, body }: Delivery,
    reach: Reach,
  ): Promise<{ readonly status: number | null; readonly error: string | null }> {
    const { time } = this.#options;
    const post = (request: PostRequest): Promise<number> => this.#options.post(request);
    try {
      const status = await signedPost({ url, secret, id: message, body, reach, time, post });
      return { status, error: status >= 200 && status < 300 ? null : `answered ${status}` };
    } catch (error) {
      return { status: null, error: error instanceof Error ? error.message.slice(0, 200) : 'no answer' };
    }
  }
}

const bodyOf = ({ event, at, target, data }: PlannerEvent): string =>
  JSON.stringify({
    type: event,
    timestamp: new Date(at).toISOString(),
    data: target === null ? data : { target, ...data },
  });

/** The target of a body; null: private to its owner. */
function targetOf(body: string): string | null {
  const { data } = JSON.parse(body) as { readonly data: { readonly target?: string } };
  return data.target ?? null;
}
