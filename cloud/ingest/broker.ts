import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Aedes, type AuthenticateError, type Client, type ConnectPacket, type PublishPacket } from 'aedes';
import mqemitter from 'mqemitter';
import { writeToStream } from 'mqtt-packet';
import { MqttPacketGuard } from '../../shared/codec/mqtt-packet-guard.ts';
import { watchReads } from '../../shared/codec/watched-reads.ts';
import { ID_PATTERN } from '../../shared/contracts/ids.ts';
import { bad, LoadstoneError, type Fault } from '../../shared/outcome/outcome.ts';
import type { Link } from '../../shared/ports/link.ts';
import { BrokerLink } from './broker-link.ts';
import type { GatewayUsers } from './gateway-users.ts';
import { listen } from './listen.ts';
import type { Certificates } from './certificates.ts';
import { TlsDoor, type TlsDoorOptions } from './tls-door.ts';
import { TopicRights } from './topic-rights.ts';

export interface UplinkBrokerOptions {
  /** Plain MQTT, on a loopback address only (127.0.0.1). Port 0 picks a free port; absent: no plain MQTT. */
  readonly host?: string;
  readonly port?: number;
  /** TLS, if the cloud has a certificate; absent: no TLS. */
  readonly tls?: Omit<TlsDoorOptions, 'onClient' | 'onError'>;
  /** Judges client certificates and revocations; absent: no certificates. */
  readonly certificates?: Certificates;
  /** Sparkplug group: the region. */
  readonly group: string;
  /** Accepted users. `anonymous`: any gateway id, for benches and tests, on a loopback address only. */
  readonly users: Pick<GatewayUsers, 'check'> | 'anonymous';
  /** A gateway's MQTT connection opened or closed. */
  readonly onConnection?: (gateway: string, connected: boolean) => void;
  /** A refused attempt, with the client as far as it is known. */
  readonly onRefused?: (client: string, fault: Fault) => void;
  readonly onError?: (error: unknown) => void;
}

const MAX_PACKET_BYTES = 1_048_576;
/** Maximum number of bytes from a client before it is authenticated. */
const MAX_EARLY_BYTES = 65_536;
const DRAIN_TIMEOUT_MS = 4000;
const CONNECT_TIMEOUT_MS = 10_000;
/** MQTT 3.1.1, 3.2.2.3 */
const returnCodes = { identifierRejected: 2, serverUnavailable: 3, badUserOrPassword: 4, notAuthorized: 5 } as const;
const loopback = /^(127(\.\d+){3}|::1|localhost)$/;

/**
 * The MQTT broker that gateways connect to, in the cloud's process. Client id, user name and gateway id are the same; each gateway may use
 * only its own topics. Nothing is kept for an absent client: all sessions are clean, whatever the client requests.
 */
export class UplinkBroker {
  readonly #options: UplinkBrokerOptions;
  readonly #sockets = new Set<Socket>();
  readonly #rights = new WeakMap<Client, TopicRights>();
  readonly #wills = new WeakMap<Client, string>();
  /** Admitted clients and the expiry of their certificate, ms UTC. */
  readonly #admitted = new Map<Client, number>();
  #broken = 0;
  #broker: Aedes | undefined;
  #server: Server | undefined;
  #tls: TlsDoor | undefined;
  #port = 0;

  constructor(options: UplinkBrokerOptions) {
    this.#options = options;
  }

  /** Port of plain MQTT, once started. */
  get port(): number {
    return this.#port;
  }

  /** Port of TLS, once started; 0: no TLS. */
  get tlsPort(): number {
    return this.#tls?.port ?? 0;
  }

  /** Uses another certificate from the next handshake on. */
  renew(identity: TlsDoorOptions['identity']): void {
    this.#tls?.renew(identity);
  }

