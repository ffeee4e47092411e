import type { Link, LinkHandlers, LinkMessage, LinkOptions, PublishOptions } from '../../../shared/ports/link.ts';
import type { Random } from '../../../shared/ports/random.ts';
import { backOff } from '../../../shared/time/back-off.ts';
import type { TimeBase, Timer } from '../../../shared/time/clock.ts';
import { every } from '../../../shared/time/every.ts';
import { parseSparkplugTopic, parseTopic } from '../../../shared/topics/topics.ts';
import type { BrokerAddress } from './address.ts';
import { AmqpLine } from './amqp-line.ts';
import { HostLine } from './host-line.ts';
import { messageOf } from '../../../shared/outcome/message-of.ts';

export interface RabbitLinkOptions {
  readonly address: BrokerAddress;
  readonly machine: TimeBase;
  readonly random: Random;
  /** Gateways whose messages are ignored, whatever the queues still hold of them. */
  readonly isRevoked?: (gateway: string) => boolean;
  /** Called before each attempt; rejects, and so keeps this cloud away, if another cloud has taken its place. */
  readonly mayOpen?: () => Promise<void>;
  /** Reconnect delay with full jitter, s: up to the first value, doubled at each failure up to the last. */
  readonly reconnectS?: readonly [number, number];
  /** Interval of repeating retained messages, s; shorter than a gateway waits for its host's STATE before it reconnects. */
  readonly sayAgainS?: number;
  /** Called with the reason after each failed attempt and each loss; with null once the link is up again. */
  readonly onStanding?: (why: string | null) => void;
  readonly onFailure: (error: unknown) => void;
}

const PUBLISH_TIMEOUT_MS = 10_000;
const ASK_AGAIN_MS = 1000;
const SAY_AGAIN_S = 15;
const RECONNECT_S = [1, 15] as const;
/** No gateway id has this form, so no gateway can take the cloud's client id. */
const clientIdOf = (host: string): string => `${host}/host`;

interface Opened {
  readonly options: LinkOptions;
  readonly handlers: LinkHandlers;
}

/** Connections that open together and fail together. */
interface Session {
  readonly opened: Opened;
  amqp?: AmqpLine;
  host?: HostLine;
  /** Retained messages by topic, for later subscribers. */
  readonly retained: Map<string, Uint8Array>;
  again?: Timer;
  isReady: boolean;
  isOver: boolean;
  /** Delivery tags: the last handled, and the last acknowledged. */
  handled: number;
  acknowledged: number;
  isSettling: boolean;
}

/**
 * The cloud's link into RabbitMQ. What gateways send waits in partition queues until it is stored, so a cloud that dies leaves it to the
 * next. Outgoing messages go to the MQTT plugin's exchange; the will goes over MQTT. RabbitMQ would keep a retained message on one node
 * only and serve it to any gateway, so the link retains nothing there and repeats retained messages instead.
 */
export class RabbitLink implements Link {
  readonly #options: RabbitLinkOptions;
  #opened: Opened | undefined;
  #session: Session | undefined;
  #attempt = 0;
  #timer: Timer | undefined;
  /** Pending handler calls; they run one after another, in order. */
  readonly #turns: (() => void | Promise<void>)[] = [];
  #isRunning = false;

