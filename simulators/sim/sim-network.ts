import type {
  Link,
  LinkHandlers,
  LinkMessage,
  LinkOptions,
  LinkWill,
  PublishOptions,
} from '../../shared/ports/link.ts';
import type { Random } from '../../shared/ports/random.ts';
import { backOff } from '../../shared/time/back-off.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { topicMatches } from './topic-matches.ts';

/** Faults of the way between a client and the broker, each way. Shares of messages in [0, 1), times in machine ms. */
export interface NetworkFaults {
  readonly drop: number;
  readonly duplicate: number;
  readonly delayMs: readonly [least: number, most: number];
  /** True: a message may overtake the one before it. */
  readonly reorder: boolean;
}

export const goodNetwork: NetworkFaults = { drop: 0, duplicate: 0, delayMs: [1, 5], reorder: false };

export interface SimNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults?: NetworkFaults;
  /** Where some topics take another way than the rest; undefined: this one takes none. */
  readonly faultsOf?: ((topic: string) => NetworkFaults | undefined) | undefined;
  /** First and longest wait of a reconnect, full jitter. */
  readonly reconnectMs?: readonly [number, number];
  /** After how long the broker notices that a client is gone, and sends its will. */
  readonly keepAliveMs?: number;
}

interface Session {
  readonly link: SimLink;
  readonly options: LinkOptions;
  readonly will: LinkWill | undefined;
}

/**
 * A broker and the network around it on virtual time: retained messages, wills, QoS 0 that gets lost, partitions. Like a real
 * broker it takes a QoS 1 message before it has reached anybody, so that `publish` says true for what is lost on the way.
 */
export class SimNetwork {
  faults: NetworkFaults;
  /** Messages that were lost on the way, by fault. */
  lost = 0;
  readonly #options: SimNetworkOptions;
  #retained = new Map<string, Uint8Array>();
  #sessions = new Map<string, Session>();
  #wills = new Map<string, { readonly will: LinkWill; readonly timer: Timer }>();
  #cut = new Set<string>();
  #up = true;

  constructor(options: SimNetworkOptions) {
    this.#options = options;
    this.faults = options.faults ?? goodNetwork;
  }

