import type { ServerResponse } from 'node:http';
import type { StreamMessages } from '../../shared/contracts/view.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { Caller } from '../access/caller.ts';
import type { Notice } from '../read-model/notice.ts';
import type { ViewLog } from '../read-model/view-log.ts';

/** Notices queued for a reader. Beyond that they are dropped, and the reader is told about the gap. */
const MOST_WAITING = 200;
/** A reader that has not drained its connection for this long is disconnected. */
const STALLED_MS = 30_000;

export interface StreamClientOptions {
  readonly response: ServerResponse;
  readonly person: string;
  /** Topics, and the position up to which the reader has each; -1 for none. */
  readonly topics: Map<string, number>;
  /** The reader's current rights; undefined once it may no longer read. */
  caller(): Caller | undefined;
  readonly machine: TimeBase;
  /** Id of a position, which a returning reader sends. */
  idOf(position: number): string;
}

/** One reader of the stream: what it has, and what is queued for it. Nothing more is written while its connection is backed up. */
export class StreamClient {
  readonly #options: StreamClientOptions;
  /** Keyed by subject: only the newest message about each is kept. */
  readonly #waiting = new Map<string, string>();
  #sentSession = '';
  #stalledAt: number | undefined;

  constructor(options: StreamClientOptions) {
    this.#options = options;
  }

  get person(): string {
    return this.#options.person;
  }

  get topics(): ReadonlyMap<string, number> {
    return this.#options.topics;
  }

  end(): void {
    this.#options.response.end();
  }

  /** Resets the topics that cannot be continued, so that they are sent whole. */
  knows(isRetained: (topic: string) => boolean): void {
    const { topics } = this.#options;
    for (const topic of topics.keys()) if (!isRetained(topic)) topics.set(topic, -1);
  }

  /**
   * Tells the page what its reader may do, first and after each change, so that it never offers what would be refused. Returns false if the
   * reader may no longer read.
   */
  tellStanding(): boolean {
    const caller = this.#options.caller();
    if (caller === undefined) return false;
    const { scopes: rights, isLocked: locked = false } = caller;
    const text = JSON.stringify({ rights, locked } satisfies StreamMessages['session']);
    if (text === this.#sentSession) return true;
    this.#sentSession = text;
    this.#waiting.set('session', message('session', text));
    this.#flush();
    return true;
  }

  /** Queues a notice. Returns true if the reader subscribed to it. */
  takes(notice: Notice): boolean {
    const { topics } = this.#options;
    const isGap = notice.kind === 'gap';
    if (!isGap && !topics.has(notice.kind)) return false;
    if (isGap || this.#waiting.size >= MOST_WAITING) {
      for (const about of this.#waiting.keys()) if (about !== 'session') this.#waiting.delete(about);
      this.#waiting.set('gap', message('gap', 'null'));
    }
    if (!isGap) this.#waiting.set(subjectOf(notice), message(notice.kind, JSON.stringify(notice.data)));
    return true;
  }

  /** Sends the changes of its views, and what is queued. */
  send(logOf: (topic: string) => ViewLog | undefined, position: number): void {
    if (this.#isStalled()) return;
    const { topics, response } = this.#options;
    let text = '';
    for (const [topic, known] of topics) {
      const log = logOf(topic);
      if (log === undefined) continue;
      const changes = known < 0 ? undefined : log.since(known);
      topics.set(topic, position);
      if (known < 0) text += message(topic.split(':')[0]!, log.whole());
      else if (changes !== undefined)
        text += message('changes', `{"topic":${JSON.stringify(topic)},"patch":${changes}}`);
    }
    // The id comes last, so that a reader that got only half of the text does not claim the position.
    if (text !== '') response.write(`${text}id: ${this.#options.idOf(position)}\n\n`);
    this.#flush();
  }

  /** Sends a heartbeat, separate from data. */
  beat(data: string): void {
    if (!this.#isStalled()) this.#options.response.write(message('heartbeat', data));
  }

  #flush(): void {
    if (this.#waiting.size === 0 || this.#isStalled()) return;
    this.#options.response.write([...this.#waiting.values()].join(''));
    this.#waiting.clear();
  }

  #isStalled(): boolean {
    const { response, machine } = this.#options;
    if (!response.writableNeedDrain) {
      this.#stalledAt = undefined;
      return false;
    }
    this.#stalledAt ??= machine.elapsed();
    if (machine.elapsed() - this.#stalledAt > STALLED_MS) response.destroy();
    return true;
  }
}

const message = (name: string, data: string): string => `event: ${name}\ndata: ${data}\n\n`;

/** Notices with the same subject replace each other. */
function subjectOf({ kind, data }: Notice): string {
  switch (kind) {
    case 'forecast':
    case 'model':
      return `${kind} ${data.target}`;
    case 'plan':
      return `${kind} ${data.substation}`;
    case 'event':
    case 'command':
    case 'incident':
      return `${kind} ${data.id}`;
    case 'gap':
      return kind;
  }
}
