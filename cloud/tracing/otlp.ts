import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { VERSION } from '../../shared/version.ts';
import { spanId, traceId, type Span } from './span.ts';

export interface OtlpOptions {
  /** Address of the collector; spans go to `/v1/traces` below it. */
  readonly url: string;
  readonly machine: TimeBase;
  /** Called with the reason when the collector takes no spans; with null when it does again. */
  readonly onStanding: (why: string | null) => void;
}

const EVERY_MS = 5000;
const MOST_AT_ONCE = 512;
/** Further spans are dropped: nothing depends on traces. */
const MOST_HELD = 4096;
const TIMEOUT_MS = 10_000;
/** Total time that a stop waits for the collector. */
const STOP_MS = 1000;
/** Numbers of kinds and states in opentelemetry/proto/trace/v1/trace.proto. */
const INTERNAL = 1;
const ERROR = 2;

/** Sends spans to an OpenTelemetry collector: OTLP 1 over HTTP, as JSON. Spans that it does not take are dropped. */
export class OtlpExporter {
  readonly #options: OtlpOptions;
  readonly #url: string;
  #held: Span[] = [];
  #timer: Timer | undefined;
  #sending: Promise<void> | undefined;
  #isAway = false;
  #isStopped = false;
  readonly #ended = new AbortController();

  constructor(options: OtlpOptions) {
    this.#options = options;
    const { url } = options;
    this.#url = new URL('v1/traces', url.endsWith('/') ? url : `${url}/`).href;
  }

  readonly tell = (span: Span): void => {
    if (this.#isStopped || this.#held.length >= MOST_HELD) return;
    this.#held.push(span);
    this.#timer ??= this.#options.machine.after(EVERY_MS, () => this.#turn());
  };

  /** Sends what is held, once, while the collector takes it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    const end = (): void =>
      this.#ended.abort(new Error(`the cloud is stopping, and the collector did not answer within ${STOP_MS} ms`));
    const deadline = this.#options.machine.after(STOP_MS, end);
    await this.#sending;
    while (this.#held.length > 0 && !this.#isAway) await this.#send(this.#held.splice(0, MOST_AT_ONCE));
    deadline.cancel();
  }

  async #turn(): Promise<void> {
    this.#sending = this.#send(this.#held.splice(0, MOST_AT_ONCE));
    await this.#sending;
    const isDone = this.#isStopped || this.#held.length === 0;
    this.#timer = isDone ? undefined : this.#options.machine.after(0, () => this.#turn());
  }

  async #send(spans: readonly Span[]): Promise<void> {
    const why = await post(this.#url, JSON.stringify(messageOf(spans)), this.#ended.signal);
    if ((why !== null) !== this.#isAway) this.#options.onStanding(why);
    this.#isAway = why !== null;
  }
}

/** Why the message was not taken; null: it was. */
async function post(url: string, body: string, ended: AbortSignal): Promise<string | null> {
  try {
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ended]);
    const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
    await answer.body?.cancel();
    return answer.ok ? null : `${url} answers ${answer.status}`;
  } catch (error) {
    const { cause, message } = error as Error;
    return `${url}: ${cause instanceof Error ? cause.message : message}`;
  }
}

const messageOf = (spans: readonly Span[]) => ({
  resourceSpans: [
    {
      resource: { attributes: attributesOf({ 'service.name': 'loadstone-cloud', 'service.version': VERSION }) },
      scopeSpans: [{ scope: { name: 'loadstone', version: VERSION }, spans: spans.map(spanOf) }],
    },
  ],
});

const spanOf = ({ of, name, nth, within, start, end, attributes, fault }: Span) => ({
  traceId: traceId(of),
  spanId: spanId(of, nth === undefined ? name : `${name} ${nth}`),
  ...(within === undefined ? {} : { parentSpanId: spanId(of, within) }),
  name,
  kind: INTERNAL,
  startTimeUnixNano: nanoseconds(start),
  endTimeUnixNano: nanoseconds(Math.max(start, end)),
  attributes: attributesOf(attributes),
  ...(fault === undefined ? {} : { status: { code: ERROR, message: fault } }),
});

/** Protobuf's JSON encodes 64-bit integers as text. */
const nanoseconds = (ms: number): string => String(BigInt(Math.round(ms * 1000)) * 1000n);

const attributesOf = (attributes: Span['attributes']) =>
  Object.entries(attributes).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : Number.isInteger(value)
          ? { intValue: String(value) }
          : { doubleValue: value },
  }));
