import { randomUUID } from 'node:crypto';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Random } from '../../shared/ports/random.ts';
import { backOff } from '../../shared/time/back-off.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { CallLine } from '../compute/thread-calls.ts';
import { KEY_BYTES } from './letters.ts';
import { CHANNELS, type Channel, type Welcome } from './messages.ts';
import { NodeSession } from './node-session.ts';
import type { NodeWire, NodeWireEvents } from './wire.ts';

export interface NodeLineOptions {
  readonly version: string;
  /** Rejects with the reason if the broker cannot be reached. */
  readonly open: (events: NodeWireEvents) => Promise<NodeWire>;
  /** The current owner's key from the database; undefined: none yet. */
  readonly key: () => Promise<Uint8Array | undefined>;
  readonly time: TimeBase;
  readonly random: Random;
  /** An owner answers from now on, until `onAway`. */
  readonly onFollow: (welcome: Welcome) => void;
  /** No owner answers, with the reason. */
  readonly onAway: (why: string) => void;
}

const AGAIN_MS = [1000, 15_000] as const;
/** Interval between attempts to find an owner while the broker is reachable. */
const LOOK_MS = 1000;

/** A node's end of its line to the current owner. It reconnects by itself, to that owner or the next. */
export class NodeLine {
  readonly #options: NodeLineOptions;
  readonly #listeners = new Map<Channel, (message: never) => void>();
  readonly #onLost: (() => void)[] = [];
  readonly #closed = Promise.withResolvers<string>();
  #session: NodeSession | undefined;
  #follows = false;
  #isClosed = false;
  #why = 'this node has not found its owner yet';

  readonly lines: Readonly<Record<Channel, CallLine>>;

  constructor(options: NodeLineOptions) {
    this.#options = options;
    this.lines = Object.fromEntries(CHANNELS.map((channel) => [channel, this.#lineOf(channel)])) as Record<
      Channel,
      CallLine
    >;
  }

  /** Runs until `close`, then resolves. */
  async run(): Promise<void> {
    for (let failures = 0; !this.#isClosed;) {
      try {
        await this.#stand();
        failures = 1;
      } catch (error) {
        this.#away(messageOf(error));
        failures++;
      }
      await this.#pause(backOff(AGAIN_MS, failures, this.#options.random));
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#closed.resolve('this node is stopping');
  }

  /** Follows owners while the connection to the broker lasts. */
  async #stand(): Promise<void> {
    const over = Promise.withResolvers<string>();
    const state = { isOver: false };
    const wire = await this.#options.open({
      onLetter: (letter) => this.#session?.take(letter),
      onSent: (tag) => this.#session?.sent(tag),
      onReturned: (tag) => this.#session?.returned(tag),
      onClose: (why) => {
        state.isOver = true;
        over.resolve(why);
      },
    });
    try {
      while (!state.isOver && !this.#isClosed) {
        this.#away(await this.#follow(wire, over.promise));
        await this.#pause(LOOK_MS, over.promise);
      }
    } finally {
      await wire.end();
    }
  }

  /** Follows one owner; resolves with the reason when that ends. */
  async #follow(wire: NodeWire, over: Promise<string>): Promise<string> {
    const { key: ask, version, time, onFollow } = this.#options;
    const key = await ask();
    if (key?.length !== KEY_BYTES) return 'no owner of the cloud has registered in the database yet';
    const session = new NodeSession({
      key,
      id: randomUUID(),
      version,
      wire,
      time,
      onWelcome: (welcome) => {
        this.#follows = true;
        onFollow(welcome);
      },
      onMessage: (channel, message) => this.#listeners.get(channel)?.(message as never),
    });
    this.#session = session;
    session.ask();
    const why = await Promise.race([session.over, over, this.#closed.promise]);
    session.end(why);
    return why;
  }

  /** Pending calls fail, and new ones are refused. */
  #away(why: string): void {
    const followed = this.#follows;
    this.#follows = false;
    this.#session = undefined;
    this.#why = why;
    if (followed) for (const listener of this.#onLost) listener();
    this.#options.onAway(why);
  }

  #lineOf(channel: Channel): CallLine {
    return {
      post: (message) => {
        if (this.#session?.stands !== true) throw new LoadstoneError('LS-API-009', this.#why);
        this.#session.post(channel, message);
      },
      onMessage: (listener) => void this.#listeners.set(channel, listener),
      onLost: (listener) => void this.#onLost.push(listener),
    };
  }

  async #pause(ms: number, over: Promise<unknown> = this.#closed.promise): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.time.after(ms, resolve);
    await Promise.race([promise, over, this.#closed.promise]);
    timer.cancel();
  }
}
