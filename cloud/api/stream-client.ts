import type { ServerResponse } from 'node:http';
import type { StreamMessages } from '../../shared/contracts/view.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { Caller } from '../access/caller.ts';
import type { Notice } from '../read-model/notice.ts';
import type { ViewLog } from '../read-model/view-log.ts';

/** Notices that wait for a reader; where more come, it is told that some are missing. */
const MOST_WAITING = 200;
/** A browser that has read nothing for so long is cut off. */
const STALLED_MS = 30_000;

export interface StreamClientOptions {
  readonly response: ServerResponse;
  readonly person: string;
  /** Topics, and the position up to which the reader has each; -1: it has nothing. */
  readonly topics: Map<string, number>;
  /** Its reader as of now; undefined where they may not read any more. */
  caller(): Caller | undefined;
  readonly machine: TimeBase;
  /** Name of a position for a reader that comes back. */
  idOf(position: number): string;
}

/** One reader of the stream: what it has, and what waits for it. While it does not read, nothing more is written to it. */
export class StreamClient {
  readonly #options: StreamClientOptions;
  /** By what each is about: of several the newest counts. */
  readonly #waiting = new Map<string, string>();
  #told = '';
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

  /** Topics of which it has nothing that can be built upon begin anew. */
  knows(isKept: (topic: string) => boolean): void {
    const { topics } = this.#options;
    for (const topic of topics.keys()) if (!isKept(topic)) topics.set(topic, -1);
  }

  /**
   * A page is told first, and again when it changes, what its reader may do: it must not offer what would be refused. False: its reader may
   * not read any more.
   */
  tellStanding(): boolean {
    const caller = this.#options.caller();
    if (caller === undefined) return false;
    const { scopes: rights, isLocked: locked = false } = caller;
    const text = JSON.stringify({ rights, locked } satisfies StreamMessages['session']);
    if (text === this.#told) return true;
    this.#told = text;
    this.#waiting.set('session', message('session', text));
    this.#flush();
    return true;
  }

  /** True where it wants to hear of it. */
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

  /** What changed of its views, and what waits. */
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
    // Behind all of it: who has read half of it has not got so far.
    if (text !== '') response.write(`${text}id: ${this.#options.idOf(position)}\n\n`);
    this.#flush();
  }

  /** The sign of life, apart from data. */
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

/** Two notices with the same one are about the same thing. */
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
