import type { Region } from '../../../shared/contracts/region.ts';
import type { TimeBase, Timer } from '../../../shared/time/clock.ts';
import { every } from '../../../shared/time/every.ts';
import { Turns } from '../../../shared/time/turns.ts';
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
  post(request: PostRequest): Promise<number>;
  /** An event could not be queued for its webhooks, or a round of deliveries failed. */
  onBug(error: unknown): void;
}

const TICK_MS = 1000;
const AT_ONCE = 8;
/** Batches between two ticks. */
const ROUNDS = 50;
const MOST_PENDING = 1000;
/** Waits after each failed attempt; then the delivery is dropped, after about a day in all. */
const WAITS_S = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 28_800];

/** Delivers events to webhooks, signed per Standard Webhooks (standardwebhooks.com); retries with growing waits. */
export class WebhookSender {
  readonly #options: WebhookSenderOptions;
  #timer: Timer | undefined;
  #unsubscribe: () => void = () => undefined;
  #turn: Promise<void> | undefined;
  /** Earliest time at which a delivery may be due, machine time; 0: unknown. */
  #nextAt = 0;
  /** Counts deliveries queued for webhooks. */
  #taken = 0;
  /** Queues events in order of arrival. */
  readonly #taking = new Turns();

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
  }

  /** The store must be open. */
  start(): void {
    const { feed, time, tickMs = TICK_MS } = this.#options;
    this.#unsubscribe = feed.listen(
      (event) => void this.#taking.take(() => this.#take(event)).catch((error: unknown) => this.#options.onBug(error)),
    );
    this.#timer = every(time, tickMs, () => this.#pump());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#unsubscribe();
    await this.#taking.over();
    await this.#turn;
  }

  async #take(event: PlannerEvent): Promise<void> {
    const { store, time } = this.#options;
    for (const webhook of await store.list()) {
      if (webhook.disabled !== null || !webhook.events.includes(event.event) || !this.#hears(webhook.owner, event))
        continue;
      await store.enqueue(
        { webhook: webhook.id, message: `msg_${event.id}`, body: bodyOf(event) },
        { at: time.now(), most: MOST_PENDING },
      );
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

  #pump(): void {
    this.#turn ??= this.#deliver()
      .catch((error: unknown) => this.#options.onBug(error))
      .finally(() => (this.#turn = undefined));
  }

  async #deliver(): Promise<void> {
    const { store, time } = this.#options;
    const waitMs = this.#nextAt - time.now();
    if (waitMs === Infinity || (waitMs > 0 && waitMs <= LONGEST_WAIT_MS)) return;
    this.#nextAt = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const taken = this.#taken;
      const due = await store.due(time.now(), AT_ONCE);
      if (due.length === 0) {
        const next = (await store.nextAt()) ?? Infinity;
        if (taken === this.#taken) this.#nextAt = next;
        return;
      }
      await Promise.all(due.map((delivery) => this.#attempt(delivery)));
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
