import { createServer, type Server, type Socket } from 'node:net';
import { Aedes, type AuthenticateError, type Client, type ConnectPacket, type PublishPacket } from 'aedes';
import { MqttPacketGuard } from '../../shared/codec/mqtt-packet-guard.ts';
import { ID_PATTERN } from '../../shared/contracts/ids.ts';
import { bad, LoadstoneError, type Fault } from '../../shared/outcome/outcome.ts';
import type { Link } from '../../shared/ports/link.ts';
import { BrokerLink } from './broker-link.ts';
import type { GatewayUsers } from './gateway-users.ts';
import { TopicRights } from './topic-rights.ts';

export interface UplinkBrokerOptions {
  /** Loopback unless configured. Port 0 takes a free one. */
  readonly host?: string;
  readonly port: number;
  /** Sparkplug group: the region. */
  readonly group: string;
  /** Who may connect. `anonymous`: any gateway id, for benches and tests, on a loopback address only. */
  readonly users: Pick<GatewayUsers, 'check'> | 'anonymous';
  /** A gateway's MQTT connection came or went. */
  readonly onConnection?: (gateway: string, connected: boolean) => void;
  /** An attempt that was refused, and by whom as far as it is known. */
  readonly onRefused?: (client: string, fault: Fault) => void;
  readonly onError?: (error: unknown) => void;
}

const MAX_PACKET_BYTES = 1_048_576;
/** What a client may send before it is known. */
const MAX_EARLY_BYTES = 65_536;
const MAX_CONNECTIONS = 20_000;
/**
 * Connections that the kernel keeps until they are accepted, one at each turn of the event loop. No more than are served before they
 * give up: a longer queue fills with those who have hung up, and whoever is behind them hangs up too. The others' first packet is
 * dropped and comes again by itself.
 */
const LISTEN_BACKLOG = 511;
const DRAIN_TIMEOUT_MS = 4000;
const CONNECT_TIMEOUT_MS = 10_000;
/** MQTT 3.1.1, 3.2.2.3 */
const returnCodes = { identifierRejected: 2, serverUnavailable: 3, badUserOrPassword: 4, notAuthorized: 5 } as const;
const loopback = /^(127(\.\d+){3}|::1|localhost)$/;

/**
 * The MQTT broker that gateways connect to, in the cloud's process. Client id, user name and gateway id are one and the same;
 * each may use its own topics only. Nothing is kept for a client that is away: sessions are clean, whatever it asks for.
 */
export class UplinkBroker {
  readonly #options: UplinkBrokerOptions;
  readonly #sockets = new Set<Socket>();
  readonly #rights = new WeakMap<Client, TopicRights>();
  readonly #wills = new WeakMap<Client, string>();
  readonly #admitted = new Set<Client>();
  #broken = 0;
  #broker: Aedes | undefined;
  #server: Server | undefined;
  #port = 0;

  constructor(options: UplinkBrokerOptions) {
    this.#options = options;
  }

  /** The port it listens on, once started. */
  get port(): number {
    return this.#port;
  }

