import { createServer, type Server, type Socket } from 'node:net';
import { writeToStream } from 'mqtt-packet';
import { Aedes, type AuthenticateError, type AedesPublishPacket, type Client } from 'aedes';
import { MqttPacketGuard } from '../../shared/codec/mqtt-packet-guard.ts';
import { watchReads } from '../../shared/codec/watched-reads.ts';
import type { Link } from '../../shared/ports/link.ts';
import { Bucket } from '../../shared/time/bucket.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { portFault } from '../../shared/service/taken-port.ts';
import { matchesFilter } from '../../shared/topics/topics.ts';
import type { BrokerAccess, DeviceTopics } from './broker-access.ts';
import { listenOn, placeOf } from '../local/listen.ts';
import { cutOffWords } from './cut-off.ts';
import type { DeviceUsers } from './device-users.ts';
import { InProcessLink } from './in-process-link.ts';

export interface LocalBrokerOptions {
  /** host:port; port 0 takes a free one. */
  readonly listen: string;
  /** Absent: every client that reaches the port is admitted, which the configuration allows on loopback only. */
  readonly users?: DeviceUsers;
  /** With users: what each may publish and receive; absent: nothing. */
  readonly access?: BrokerAccess;
  /** Largest packet of a device; 64 kB if absent. */
  readonly maxPacketBytes?: number;
  /** Machine time. */
  readonly time: TimeBase;
  readonly onError?: (error: Error) => void;
  /**
   * Called when this user, or a device without one, sends too much and is read more slowly: again only after ten minutes within its
   * limit.
   */
  readonly onSlowed?: (name: string) => void;
  /** Called each time the broker ends or refuses a connection: whose and why, with the remedy. */
  readonly onCutOff?: (words: string) => void;
}

const MAX_PACKET_BYTES = 65_536;
const MAX_CONNECTIONS = 500;
/**
 * Traffic limit per user over all its connections, or per connection without users, because the cycle shares its thread with the
 * broker. A client above the limit is read more slowly. Its debt is at most one burst, 2.5 s: beyond its keep-alive it would be
 * considered gone.
 */
const TRAFFIC = { burst: 1_000_000, perSecond: 400_000 };
/** After this long without throttling the next one is reported again. */
const QUIET_MS = 600_000;
const LEAST_HOLD_MS = 100;
/** Fixed cost of a packet, in bytes of payload. */
const PACKET_BYTES = 200;
const DRAIN_TIMEOUT_MS = 3000;
const CONNECT_TIMEOUT_MS = 5000;
/** A device that reconnects after a failure takes its own place once, two devices in turn. */
const TAKEOVERS = { most: 3, withinMs: 60_000 };

/** The MQTT broker for the devices of one gateway, with an in-process link for the drivers. */
export class LocalBroker {
  readonly #options: LocalBrokerOptions;
  readonly #sockets = new Set<Socket>();
  readonly #userOf = new WeakMap<Client, string>();
  /** By user. */
  readonly #traffic = new Map<string, Bucket>();
  /** By reported name: when it was last throttled. */
  readonly #slowedAt = new Map<string, number>();
  readonly #addressOf = new WeakMap<Client, string>();
  /** Client ids. */
  readonly #connected = new Set<string>();
  /** By client id: when its connection was last taken over. */
  readonly #takenOver = new Map<string, number[]>();
  #broker: Aedes | undefined;
  #server: Server | undefined;
  #port = 0;

  constructor(options: LocalBrokerOptions) {
    this.#options = options;
  }

  /** The port it listens on, once started. */
  get port(): number {
    return this.#port;
  }

