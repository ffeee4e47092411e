import { randomUUID } from 'node:crypto';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { refusing, type CallLine } from '../compute/thread-calls.ts';
import { Inbox, opened, Outbox, OWNER, type Letter } from './letters.ts';
import { CHANNELS, type Channel, type FromNode, type OwnerSays, type Welcome } from './messages.ts';

export interface OwnerLinesOptions {
  /** New for each owner. */
  readonly key: Uint8Array;
  /** Only a node of the same version understands the messages. */
  readonly version: string;
  readonly welcome: () => Welcome;
  /** Answers a node from now on. */
  readonly answer: (lines: Readonly<Record<Channel, CallLine>>) => void;
  /** Called once a second while there are nodes: releases waiting feed calls with the changes so far, so that nodes hear from the owner. */
  readonly beat: () => void;
  /** Sends a letter to a queue; drops it if the queue is gone. */
  readonly send: (queue: string, letter: Buffer) => void;
  readonly time: TimeBase;
  /** Called with the number of nodes when it changes. */
  readonly onNodes?: (count: number) => void;
}

const BEAT_MS = 1000;
/** Nodes write each second; a node that was forgotten asks for a new line. */
const SILENT_MS = 60_000;
/** An act is done only if its sender has seen the current state within this time, so that one delayed on its way has no effect. */
const FRESH_MS = 30_000;
const MOST_NODES = 100;
/** Limit of unanswered requests of one node; more are refused. */
export const MOST_ASKED = 500;

interface Node {
  readonly id: string;
  readonly queue: string;
  readonly line: string;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly listeners: Map<Channel, (message: never) => void>;
  readonly onLost: (() => void)[];
  lastAt: number;
  /** Number of unanswered requests. */
  readonly asked: Record<Channel, number>;
}

/** The owner's ends of its lines to api nodes. */
export class OwnerLines {
  readonly #options: OwnerLinesOptions;
  readonly #nodes = new Map<string, Node>();
  readonly #timer: Timer;

  constructor(options: OwnerLinesOptions) {
    this.#options = options;
    this.#timer = every(options.time, BEAT_MS, () => this.#beat());
  }

  /** Takes a letter, which anyone who can write to the queue may have sent. */
  take(bytes: Uint8Array): void {
    const letter = opened(this.#options.key, bytes);
    if (letter?.envelope.to !== OWNER) return;
    if (letter.envelope.line === '') this.#greet(letter);
    else this.#hear(letter);
  }

  /** The connection is lost: nodes ask for new lines. */
  forget(): void {
    for (const node of this.#nodes.values()) this.#drop(node);
  }

  /** True while acts are in progress. */
  get isBusy(): boolean {
    return [...this.#nodes.values()].some(({ asked }) => asked.calls > 0);
  }

  close(): void {
    this.#timer.cancel();
    this.forget();
  }

  #greet(letter: Letter): void {
    const { from: id, queue } = letter.envelope;
    const taken = new Inbox().take(letter);
    if (typeof taken === 'string' || this.#nodes.has(id)) return;
    const hello = taken.message as FromNode;
    if (hello.kind !== 'hello') return;
    // A node that asks again has given up its last line.
    for (const before of [...this.#nodes.values()].filter((each) => each.queue === queue)) this.#drop(before);
    const { key, version, welcome, time } = this.#options;
    const line = randomUUID();
    const why =
      hello.version !== version
        ? `the owner is Loadstone ${version}, this node is ${hello.version}: install the same version on both`
        : this.#nodes.size >= MOST_NODES
          ? `the owner already has ${MOST_NODES} api nodes, the maximum`
          : undefined;
    const node: Node = {
      id,
      queue,
      line,
      inbox: new Inbox(),
      outbox: new Outbox(key, { from: OWNER, to: id, line, queue: '' }),
      listeners: new Map(),
      onLost: [],
      lastAt: time.elapsed(),
      asked: { calls: 0, changes: 0 },
    };
    // The first letter names the line.
    const first = new Outbox(key, { from: OWNER, to: id, line: '', queue: '' });
    const answer: OwnerSays =
      why === undefined ? { kind: 'welcome', line, welcome: welcome() } : { kind: 'refused', why };
    for (const each of first.lettersOf({ ...answer, at: time.elapsed() })) this.#options.send(queue, each);
    if (why !== undefined) return;
    this.#nodes.set(id, node);
    this.#options.answer(
      Object.fromEntries(CHANNELS.map((channel) => [channel, this.#lineTo(node, channel)])) as Record<
        Channel,
        CallLine
      >,
    );
    this.#tellNodes();
  }

  #hear(letter: Letter): void {
    const { from, line } = letter.envelope;
    const node = this.#nodes.get(from);
    if (node?.line !== line) return;
    const taken = node.inbox.take(letter);
    if (taken === 'gap') return this.#lose(node);
    if (taken === 'copy') return;
    node.lastAt = this.#options.time.elapsed();
    if (taken === 'part') return;
    const message = taken.message as FromNode;
    if (message.kind === 'call') this.#call(node, message);
  }

  #call(node: Node, { channel, heard, message }: FromNode & { readonly kind: 'call' }): void {
    const refuse = (why: string): void =>
      this.#write(node, { kind: 'reply', channel, message: refusing(message, new LoadstoneError('LS-API-009', why)) });
    if (this.#options.time.elapsed() - heard > FRESH_MS)
      return refuse('the request reached the owner too late, and nothing was done');
    if (node.asked[channel] >= MOST_ASKED)
      return refuse(`${MOST_ASKED} requests of this node are already waiting at the owner`);
    node.asked[channel]++;
    node.listeners.get(channel)?.(message as never);
  }

  #lineTo(node: Node, channel: Channel): CallLine {
    return {
      post: (message) => {
        this.#write(node, { kind: 'reply', channel, message });
        node.asked[channel]--;
      },
      onMessage: (listener) => void node.listeners.set(channel, listener),
      onLost: (listener) => void node.onLost.push(listener),
    };
  }

  #write(node: Node, says: OwnerSays): void {
    if (this.#nodes.get(node.id) !== node) return;
    const letters = node.outbox.lettersOf({ ...says, at: this.#options.time.elapsed() });
    for (const each of letters) this.#options.send(node.queue, each);
  }

  #lose(node: Node): void {
    this.#write(node, { kind: 'lost' });
    this.#drop(node);
  }

  #drop(node: Node): void {
    this.#nodes.delete(node.id);
    for (const listener of node.onLost) listener();
    this.#tellNodes();
  }

  #beat(): void {
    if (this.#nodes.size === 0) return;
    const now = this.#options.time.elapsed();
    for (const node of this.#nodes.values()) if (now - node.lastAt > SILENT_MS) this.#drop(node);
    this.#options.beat();
  }

  #tellNodes(): void {
    this.#options.onNodes?.(this.#nodes.size);
  }
}