  /** LS-PORT-001 where the port is busy, LS-CONFIG-002 where it would let anybody in from outside. */
  async start(): Promise<void> {
    const { host = '127.0.0.1', port, users } = this.#options;
    if (users === 'anonymous' && !loopback.test(host)) {
      throw new LoadstoneError(
        'LS-CONFIG-002',
        `uplink.host ${host}: other than loopback needs a file of gateways and passwords`,
      );
    }
    const broker = await Aedes.createBroker({
      concurrency: 200,
      drainTimeout: DRAIN_TIMEOUT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      maxClientsIdLength: 64,
      maxTopicLevels: 8,
      queueLimit: 42,
      preConnect: (client, packet, done) => this.#preConnect(client, packet, done),
      authenticate: (client, user, password, done) => {
        const admit = async (): Promise<void> => {
          const error = await this.#admit(client, user, password);
          if (error === undefined) done(null, true);
          else done(error, null);
        };
        admit().catch((error: unknown) => this.#options.onError?.(error));
      },
      authorizePublish: (client, packet, done) => done(client === null ? null : this.#publishFault(client, packet)),
      authorizeSubscribe: (client, subscription, done) => {
        if (this.#rights.get(client)?.maySubscribe(subscription.topic) === true) return done(null, subscription);
        // An Error closes the connection; a mere denial would let a mixed SUBSCRIBE keep its denied part.
        done(this.#refuse(client.id, `may not subscribe to ${shown(subscription.topic)}`));
      },
      authorizeForward: (client, packet) =>
        this.#rights.get(client)?.mayReceive(packet.topic) === true ? packet : null,
    });
    // Of what nobody hears the emitter ends one message from within the other: thousands of wills would overflow the stack.
    broker.subscribe('#', nextTurn, () => undefined);
    broker.on('clientReady', (client) => this.#options.onConnection?.(client.id, true));
    broker.on('clientDisconnect', (client) => this.#options.onConnection?.(client.id, false));
    this.#broker = broker;
    this.#server = createServer((socket) => this.#accept(broker, socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
    try {
      this.#port = await listen(this.#server, host, port);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** The cloud's own way in: everything up, anything down. */
  link(): Link {
    return new BrokerLink(
      () => this.#broker,
      (error) => this.#options.onError?.(error),
    );
  }

  /** Gateways that are connected. */
  connected(): readonly string[] {
    const clients = (this.#broker as unknown as { clients?: Record<string, Client> } | undefined)?.clients;
    return Object.keys(clients ?? {});
  }

  /** Ends the sessions of these gateways: their passwords do not count any more. */
  end(gateways: readonly string[]): void {
    const ended = new Set(gateways);
    for (const client of this.#admitted) if (ended.has(client.id)) client.close();
  }

  /** Connections that the other side or the network broke, since the start. */
  get broken(): number {
    return this.#broken;
  }

  async stop(): Promise<void> {
    const [server, broker] = [this.#server, this.#broker];
    this.#server = undefined;
    this.#broker = undefined;
    server?.close();
    for (const socket of this.#sockets) socket.destroy();
    if (broker !== undefined) await new Promise<void>((resolve) => broker.close(resolve));
  }

  /** Watches packet sizes as they are announced, before aedes buffers anything. */
  #accept(broker: Aedes, socket: Socket): void {
    const guard = new MqttPacketGuard(MAX_PACKET_BYTES);
    let early = 0;
    const read = socket.read.bind(socket);
    socket.read = (size?: number): unknown => {
      const chunk: unknown = read(size);
      if (!(chunk instanceof Uint8Array)) return chunk;
      // Not by `connected`: that comes some turns behind the answer, and is over before the last of a closed connection is read.
      if (!this.#rights.has(client)) early += chunk.length;
      const isEarly = early > MAX_EARLY_BYTES;
      if (!isEarly && guard.take(chunk)) return chunk;
      const why = isEarly ? 'sent too much before it was let in' : 'sent a packet that is too large';
      this.#refuse(client.id ?? 'unknown', why);
      socket.destroy();
      return null;
    };
    socket.setNoDelay(true);
    // A gateway that loses its power or its network is no fault of the cloud's.
    socket.on('error', () => this.#broken++);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#admitted.delete(client);
    });
    this.#sockets.add(socket);
    const client = broker.handle(socket);
  }

  #preConnect(client: Client, packet: ConnectPacket, done: (error: Error | null, success: boolean) => void): void {
    // Nothing relies on sessions, and an offline queue would have no bound.
    packet.clean = true;
    if (packet.will !== undefined) this.#wills.set(client, packet.will.topic);
    done(null, true);
  }

  async #admit(
    client: Client,
    user: string | undefined,
    password: Uint8Array | undefined,
  ): Promise<AuthenticateError | undefined> {
    const { users, group } = this.#options;
    const gateway = client.id;
    if (!new RegExp(ID_PATTERN).test(gateway)) {
      this.#refuse(shown(gateway), 'client id is no gateway id');
      return refusal('client id is no gateway id', returnCodes.identifierRejected);
    }
    if ((user !== undefined || users !== 'anonymous') && user !== gateway) {
      this.#refuse(gateway, 'client id is not the user name');
      return refusal('client id is not the user name', returnCodes.identifierRejected);
    }
    const address = (client.conn as Socket).remoteAddress ?? '';
    const gone = (): boolean => client.closed;
    const verdict = users === 'anonymous' ? 'known' : await users.check({ gateway, password, address, gone });
    // It comes again by its own back-off.
    if (verdict === 'busy') return refusal('the password is not judged now', returnCodes.serverUnavailable);
    if (verdict === 'wrong') {
      this.#refuse(gateway, 'user or password is wrong');
      return refusal('user or password is wrong', returnCodes.badUserOrPassword);
    }
    const rights = new TopicRights(gateway, group);
    const will = this.#wills.get(client);
    if (will !== undefined && !rights.mayPublish(will)) {
      this.#refuse(gateway, `may not leave a will on ${shown(will)}`);
      return refusal('may not leave this will', returnCodes.notAuthorized);
    }
    this.#rights.set(client, rights);
    this.#admitted.add(client);
    return undefined;
  }

  #publishFault(client: Client, packet: PublishPacket): Error | null {
    const { topic, qos, retain } = packet;
    if (this.#rights.get(client)?.mayPublish(topic) !== true) {
      return this.#refuse(client.id, `may not publish on ${shown(topic)}`);
    }
    // No line of the topic table that a gateway publishes on is retained or of QoS 2.
    if (qos === 2 || retain)
      return this.#refuse(client.id, `may not publish at QoS ${qos}${retain ? ', retained' : ''}`);
    return null;
  }

  #refuse(client: string, detail: string): Error {
    this.#options.onRefused?.(client, bad('LS-INGEST-006', `${client} ${detail}`).fault);
    return new Error(detail);
  }
}

/** Ends a message in the next turn of the event loop. */
const nextTurn = (_packet: unknown, done: () => void): void => void setImmediate(done);

const shown = (text: string): string => JSON.stringify(text.slice(0, 80));

const refusal = (text: string, returnCode: number): AuthenticateError =>
  Object.assign(new Error(text) as AuthenticateError, { returnCode });

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new LoadstoneError('LS-PORT-001', `port ${port} on ${host} is taken; uplink.port wants it`)
          : error,
      ),
    );
    server.listen({ port, host, backlog: LISTEN_BACKLOG }, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}