  /** Starts the broker. Drivers may use `link()` afterwards, even if this rejects because the address is taken or missing: see `listen`. */
  async start(): Promise<void> {
    // Otherwise it caches a buffer for each of the 65,536 values of two bytes, 7 MB, built within one cycle.
    writeToStream.cacheNumbers = false;
    const broker = await Aedes.createBroker({
      concurrency: 200,
      drainTimeout: DRAIN_TIMEOUT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      preConnect: (_client, packet, done) => {
        // Sessions, wills and takeovers depend on the client id, so each user gets its own id space.
        if (packet.clientId !== '') packet.clientId = `${packet.username ?? ''}:${packet.clientId}`;
        done(null, true);
      },
      maxClientsIdLength: 256,
      maxTopicLevels: 16,
      queueLimit: 42,
      authenticate: (client, user, password, done) => {
        const admit = async (): Promise<void> => {
          const granted = await this.#admits(client, user, password);
          if (granted && this.#connected.has(client.id)) this.#noteTakeover(client.id);
          if (granted) done(null, true);
          else done(refused(this.#whyRefused(user)), null);
        };
        admit().catch((error: unknown) => client.close(() => this.#options.onError?.(new Error(String(error)))));
      },
      authorizePublish: (client, packet, done) => {
        if (client === null) return done(null);
        // The broker would keep retained messages without bound. Nothing relies on a device's, and some devices send no others.
        packet.retain = false;
        const { topic } = packet;
        done(this.#mayPublish(client, topic) ? null : new Error(`it may not publish on ${topic}`));
      },
      authorizeSubscribe: (client, subscription, done) => {
        if (client === null || this.#maySubscribe(client, subscription.topic)) done(null, subscription);
        else done(new Error(`it may not subscribe to ${subscription.topic}`));
      },
      authorizeForward: (client, packet) => (this.#mayReceive(client, packet) ? packet : null),
    });
    broker.on('client', ({ id }) => this.#connected.add(id));
    broker.on('clientDisconnect', ({ id }) => this.#connected.delete(id));
    broker.on('clientError', (client, error) => this.#failed(client, error));
    broker.on('connectionError', (client, error) => this.#failed(client, error));
    this.#broker = broker;
    this.#server = createServer((socket) => this.#accept(broker, socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('drop', (drop) =>
      this.#cutOff(drop?.remoteAddress, `it is refused because ${MAX_CONNECTIONS} connections are open`),
    );
    await this.listen();
  }

  /** Opens the address to devices; may be retried. A busy port is LS-PORT-001. */
  async listen(): Promise<void> {
    if (this.#server === undefined) return;
    this.#port = await listen(this.#server, this.#options.listen);
  }

  /** An in-process link: it needs no user, and a publish resolves once the broker has taken it. */
  link(): Link {
    return new InProcessLink(
      () => this.#broker,
      (error) => this.#options.onError?.(error),
    );
  }

  async stop(): Promise<void> {
    const [server, broker] = [this.#server, this.#broker];
    this.#server = undefined;
    this.#broker = undefined;
    server?.close();
    for (const socket of this.#sockets) socket.destroy();
    if (broker !== undefined) await new Promise<void>((resolve) => broker.close(resolve));
  }

  #accept(broker: Aedes, socket: Socket): void {
    const { maxPacketBytes = MAX_PACKET_BYTES } = this.#options;
    const guard = new MqttPacketGuard(maxPacketBytes);
    const { time } = this.#options;
    const early = new Bucket(TRAFFIC, time.elapsed());
    const traffic = (): Bucket => this.#trafficOf(this.#userOf.get(client)) ?? early;
    let held: Timer | undefined;
    const admits = (bytes: Uint8Array): boolean => {
      const before = guard.packets;
      const isRight = guard.take(bytes);
      traffic().owe(bytes.length + PACKET_BYTES * (guard.packets - before), time.elapsed());
      if (isRight) return true;
      this.#failed(client, new Error(`a packet is larger than ${maxPacketBytes / 1024} kB; connection closed`));
      socket.destroy();
      return false;
    };
    watchReads(socket, admits, () => {
      if (held !== undefined) return true;
      const waitMs = traffic().owesFor(time.elapsed());
      if (waitMs === 0) return false;
      this.#noteSlowed(this.#name(client));
      held = time.after(Math.max(waitMs, LEAST_HOLD_MS), () => {
        held = undefined;
        socket.emit('readable');
      });
      return true;
    });
    socket.setNoDelay(true);
    socket.on('error', (error) => this.#options.onError?.(error));
    socket.on('close', () => {
      held?.cancel();
      this.#sockets.delete(socket);
    });
    this.#sockets.add(socket);
    const { remoteAddress } = socket;
    const client = broker.handle(socket);
    if (remoteAddress !== undefined) this.#addressOf.set(client, remoteAddress);
  }

  /** An error of the system, such as a lost connection, is not the broker's act. */
  #failed(client: Client, error: Error): void {
    this.#options.onError?.(error);
    if ('code' in error) return;
    this.#cutOff(this.#userOf.get(client) ?? this.#addressOf.get(client), error.message);
  }

  #cutOff(whose: string | undefined, why: string): void {
    this.#options.onCutOff?.(`localBroker: ${whose ?? 'a device'} is cut off: ${cutOffWords(why)}`);
  }

  #noteTakeover(id: string): void {
    const now = this.#options.time.elapsed();
    const recent = (this.#takenOver.get(id) ?? []).filter((at) => now - at < TAKEOVERS.withinMs);
    if (this.#takenOver.size >= MAX_CONNECTIONS) this.#takenOver.clear();
    this.#takenOver.set(id, [...recent, now].slice(-TAKEOVERS.most));
    if (recent.length + 1 >= TAKEOVERS.most)
      this.#cutOff(
        undefined,
        `devices take each other's place with the same client id ${id.slice(id.indexOf(':') + 1)}`,
      );
  }

  #whyRefused(user: string | undefined): string {
    if (user === undefined) return 'it names no user';
    return this.#options.users?.has(user) === true
      ? `its password as user ${user} is wrong`
      : `its user ${user} is not in localBroker.userFile`;
  }

  #noteSlowed(name: string): void {
    const now = this.#options.time.elapsed();
    const before = this.#slowedAt.get(name) ?? Number.NEGATIVE_INFINITY;
    this.#slowedAt.set(name, now);
    if (now - before >= QUIET_MS) this.#options.onSlowed?.(name);
  }

  #trafficOf(user: string | undefined): Bucket | undefined {
    if (user === undefined) return undefined;
    let traffic = this.#traffic.get(user);
    if (traffic === undefined) this.#traffic.set(user, (traffic = new Bucket(TRAFFIC, this.#options.time.elapsed())));
    return traffic;
  }

  async #admits(client: Client, user: string | undefined, password: Uint8Array | undefined): Promise<boolean> {
    const { users } = this.#options;
    if (users === undefined) return true;
    if (user === undefined || !(await users.check(user, password))) return false;
    this.#userOf.set(client, user);
    return true;
  }

  #mayPublish(client: Client, topic: string): boolean {
    if (topic.startsWith('$')) return false;
    return this.#open() || this.#topicsOf(client).some(({ publish }) => isOneOf(publish, topic));
  }

  #maySubscribe(client: Client, filter: string): boolean {
    if (filter.startsWith('$')) return false;
    return this.#open() || this.#topicsOf(client).some(({ subscribe }) => subscribe.has(filter));
  }

  #mayReceive(client: Client, { topic }: AedesPublishPacket): boolean {
    return this.#open() || this.#topicsOf(client).some(({ subscribe }) => isOneOf(subscribe, topic));
  }

  /** The topics of the client's user and those open to all. */
  #topicsOf(client: Client): readonly DeviceTopics[] {
    const { access } = this.#options;
    const own = access?.byUser.get(this.#userOf.get(client) ?? '');
    return [own, access?.anyone].filter((topics) => topics !== undefined);
  }

  #name(client: Client): string {
    return this.#userOf.get(client) ?? 'a device';
  }

  #open(): boolean {
    return this.#options.users === undefined;
  }
}

function isOneOf(filters: ReadonlySet<string>, topic: string): boolean {
  return filters.has(topic) || filters.values().some((filter) => matchesFilter(filter, topic));
}

const BAD_USER_OR_PASSWORD = 4;
const refused = (text: string): AuthenticateError =>
  Object.assign(new Error(text) as AuthenticateError, { returnCode: BAD_USER_OR_PASSWORD });

/** Listens and returns the port; a busy port is LS-PORT-001. */
async function listen(server: Server, address: string): Promise<number> {
  try {
    return await listenOn(server, address);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw portFault(code, { ...placeOf(address), key: 'localBroker.listen' }) ?? error;
  }
}