  /** A link that lives on the clock of its process: when that is killed, it does nothing more. */
  link(clock: Clock = this.#options.clock): SimLink {
    return new SimLink(this, { ...this.#options, clock });
  }

  /** Cuts a client off (or all, without an id); its own end notices at once, the broker after the keep-alive. */
  async partition(clientId?: string): Promise<void> {
    const names = clientId === undefined ? [...this.#sessions.keys()] : [clientId];
    for (const name of names) {
      this.#cut.add(name);
      await this.#sever(name, 'partition');
    }
  }

  heal(clientId?: string): void {
    if (clientId === undefined) this.#cut.clear();
    else this.#cut.delete(clientId);
  }

  /** The client's process dies: its end says nothing more. */
  kill(clientId: string): void {
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    session.link.dies();
    this.#forget(clientId, session);
  }

  /** The broker dies; what it retained is gone, and no will is sent. */
  async stopBroker(): Promise<void> {
    this.#up = false;
    this.#retained.clear();
    for (const { timer } of this.#wills.values()) timer.cancel();
    this.#wills.clear();
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await session.link.loses('broker gone');
  }

  startBroker(): void {
    this.#up = true;
  }

  clients(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  /** For the links: true when the connection stands. */
  async accept(link: SimLink, options: LinkOptions): Promise<boolean> {
    if (!this.#up || this.#cut.has(options.clientId)) return false;
    const old = this.#sessions.get(options.clientId);
    if (old !== undefined && old.link !== link) await this.#sever(options.clientId, 'taken over');
    // A client that is back ends its old session, and that sends the will.
    this.#lastWill(options.clientId);
    this.#sessions.set(options.clientId, { link, options, will: options.will?.() });
    for (const [topic, payload] of this.#retained) {
      if (options.subscriptions.some((filter) => topicMatches(filter, topic))) {
        this.#carry(link, { topic, payload, retain: true }, 1);
      }
    }
    return true;
  }

  /** For the links: a message on its way to the broker, and from there to who wants it. */
  route(message: LinkMessage, qos: 0 | 1): void {
    if (message.retain) {
      if (message.payload.length === 0) this.#retained.delete(message.topic);
      else this.#retained.set(message.topic, message.payload);
    }
    for (const { link, options } of this.#sessions.values()) {
      if (options.subscriptions.some((filter) => topicMatches(filter, message.topic))) {
        this.#carry(link, { ...message, retain: false }, qos);
      }
    }
  }

  /** For the links: a clean good-bye, without the will. */
  leave(link: SimLink, clientId: string): void {
    if (this.#sessions.get(clientId)?.link === link) this.#sessions.delete(clientId);
  }

  /** How long a message takes, or undefined where it is lost; a list where it comes twice. */
  travel(topic: string, qos: 0 | 1): number[] {
    const { random, faultsOf } = this.#options;
    const { drop, duplicate, delayMs } = faultsOf?.(topic) ?? this.faults;
    if (qos === 0 && random.next() < drop) {
      this.lost++;
      return [];
    }
    const delay = (): number => delayMs[0] + random.next() * (delayMs[1] - delayMs[0]);
    return random.next() < duplicate ? [delay(), delay()] : [delay()];
  }

  #carry(link: SimLink, message: LinkMessage, qos: 0 | 1): void {
    for (const delay of this.travel(message.topic, qos)) link.arrives(message, delay);
  }

  async #sever(clientId: string, reason: string): Promise<void> {
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    this.#forget(clientId, session);
    await session.link.loses(reason);
  }

  #forget(clientId: string, session: Session): void {
    this.#sessions.delete(clientId);
    const { will } = session;
    if (will === undefined) return;
    const timer = this.#options.clock.machine.after(this.#options.keepAliveMs ?? 1500, () => this.#lastWill(clientId));
    this.#wills.set(clientId, { will, timer });
  }

  #lastWill(clientId: string): void {
    const pending = this.#wills.get(clientId);
    if (pending === undefined) return;
    pending.timer.cancel();
    this.#wills.delete(clientId);
    const { topic, payload, retain, qos } = pending.will;
    if (this.#up) this.route({ topic, payload, retain }, qos);
  }
}

/** The Link port on the simulated network. */
export class SimLink implements Link {
  readonly #network: SimNetwork;
  readonly #options: SimNetworkOptions;
  #open: { readonly options: LinkOptions; readonly handlers: LinkHandlers } | undefined;
  #connected = false;
  /** Goes up with each connection: what was on its way on an earlier one does not arrive. */
  #connection = 0;
  /** Goes up when a connection breaks: a clean good-bye still lets arrive what was sent before it. */
  #broken = 0;
  #attempt = 0;
  #timer: Timer | undefined;
  #lastUp = 0;
  #lastDown = 0;

  constructor(network: SimNetwork, options: SimNetworkOptions) {
    this.#network = network;
    this.#options = options;
  }

  get connected(): boolean {
    return this.#connected;
  }

  open(options: LinkOptions, handlers: LinkHandlers): void {
    this.#open = { options, handlers };
    this.#attempt = 0;
    this.#connectIn(this.#options.random.next() * 10);
  }

  async publish(topic: string, payload: Uint8Array, { qos, retain = false }: PublishOptions): Promise<boolean> {
    if (!this.#connected) return false;
    const broken = this.#broken;
    const { machine } = this.#options.clock;
    for (const delay of this.#network.travel(topic, qos)) {
      const at = this.#inOrder(machine.elapsed() + delay, this.#lastUp);
      this.#lastUp = at;
      machine.after(at - machine.elapsed(), () => {
        if (broken === this.#broken) this.#network.route({ topic, payload, retain }, qos);
      });
    }
    return true;
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#drop();
    this.#end();
    if (open !== undefined) this.#network.leave(this, open.options.clientId);
  }

  /** From the network. */
  arrives(message: LinkMessage, delayMs: number): void {
    const connection = this.#connection;
    const { machine } = this.#options.clock;
    const at = this.#inOrder(machine.elapsed() + delayMs, this.#lastDown);
    this.#lastDown = at;
    machine.after(at - machine.elapsed(), async () => {
      if (connection === this.#connection) await this.#open?.handlers.onMessage(message);
    });
  }

  /** From the network: the connection is gone; this end notices and tries again. */
  async loses(reason: string): Promise<void> {
    this.#drop();
    this.#broken++;
    this.#retry();
    await this.#open?.handlers.onClose(reason);
  }

  /** From the network: this end does nothing more. */
  dies(): void {
    this.#drop();
    this.#broken++;
    this.#end();
  }

  #end(): void {
    this.#open = undefined;
    this.#timer?.cancel();
  }

  #drop(): void {
    this.#connected = false;
    this.#connection++;
  }

  #inOrder(at: number, last: number): number {
    return this.#network.faults.reorder ? at : Math.max(at, last);
  }

  #retry(): void {
    const { reconnectMs = [1000, 120_000], random } = this.#options;
    this.#connectIn(backOff(reconnectMs, ++this.#attempt, random));
  }

  #connectIn(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.machine.after(delayMs, async () => {
      const open = this.#open;
      if (open === undefined || this.#connected) return;
      this.#connection++;
      if (!(await this.#network.accept(this, open.options))) {
        this.#retry();
        await open.handlers.onClose('no broker');
        return;
      }
      this.#connected = true;
      this.#attempt = 0;
      await open.handlers.onConnect();
    });
  }
}