  constructor(options: RabbitLinkOptions) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#session?.isReady === true;
  }

  open(options: LinkOptions, handlers: LinkHandlers): void {
    this.#opened = { options, handlers };
    this.#connect();
  }

  async publish(topic: string, payload: Uint8Array, { qos, retain = false }: PublishOptions): Promise<boolean> {
    const session = this.#session;
    if (session?.isReady !== true) return false;
    if (retain) session.retained.set(topic, payload);
    const sent = session.amqp!.publish(topic, payload, qos);
    if (qos === 0) return sent;
    const late = Promise.withResolvers<boolean>();
    const timer = this.#options.machine.after(PUBLISH_TIMEOUT_MS, () => late.resolve(false));
    return Promise.race([sent, late.promise]).finally(() => timer.cancel());
  }

  /** Closes the link. Messages that were handled but not acknowledged are redelivered to the next consumer. */
  async close(): Promise<void> {
    const session = this.#session;
    const opened = this.#opened;
    this.#opened = undefined;
    this.#session = undefined;
    this.#timer?.cancel();
    if (session !== undefined) {
      session.isOver = true;
      session.again?.cancel();
      await Promise.all([session.amqp?.end(), session.host?.end()]);
    }
    await opened?.handlers.onClose('closed');
  }

  #connect(): void {
    const opened = this.#opened;
    if (opened === undefined) return;
    const session: Session = {
      opened,
      retained: new Map(),
      isReady: false,
      isOver: false,
      handled: 0,
      acknowledged: 0,
      isSettling: false,
    };
    this.#session = session;
    this.#begin(session).catch((error: unknown) => this.#lost(session, messageOf(error)));
  }

  async #begin(session: Session): Promise<void> {
    const { address, mayOpen } = this.#options;
    await mayOpen?.();
    if (session.isOver) return;
    const { clientId, subscriptions, will } = session.opened.options;
    const onClose = (reason: string): void => this.#lost(session, reason);
    const [ofHosts, ofGateways] = [subscriptions.filter(isOfHosts), subscriptions.filter((each) => !isOfHosts(each))];
    // AMQP first: a cloud that finds another owner must not take its MQTT client id either.
    const amqp = await AmqpLine.open({
      address,
      filters: ofGateways,
      onMessage: (message, tag) => this.#deliver(session, message, tag),
      onClose,
    });
    session.amqp = amqp;
    if (session.isOver) return amqp.end();
    const host = await HostLine.open({
      address,
      clientId: clientIdOf(clientId),
      will: will?.(),
      filters: ofHosts,
      onMessage: (message) => this.#deliver(session, message),
      onClose,
    });
    session.host = host;
    if (session.isOver) return host.end();
    await amqp.consume();
    if (session.isOver) return;
    session.isReady = true;
    this.#attempt = 0;
    this.#options.onStanding?.(null);
    this.#sayAgain(session);
    this.#settleWhenReady(session);
    this.#inTurn(() => (session.isOver ? undefined : session.opened.handlers.onConnect()));
  }

  #sayAgain(session: Session): void {
    const { machine, sayAgainS = SAY_AGAIN_S } = this.#options;
    session.again = every(machine, 1000 * sayAgainS, async () => {
      for (const [topic, payload] of session.retained) await session.amqp!.publish(topic, payload, 0);
    });
  }

  #deliver(session: Session, message: LinkMessage, tag?: number): void {
    this.#inTurn(async () => {
      if (session.isOver) return;
      try {
        if (!this.#isRevoked(message.topic)) await session.opened.handlers.onMessage(message);
      } finally {
        if (tag !== undefined) this.#handled(session, tag);
      }
    });
  }

  #isRevoked(topic: string): boolean {
    const gateway = parseTopic(topic)?.gateway ?? parseSparkplugTopic(topic)?.node;
    return gateway !== undefined && this.#options.isRevoked?.(gateway) === true;
  }

  #handled(session: Session, tag: number): void {
    session.handled = tag;
    this.#settleWhenReady(session);
  }

  /** Waits for `isReady`, because the first messages arrive while the last queues are still being subscribed. */
  #settleWhenReady(session: Session): void {
    if (session.isReady && !session.isSettling) this.#settle(session).catch(this.#options.onFailure);
  }

  /** Acknowledges handled messages in bulk, once they are stored. */
  async #settle(session: Session): Promise<void> {
    session.isSettling = true;
    while (!session.isOver && session.handled > session.acknowledged) {
      const upTo = session.handled;
      if (await this.#isPersisted(session)) {
        if (session.isOver) break;
        session.amqp?.acknowledge(upTo);
        session.acknowledged = upTo;
      } else await new Promise<void>((resolve) => this.#options.machine.after(ASK_AGAIN_MS, resolve));
    }
    session.isSettling = false;
  }

  async #isPersisted({ opened }: Session): Promise<boolean> {
    try {
      return (await opened.options.isPersisted?.()) ?? true;
    } catch (error) {
      this.#options.onFailure(error);
      return false;
    }
  }

  #lost(session: Session, reason: string): void {
    if (session.isOver) return;
    session.isOver = true;
    session.isReady = false;
    session.again?.cancel();
    const { machine, random, reconnectS = RECONNECT_S, onStanding, onFailure } = this.#options;
    // Closes without sending the will: gateways keep filling the queues while the cloud reconnects, and the broker sends the will of a dead
    // cloud by itself.
    Promise.allSettled([session.amqp?.end(), session.host?.end()]).catch(onFailure);
    onStanding?.(reason);
    this.#inTurn(() => session.opened.handlers.onClose(reason));
    this.#timer = machine.after(backOff(reconnectS, ++this.#attempt, random) * 1000, () => this.#connect());
  }

  #inTurn(turn: () => void | Promise<void>): void {
    this.#turns.push(turn);
    if (!this.#isRunning) this.#run().catch(this.#options.onFailure);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let turn = this.#turns.shift(); turn !== undefined; turn = this.#turns.shift()) {
      try {
        await turn();
      } catch (error) {
        this.#options.onFailure(error);
      }
    }
    this.#isRunning = false;
  }
}

/** Only hosts publish these, over MQTT. */
const isOfHosts = (filter: string): boolean => filter.startsWith('spBv1.0/STATE/');
