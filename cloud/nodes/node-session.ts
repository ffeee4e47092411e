import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { refusing } from '../compute/thread-calls.ts';
import { Inbox, opened, Outbox, OWNER } from './letters.ts';
import type { Channel, FromNode, FromOwner, Welcome } from './messages.ts';
import type { NodeWire } from './wire.ts';

export interface NodeSessionOptions {
  readonly key: Uint8Array;
  /** New for each session. */
  readonly id: string;
  readonly version: string;
  readonly wire: NodeWire;
  readonly time: TimeBase;
  readonly onWelcome: (welcome: Welcome) => void;
  readonly onMessage: (channel: Channel, message: object) => void;
}

const LOOK_MS = 1000;
/** The owner may be slow while it computes. */
const WELCOME_MS = 10_000;
/** An owner writes at least each second. */
export const LOST_MS = 10_000;

/** A node and one owner, from the request for a line until the line is lost. */
export class NodeSession {
  readonly #options: NodeSessionOptions;
  readonly #over = Promise.withResolvers<string>();
  readonly #timer: Timer;
  readonly #askedAt: number;
  #inbox = new Inbox();
  #outbox: Outbox;
  #line = '';
  #isOver = false;
  #tag = 0;
  /** Calls on their way to the owner, by the tag of each letter. */
  readonly #sending = new Map<number, { readonly channel: Channel; readonly message: object }>();
  /** Time of the owner's last message, by its clock and by ours. */
  #heard = { at: 0, elapsed: 0 };

  constructor(options: NodeSessionOptions) {
    this.#options = options;
    const { key, id, wire, time } = options;
    this.#outbox = new Outbox(key, { from: id, to: OWNER, line: '', queue: wire.queue });
    this.#askedAt = time.elapsed();
    this.#timer = every(time, LOOK_MS, () => this.#look());
  }

  /** Asks for a line, once. */
  ask(): void {
    this.#write({ kind: 'hello', version: this.#options.version });
  }

  /** Resolves with the reason when the session is over. */
  get over(): Promise<string> {
    return this.#over.promise;
  }

  get stands(): boolean {
    return this.#line !== '' && !this.#isOver;
  }

  /** Throws if the message cannot be cloned. */
  post(channel: Channel, message: object): void {
    const { at: heard } = this.#heard;
    this.#write({ kind: 'call', channel, heard, message }, { channel, message });
  }

  /** Takes a letter, which anyone who can write to the queue may have sent. */
  take(bytes: Uint8Array): void {
    const { key, id, time } = this.#options;
    const letter = opened(key, bytes);
    if (letter === undefined || this.#isOver) return;
    const { from, to, line } = letter.envelope;
    if (from !== OWNER || to !== id || line !== this.#line) return;
    const taken = this.#inbox.take(letter);
    if (taken === 'gap') return this.end('messages from the owner were lost');
    if (taken === 'copy') return;
    this.#heard = { ...this.#heard, elapsed: time.elapsed() };
    if (taken === 'part') return;
    const message = taken.message as FromOwner;
    this.#heard = { ...this.#heard, at: message.at };
    switch (message.kind) {
      case 'welcome':
        return this.#begin(message.line, message.welcome);
      case 'reply':
        return this.#options.onMessage(message.channel, message.message);
      case 'refused':
        return this.end(message.why);
      case 'lost':
        return this.end('messages to the owner were lost');
    }
  }

  sent(tag: number): void {
    this.#sending.delete(tag);
  }

  /** A letter came back: its call is refused, because nothing was done. */
  returned(tag: number): void {
    const why = 'the owner of the cloud is gone: it ended, and another one may take over';
    const call = this.#sending.get(tag);
    this.#sending.delete(tag);
    if (call !== undefined)
      this.#options.onMessage(call.channel, refusing(call.message, new LoadstoneError('LS-API-009', why)));
    this.end(why);
  }

  end(why: string): void {
    this.#isOver = true;
    this.#timer.cancel();
    this.#over.resolve(why);
  }

  #begin(line: string, welcome: Welcome): void {
    const { key, id, wire } = this.#options;
    this.#line = line;
    this.#inbox = new Inbox();
    this.#outbox = new Outbox(key, { from: id, to: OWNER, line, queue: wire.queue });
    this.#options.onWelcome(welcome);
  }

  /** A letter to an owner that is gone comes back, so a ping is sent each second. */
  #look(): void {
    const now = this.#options.time.elapsed();
    if (!this.stands) {
      if (now - this.#askedAt > WELCOME_MS) this.end('the owner of the cloud does not accept this node');
      return;
    }
    const silentMs = now - this.#heard.elapsed;
    if (silentMs > LOST_MS) this.end(`the owner of the cloud has been silent for ${Math.round(silentMs / 1000)} s`);
    else this.#write({ kind: 'ping' });
  }

  #write(message: FromNode, call?: { readonly channel: Channel; readonly message: object }): void {
    for (const letter of this.#outbox.lettersOf(message)) {
      const tag = ++this.#tag;
      if (call !== undefined) this.#sending.set(tag, call);
      this.#options.wire.send(letter, tag);
    }
  }
}
