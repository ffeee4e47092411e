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
import { matchesFilter } from '../../shared/topics/topics.ts';

/** Faults between a client and the broker, in each direction. Shares of messages in [0, 1), times in machine ms. */
export interface NetworkFaults {
  readonly drop: number;
  readonly duplicate: number;
  readonly delayMs: readonly [least: number, most: number];
  /** True: a message may overtake the previous one. */
  readonly reorder: boolean;
}

export const goodNetwork: NetworkFaults = { drop: 0, duplicate: 0, delayMs: [1, 5], reorder: false };

export interface SimNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults?: NetworkFaults;
  /** Faults for single topics; undefined: the default faults. */
  readonly faultsOf?: ((topic: string) => NetworkFaults | undefined) | undefined;
  /** Initial and maximum reconnect delay, full jitter. */
  readonly reconnectMs?: readonly [number, number];
  /** Time until the broker notices a lost client and sends its will. */
  readonly keepAliveMs?: number;
}

interface Session {
  readonly link: SimLink;
  readonly options: LinkOptions;
  readonly will: LinkWill | undefined;
}

/**
 * A broker and its network on virtual time: retained messages, wills, QoS 0 loss, partitions. Like a real broker it accepts a QoS 1 message
 * before any subscriber has it, so `publish` may return true for a message that is lost.
 */
export class SimNetwork {
  faults: NetworkFaults;
  /** Messages lost in transit because of faults. */
  lost = 0;
  readonly #options: SimNetworkOptions;
  #retained = new Map<string, Uint8Array>();
  #sessions = new Map<string, Session>();
  #wills = new Map<string, { readonly will: LinkWill; readonly timer: Timer }>();
  #cut = new Set<string>();
  #allCut = false;
  #up = true;

  constructor(options: SimNetworkOptions) {
    this.#options = options;
    this.faults = options.faults ?? goodNetwork;
  }

  /** A link on the clock of its process: it does nothing once the process is killed. */
  link(clock: Clock = this.#options.clock): SimLink {
    return new SimLink(this, { ...this.#options, clock });
  }

  /** Cuts off a client, or all without an id, also those that are not connected now. The client notices at once, the broker after the keep-alive. */
  async partition(clientId?: string): Promise<void> {
    if (clientId === undefined) this.#allCut = true;
    else this.#cut.add(clientId);
    for (const name of clientId === undefined ? [...this.#sessions.keys()] : [clientId])
      await this.#sever(name, 'partition');
  }

  /** Ends the partition of a client; without an id every partition. */
  heal(clientId?: string): void {
    if (clientId !== undefined) return void this.#cut.delete(clientId);
    this.#cut.clear();
    this.#allCut = false;
  }

  /** The client's process dies: its link sends nothing more. */
  kill(clientId: string): void {
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    session.link.dies();
    this.#forget(clientId, session);
  }

  /** The broker dies; retained messages are gone and no will is sent. */
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

  /** Called by links: true if the connection is accepted. */
  async accept(link: SimLink, options: LinkOptions): Promise<boolean> {
    if (!this.#up || this.#allCut || this.#cut.has(options.clientId)) return false;
    const old = this.#sessions.get(options.clientId);
    if (old !== undefined && old.link !== link) await this.#sever(options.clientId, 'taken over');
    // A client that reconnects ends its old session, which sends its will.
    this.#lastWill(options.clientId);
    this.#sessions.set(options.clientId, { link, options, will: options.will?.() });
    for (const [topic, payload] of this.#retained) {
      if (options.subscriptions.some((filter) => matchesFilter(filter, topic))) {
        this.#carry(link, { topic, payload, retain: true }, 1);
      }
    }
    return true;
  }

  /** Called by links: routes a message through the broker to its subscribers. */
  route(message: LinkMessage, qos: 0 | 1): void {
    if (message.retain) {
      if (message.payload.length === 0) this.#retained.delete(message.topic);
      else this.#retained.set(message.topic, message.payload);
    }
    for (const { link, options } of this.#sessions.values()) {
      if (options.subscriptions.some((filter) => matchesFilter(filter, message.topic))) {
        this.#carry(link, { ...message, retain: false }, qos);
      }
    }
  }

  /** Called by links: a clean disconnect, without the will. */
  leave(link: SimLink, clientId: string): void {
    if (this.#sessions.get(clientId)?.link === link) this.#sessions.delete(clientId);
  }

  /** Delays of a message's copies, ms: none if it is lost, two if it is duplicated. */
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
  /** Incremented on each connection: messages in transit to an earlier one are dropped. */
  #connection = 0;
  /** Incremented when a connection breaks; after a clean disconnect earlier messages still arrive. */
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

  /** Called by the network. */
  arrives(message: LinkMessage, delayMs: number): void {
    const connection = this.#connection;
    const { machine } = this.#options.clock;
    const at = this.#inOrder(machine.elapsed() + delayMs, this.#lastDown);
    this.#lastDown = at;
    machine.after(at - machine.elapsed(), async () => {
      if (connection === this.#connection) await this.#open?.handlers.onMessage(message);
    });
  }

  /** Called by the network: the connection is lost; this end notices and reconnects. */
  async loses(reason: string): Promise<void> {
    this.#drop();
    this.#broken++;
    this.#retry();
    await this.#open?.handlers.onClose(reason);
  }

  /** Called by the network: this end does nothing more. */
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
