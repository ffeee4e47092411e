import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, MqttClient, type IClientOptions } from 'mqtt';
import type { Link, LinkHandlers, LinkMessage, LinkOptions, PublishOptions } from '../../shared/ports/link.ts';
import type { Random } from '../../shared/ports/random.ts';
import { backOff } from '../../shared/time/back-off.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { ALPN } from '../../shared/pki/enrolment.ts';
import { endOf, readIdentity, tlsOf } from './identity-files.ts';
import { isSecure, openSocket, secured, type UplinkProxy } from './proxy-tunnel.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { asBuffer } from '../../shared/codec/as-buffer.ts';

export interface MqttLinkOptions {
  readonly url: string;
  /** Proxy to the broker; absent: none. */
  readonly proxy?: UplinkProxy;
  /** Folder of the gateway's certificate, read at each connection, so that it can be renewed without a restart. */
  readonly identity?: string;
  readonly username?: string;
  /** Read at each connection, so that a password can be changed without a restart. */
  readonly passwordFile?: string;
  readonly keepAliveS: number;
  /** Back-off between attempts with full jitter, s: up to the first value, doubled at each failure up to the last. */
  readonly reconnectS?: readonly [number, number];
  readonly clock: Clock;
  readonly random: Random;
  /** Receives errors thrown by a handler, which are defects. */
  readonly onFailure: (error: unknown) => void;
}

const PUBLISH_TIMEOUT_MS = 10_000;
/**
 * Time-out for a broker that has not answered yet, doubled at each failure up to the last. When a whole fleet comes back it queues
 * at the broker: gateways that give up before their turn leave it with dead connections only, and none gets in.
 */
const CONNECT_TIMEOUT_MS = [15_000, 60_000] as const;
/** A connection that lasted this long resets the back-off. One that breaks at once does not. */
const STEADY_MS = 5000;
/** Queued messages before backpressure applies to the broker. */
const MAX_QUEUED = 1000;

/** The Link port over mqtt.js: MQTT 3.1.1, clean sessions, one client object for each connection. */
export class MqttLink implements Link {
  readonly #options: MqttLinkOptions;
  #open: { readonly options: LinkOptions; readonly handlers: LinkHandlers } | undefined;
  #opened = false;
  #client: MqttClient | undefined;
  /** The TCP socket under any TLS. */
  #socket: Pick<Socket, 'bytesRead' | 'bytesWritten'> | undefined;
  /** Bytes of earlier sockets. */
  #carried = 0;
  #connected = false;
  /** Failures since the last stable connection. */
  #attempt = 0;
  #connectedAt = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;
  /** Runs until the subscriptions are acknowledged. */
  #patience: Timer | undefined;
  /** Handlers run one after the other, in order. */
  #turn: Promise<void> = Promise.resolve();
  #queued = 0;

