import { signal } from '@preact/signals';
import type { StreamMessages } from '../../../../shared/contracts/view.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { backOff } from '../../../../shared/time/back-off.ts';
import { HeldViews } from '../lib/held-views.ts';
import { Lateness } from '../lib/lateness.ts';
import { Silence, type Instant } from '../lib/silence.ts';
import { SseParser, type SseMessage } from '../lib/sse.ts';
import { ANSWER_LOST_MS, HEARTBEAT_LOST_MS } from '../lib/staleness.ts';
import { comebacks } from './settings.ts';

export type LinkState = 'connecting' | 'up' | 'lost';
/** Views that are sent whole, then as changes. */
const VIEWS: readonly string[] = ['region', 'links', 'gateways', 'gateway', 'feeder', 'areas', 'alarms'];

type Handlers = {
  readonly [Name in Exclude<keyof StreamMessages, 'changes'>]: (data: StreamMessages[Name]) => void;
};

const RETRY_MS = [1_000, 15_000] as const;

/** State of the link from this page to the cloud, judged only by the server's heartbeat. */
export const cloudLink = signal<LinkState>('connecting');
/** performance.now() of the last heartbeat. */
export const lastHeartbeat = signal<number | null>(null);
/** Why the cloud refused the stream, if it did. */
export const refusal = signal<ProblemAnswer | null>(null);

const instant = (): Instant => ({ monotonicMs: performance.now(), wallMs: Date.now() });

/** Reads /v1/stream by fetch, so that a refusal can be read, and reconnects after each end with a growing back-off. */
export class Stream {
  readonly #handlers: Handlers;
  readonly #opened: () => void;
  #topics = '';
  readonly #views = new HeldViews();
  #abort = new AbortController();
  #failures = 0;
  #retry: number | undefined;
  readonly #silence = new Silence(instant());
  #lateness = new Lateness();
  /** Silence since the last request for a stream, until its first heartbeat. */
  #asked: Silence | undefined;

  constructor(handlers: Handlers, opened: () => void) {
    this.#handlers = handlers;
    this.#opened = opened;
  }

  /** Switches to other topics; the old stream stays until the new one answers. */
  follow(topics: readonly string[]): void {
    const wanted = topics.join(',');
    if (wanted === this.#topics) return;
    this.#topics = wanted;
    this.reconnect();
  }

  reconnect(): void {
    window.clearTimeout(this.#retry);
    void this.#run(this.#abort);
  }

  /**
   * Called every second. An overdue heartbeat means that the link is lost, whatever the socket says. A request that never got an answer is
   * sent again.
   */
  watch(): void {
    const now = instant();
    const isMute = cloudLink.peek() === 'up' && this.#silence.lastsMs(now) > HEARTBEAT_LOST_MS;
    if (isMute || (this.#asked?.lastsMs(now) ?? 0) > ANSWER_LOST_MS) this.#lose();
  }

  /** Reconnects a lost cloud at once, because it may be reachable again. */
  hurry(): void {
    if (cloudLink.peek() === 'lost') this.reconnect();
  }

  #lose(): void {
    cloudLink.value = 'lost';
    this.#abort.abort();
    this.#later();
  }

  #later(): void {
    this.#asked = undefined;
    window.clearTimeout(this.#retry);
    this.#retry = window.setTimeout(() => this.reconnect(), backOff(RETRY_MS, ++this.#failures, { next: Math.random }));
  }

  async #run(old: AbortController): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#asked = new Silence(instant());
    try {
      const answer = await fetch(`/v1/stream?${this.#views.query(this.#topics.split(','))}`, {
        headers: { accept: 'text/event-stream' },
        signal: abort.signal,
      });
      old.abort();
      if (!answer.ok || answer.body === null) {
        refusal.value = (await answer.json()) as ProblemAnswer;
        throw new Error('refused');
      }
      refusal.value = null;
      this.#lateness = new Lateness();
      this.#opened();
      const parser = new SseParser();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read())
        if (!abort.signal.aborted)
          for (const message of parser.push(part.value)) {
            if (message.event === 'heartbeat' && abort === this.#abort) this.#asked = undefined;
            this.#take(message);
            // Messages after a late heartbeat were delayed as well.
            if (abort.signal.aborted) break;
          }
    } catch {
      old.abort();
    }
    if (abort !== this.#abort || abort.signal.aborted) return;
    cloudLink.value = 'lost';
    this.#later();
  }

  #take({ event, data, id }: SseMessage): void {
    if (id !== undefined) this.#views.reached(id);
    if (data === '') return;
    const message = JSON.parse(data) as unknown;
    if (event === 'heartbeat') this.#live(message as StreamMessages['heartbeat']);
    if (event === 'changes') {
      const { topic, patch } = message as StreamMessages['changes'];
      const view = this.#views.changed(topic, patch);
      if (view !== undefined) this.#tell(topic.split(':')[0]!, view);
      return;
    }
    if (VIEWS.includes(event)) this.#views.whole(topicOf(event, message), message);
    this.#tell(event, message);
  }

  #live({ serverTime }: StreamMessages['heartbeat']): void {
    if (this.#lateness.ofMs(serverTime, performance.now()) > HEARTBEAT_LOST_MS) return this.#lose();
    const wasLost = cloudLink.peek() === 'lost';
    this.#failures = 0;
    this.#silence.heard(instant());
    lastHeartbeat.value = performance.now();
    cloudLink.value = 'up';
    if (wasLost) comebacks.value++;
  }

  #tell(event: string, message: unknown): void {
    const handler = this.#handlers[event as keyof Handlers] as ((data: unknown) => void) | undefined;
    handler?.(message);
  }
}

/** Views of a single feeder or gateway carry its id. */
const topicOf = (event: string, view: unknown): string =>
  event === 'feeder' || event === 'gateway' ? `${event}:${(view as { readonly id: string }).id}` : event;