  /** Throws LS-PORT-001 if a port is busy, LS-CONFIG-002 if passwords would travel in plain text. */
  async start(): Promise<void> {
    const { host = '127.0.0.1', port, tls } = this.#options;
    if (port !== undefined && !loopback.test(host))
      throw new LoadstoneError('LS-CONFIG-002', `plain MQTT on ${host} is only allowed on loopback: use TLS`);
    // Otherwise mqtt-packet keeps a buffer for each of the 65,536 two-byte numbers.
    writeToStream.cacheNumbers = false;
    const broker = await Aedes.createBroker({
      // The default emitter queues a fleet's burst in an array and shifts it for each message, which moves 10,000 gateways' messages each
      // time.
      mq: mqemitter({ matchEmptyLevels: true }),
      drainTimeout: DRAIN_TIMEOUT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      maxClientsIdLength: 64,
      maxTopicLevels: 8,
      queueLimit: 42,
      preConnect: (client, packet, done) => this.#preConnect(client, packet, done),
      authenticate: (client, user, password, done) => {
        const admit = async (): Promise<void> => {
          const error = await this.#admit(client, user, password).catch((fault: unknown) => {
            this.#options.onError?.(fault);
            // Without an answer, aedes would keep the client's connection.
            return refusal('cannot be checked now', returnCodes.serverUnavailable);
          });
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
    // A message without any other subscriber then ends in a later turn. Without this, a killed gateway did not come back: attack
    // replay/after-restart.
    broker.subscribe('#', nextTurn, () => undefined);
    broker.on('clientReady', (client) => this.#options.onConnection?.(client.id, true));
    broker.on('clientDisconnect', (client) => this.#options.onConnection?.(client.id, false));
    this.#broker = broker;
    try {
      if (port !== undefined) {
        this.#server = createServer((socket) => this.#accept(broker, socket));
        this.#port = await listen(this.#server, { host, port, key: 'uplink.plainPort' }, (error) =>
          this.#options.onError?.(error),
        );
      }
      if (tls !== undefined) {
        this.#tls = new TlsDoor({
          ...tls,
          onClient: (socket) => this.#accept(broker, socket),
          onError: (error) => this.#options.onError?.(error),
        });
        await this.#tls.start();
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** The cloud's own link: receives everything from gateways, may send anything to them. */
  link(): Link {
    return new BrokerLink(
      () => this.#broker,
      (error) => this.#options.onError?.(error),
    );
  }

  /** Gateways with an open connection. */
  connected(): readonly string[] {
    const clients = (this.#broker as unknown as { clients?: Record<string, Client> } | undefined)?.clients;
    return Object.keys(clients ?? {});
  }

  /** True if every configured port is open. */
  get listens(): boolean {
    return (
      this.#broker !== undefined &&
      (this.#options.port === undefined || this.#server?.listening === true) &&
      (this.#options.tls === undefined || this.#tls?.listens === true)
    );
  }

  /** Ends the sessions of gateways whose credentials no longer count. Nothing more is accepted from them. */
  end(gateways: readonly string[]): void {
    const ended = new Set(gateways);
    for (const client of this.#admitted.keys()) if (ended.has(client.id)) this.#end(client);
  }

  /** Ends sessions with an expired certificate. */
  endExpired(now: number): void {
    for (const [client, until] of this.#admitted) if (until <= now) this.#end(client);
  }

  #end(client: Client): void {
    this.#rights.delete(client);
    client.close();
  }

  /** Connections that the peer or the network broke, since start. */
  get broken(): number {
    return this.#broken;
  }

  async stop(): Promise<void> {
    const [server, broker] = [this.#server, this.#broker];
    this.#server = undefined;
    this.#broker = undefined;
    server?.close();
    this.#tls?.stop();
    for (const socket of this.#sockets) socket.destroy();
    if (broker !== undefined) await new Promise<void>((resolve) => broker.close(resolve));
  }

  /** Checks announced packet sizes before aedes buffers anything. */
  #accept(broker: Aedes, socket: Socket): void {
    const guard = new MqttPacketGuard(MAX_PACKET_BYTES);
    let early = 0;
    watchReads(socket, (bytes) => {
      // `connected` does not fit: it is set some turns after CONNACK, and cleared before the last bytes of a closed connection are read.
      if (!this.#rights.has(client)) early += bytes.length;
      const isEarly = early > MAX_EARLY_BYTES;
      if (!isEarly && guard.take(bytes)) return true;
      const why = isEarly ? 'sent too much before it was authenticated' : 'sent a packet that is too large';
      this.#refuse(client.id ?? 'unknown', why);
      socket.destroy();
      return false;
    });
    socket.setNoDelay(true);
    // A gateway that loses power or network is not the cloud's fault.
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
    const gateway = client.id;
    if (!new RegExp(ID_PATTERN).test(gateway)) {
      this.#refuse(shown(gateway), 'client id is not a gateway id');
      return refusal('client id is not a gateway id', returnCodes.identifierRejected);
    }
    if (user !== undefined && user !== gateway) return this.#otherName(gateway, 'the user name');
    const shownBy = this.#byCertificate(client);
    if (shownBy !== undefined && 'error' in shownBy) return shownBy.error;
    const byPassword = shownBy === undefined ? await this.#byPassword(client, user, password) : undefined;
    if (byPassword !== undefined) return byPassword;
    const isForeign = shownBy === undefined && client.conn instanceof TLSSocket;
    const rights = new TopicRights(gateway, this.#options.group, isForeign ? 'node' : 'gateway');
    const will = this.#wills.get(client);
    if (will !== undefined && !rights.mayPublish(will)) {
      this.#refuse(gateway, `may not leave a will on ${shown(will)}`);
      return refusal('may not leave this will', returnCodes.notAuthorized);
    }
    this.#rights.set(client, rights);
    this.#admitted.set(client, shownBy?.until ?? Number.POSITIVE_INFINITY);
    return undefined;
  }

  /** The expiry of the client's certificate, or why it is refused; undefined: the client has none. */
  #byCertificate(client: Client): { readonly until: number } | { readonly error: AuthenticateError } | undefined {
    const { certificates } = this.#options;
    if (!(client.conn instanceof TLSSocket) || certificates === undefined) return undefined;
    const verdict = certificates.judge(client.conn);
    if (verdict === undefined) return undefined;
    if ('why' in verdict) {
      this.#refuse(client.id, verdict.why, 'LS-PKI-001');
      return { error: refusal(verdict.why, returnCodes.notAuthorized) };
    }
    if (verdict.gateway !== client.id) return { error: this.#otherName(client.id, `the name in its certificate`) };
    return { until: verdict.until };
  }

  async #byPassword(
    client: Client,
    user: string | undefined,
    password: Uint8Array | undefined,
  ): Promise<AuthenticateError | undefined> {
    const { users, certificates } = this.#options;
    const gateway = client.id;
    if (user === undefined && users !== 'anonymous') return this.#otherName(gateway, 'the user name');
    const revoked = (): AuthenticateError | undefined => {
      if (certificates?.isRevoked(gateway) !== true) return undefined;
      this.#refuse(gateway, 'is revoked', 'LS-PKI-001');
      return refusal('is revoked', returnCodes.notAuthorized);
    };
    const barred = revoked();
    if (barred !== undefined) return barred;
    const address = (client.conn as Socket).remoteAddress ?? '';
    const gone = (): boolean => client.closed;
    const verdict = users === 'anonymous' ? 'known' : await users.check({ gateway, password, address, gone });
    // The client retries with its own back-off.
    if (verdict === 'busy') return refusal('the password cannot be checked now', returnCodes.serverUnavailable);
    // Deriving a key may take seconds: a gateway revoked meanwhile is refused, and a client that has left is not kept.
    if (verdict === 'known') return gone() ? refusal('has left', returnCodes.serverUnavailable) : revoked();
    this.#refuse(gateway, 'user or password is wrong');
    return refusal('user or password is wrong', returnCodes.badUserOrPassword);
  }

  #otherName(gateway: string, what: string): AuthenticateError {
    this.#refuse(gateway, `client id is not ${what}`);
    return refusal(`client id is not ${what}`, returnCodes.identifierRejected);
  }

  #publishFault(client: Client, packet: PublishPacket): Error | null {
    const { topic, qos, retain } = packet;
    if (this.#rights.get(client)?.mayPublish(topic) !== true) {
      return this.#refuse(client.id, `may not publish on ${shown(topic)}`);
    }
    // Gateways publish no topic of the topic table retained or at QoS 2.
    if (qos === 2 || retain)
      return this.#refuse(client.id, `may not publish at QoS ${qos}${retain ? ', retained' : ''}`);
    return null;
  }

  #refuse(client: string, detail: string, code: 'LS-INGEST-006' | 'LS-PKI-001' = 'LS-INGEST-006'): Error {
    this.#options.onRefused?.(client, bad(code, `${client} ${detail}`).fault);
    return new Error(detail);
  }
}

/** Completes a message in the next turn of the event loop. */
const nextTurn = (_packet: unknown, done: () => void): void => void setImmediate(done);

const shown = (text: string): string => JSON.stringify(text.slice(0, 80));

const refusal = (text: string, returnCode: number): AuthenticateError =>
  Object.assign(new Error(text) as AuthenticateError, { returnCode });