  constructor(options: MqttLinkOptions) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#connected;
  }

  bytes(): number {
    return this.#carried + carriedBy(this.#socket);
  }

  /**
   * Connects at once the first time. Later calls, such as when the host leaves all its gateways at once, wait for the jitter of a
   * retry.
   */
  open(options: LinkOptions, handlers: LinkHandlers): void {
    this.#open = { options, handlers };
    if (this.#opened) this.#retry();
    else this.#connect();
    this.#opened = true;
  }

  publish(topic: string, payload: Uint8Array, { qos, retain = false }: PublishOptions): Promise<boolean> {
    const client = this.#client;
    if (client === undefined || !this.#connected) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = this.#options.clock.machine.after(PUBLISH_TIMEOUT_MS, () => resolve(false));
    client.publish(topic, asBuffer(payload), { qos, retain }, (error) => {
      timer.cancel();
      resolve(error === undefined || error === null);
    });
    return promise;
  }

  async close(): Promise<void> {
    this.#open = undefined;
    this.#timer?.cancel();
    const client = this.#client;
    const wasConnected = this.#connected;
    this.#client = undefined;
    this.#ends();
    if (client === undefined) return;
    // Removing the library's own listeners would leave its timers running, and one of 30 s would keep the process alive.
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.machine.after(2000, () => {
      client.end(true);
      resolve();
    });
    client.end(!wasConnected, {}, () => resolve());
    await promise;
    timer.cancel();
  }

  #connect(): void {
    const open = this.#open;
    if (open === undefined) return;
    const options = this.#clientOptions(open.options);
    if (typeof options === 'string') {
      this.#tell(options);
      this.#retry();
      return;
    }
    const { url, proxy } = this.#options;
    if (proxy === undefined && url.startsWith('mqtt:')) {
      const client = connect(url, options);
      this.#begin(client, client.stream as Socket, open);
    } else
      openSocket(url, proxy, { time: this.#options.clock.machine, timeoutMs: this.#patienceMs() }).then(
        (socket) => {
          if (this.#open !== open) {
            socket.destroy();
            return;
          }
          const stream = this.#stream(socket);
          if (typeof stream === 'string') {
            socket.destroy();
            this.#tell(stream);
            this.#retry();
          } else this.#begin(through(stream, url, options), socket, open);
        },
        (error: unknown) => {
          if (this.#open !== open) return;
          this.#tell(messageOf(error));
          this.#retry();
        },
      );
  }

  /** The stream for MQTT; a string says why there is none now. */
  #stream(socket: Socket): Socket | string {
    const { url, identity } = this.#options;
    if (!isSecure(url)) return socket;
    if (identity === undefined) return secured(socket, url);
    const read = readIdentity(identity);
    if (!read.ok) return `${read.fault.code}: ${read.fault.detail}`;
    return secured(socket, url, { ...tlsOf(read.value), ALPNProtocols: [ALPN.mqtt] });
  }

  #begin(
    client: MqttClient,
    socket: Socket,
    open: { readonly options: LinkOptions; readonly handlers: LinkHandlers },
  ): void {
    this.#client = client;
    this.#carried += carriedBy(this.#socket);
    this.#socket = socket;
    client.handleMessage = (_packet, done) => this.#whenRoom(done);
    client.on('connect', () => {
      if (client === this.#client) this.#subscribe(client, open.options);
    });
    client.on('message', (topic, payload, packet) => this.#deliver(client, { topic, payload, retain: packet.retain }));
    let reason = 'closed';
    client.on('error', (error) => {
      reason = this.#withCertificate(error.message);
    });
    client.on('close', () => this.#lost(client, reason));
  }

  /** The broker only says "not authorized", so this adds the certificate's expiry from the file. */
  #withCertificate(reason: string): string {
    const { identity, clock } = this.#options;
    const read = identity === undefined ? undefined : readIdentity(identity);
    if (read?.ok !== true || !/not authorized/i.test(reason)) return reason;
    const until = endOf(read.value);
    const ends = until <= clock.machine.now() ? 'ended' : 'ends';
    return `${reason} (the certificate in ${identity} ${ends} at ${new Date(until).toISOString()})`;
  }

  /** A string says why no connection is possible now. */
  #clientOptions({ clientId, will }: LinkOptions): IClientOptions | string {
    const { username, passwordFile, keepAliveS } = this.#options;
    const password = passwordFile === undefined ? undefined : readPassword(passwordFile, username);
    if (password === null) return `the password file ${passwordFile} cannot be read`;
    const last = will?.();
    return {
      clientId,
      protocolVersion: 4,
      clean: true,
      keepalive: keepAliveS,
      reschedulePings: false,
      connectTimeout: this.#patienceMs(),
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      // Otherwise mqtt.js caches a buffer for each of the 65,536 values of two bytes, 7 MB.
      writeCache: false,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(last === undefined ? {} : { will: { ...last, payload: asBuffer(last.payload) } }),
    };
  }

  /** The connection counts once its subscriptions are acknowledged. */
  #subscribe(client: MqttClient, { subscriptions }: LinkOptions): void {
    // Otherwise a broker that answers pings but no subscription would be waited for indefinitely.
    this.#patience = this.#options.clock.machine.after(this.#patienceMs(), () =>
      this.#lost(client, 'the broker does not answer the subscriptions'),
    );
    const ready = (): void => {
      if (client !== this.#client) return;
      this.#patience?.cancel();
      this.#connected = true;
      this.#connectedAt = this.#options.clock.machine.elapsed();
      this.#inTurn(async () => {
        if (client === this.#client) await this.#open?.handlers.onConnect();
      });
    };
    if (subscriptions.length === 0) ready();
    else {
      client.subscribe([...subscriptions], { qos: 1 }, (error) => {
        if (error === null || error === undefined) ready();
        else client.end(true);
      });
    }
  }

  #deliver(client: MqttClient, message: LinkMessage): void {
    this.#queued++;
    this.#inTurn(async () => {
      this.#queued--;
      if (client === this.#client) await this.#open?.handlers.onMessage(message);
    });
  }

  /** Backpressure: a broker that sends faster than messages are handled waits at the socket. */
  #whenRoom(done: () => void): void {
    if (this.#queued < MAX_QUEUED) done();
    else this.#inTurn(async () => done());
  }

  #lost(client: MqttClient, reason: string): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    this.#ends();
    client.removeAllListeners();
    client.on('error', () => {});
    client.end(true);
    this.#tell(reason);
    this.#retry();
  }

  #ends(): void {
    this.#patience?.cancel();
    this.#connected = false;
    if (this.#options.clock.machine.elapsed() - this.#connectedAt >= STEADY_MS) this.#attempt = 0;
    this.#connectedAt = Number.POSITIVE_INFINITY;
  }

  #tell(reason: string): void {
    this.#inTurn(async () => {
      await this.#open?.handlers.onClose(reason);
    });
  }

  #patienceMs(): number {
    return backOff(CONNECT_TIMEOUT_MS, this.#attempt + 1);
  }

  #retry(): void {
    const { clock, random, reconnectS = [1, 120] } = this.#options;
    this.#timer = clock.machine.after(backOff(reconnectS, ++this.#attempt, random) * 1000, () => this.#connect());
  }

  #inTurn(task: () => Promise<void>): void {
    this.#turn = this.#turn.then(task).catch(this.#options.onFailure);
  }
}

const carriedBy = (socket: Pick<Socket, 'bytesRead' | 'bytesWritten'> | undefined): number =>
  socket === undefined ? 0 : socket.bytesRead + socket.bytesWritten;

/** A client on an open stream. */
function through(stream: Socket, url: string, options: IClientOptions): MqttClient {
  if (url.startsWith('ws')) return connect(url, { ...options, wsOptions: { createConnection: () => stream } });
  return new MqttClient(() => stream, options);
}

/** Reads the password; the file holds it alone or after `user:`. */
function readPassword(path: string, username: string | undefined): Buffer | null {
  try {
    const text = readFileSync(path, 'utf8').trim();
    const prefix = `${username ?? ''}:`;
    return Buffer.from(prefix !== ':' && text.startsWith(prefix) ? text.slice(prefix.length) : text);
  } catch {
    return null;
  }
}
