import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { connect as connectTcp, type Socket } from 'node:net';
import { MqttClient, type IClientOptions } from 'mqtt';
import { ALPN } from '../../shared/pki/enrolment.ts';
import { until } from '../../shared/testing/until.ts';
import { endOf } from './end-of.ts';

/** The broker that gateways connect to: the one in the cloud, or RabbitMQ. */
export type BrokerName = 'embedded' | 'RabbitMQ';

interface AtBroker {
  readonly broker?: BrokerName;
  readonly enrolmentPort?: number;
}

/** Where gateways connect, and the roots that they trust for it; '' if unknown. */
export class UplinkPlace {
  readonly host: string;
  readonly port: number;
  readonly roots: string;
  readonly broker: BrokerName;
  /** Port for certificates, always at the cloud itself. */
  readonly enrolmentPort: number;

  constructor(host: string, port: number, roots = '', { broker = 'embedded', enrolmentPort = port }: AtBroker = {}) {
    this.host = host;
    this.port = port;
    this.roots = roots;
    this.broker = broker;
    this.enrolmentPort = enrolmentPort;
  }

  /** Selects the expected answer, because the brokers refuse in different words. */
  says(embedded: RegExp, rabbit: RegExp): RegExp {
    return this.broker === 'RabbitMQ' ? rabbit : embedded;
  }

  /** An established TCP connection. Throws if none is established: a target that was not reached has refused nothing. */
  bare(): Promise<Socket> {
    const socket = connectTcp(this.port, this.host);
    socket.on('error', () => undefined);
    return standing(socket, 'connect');
  }

  /** A completed TLS handshake. Throws if it fails. */
  shaken(): Promise<TLSSocket> {
    return standing(this.tls(), 'secureConnect');
  }

  tls(options: ConnectionOptions = {}): TLSSocket {
    const trust = this.roots === '' ? { rejectUnauthorized: false } : { ca: this.roots };
    const socket = connectTls({
      host: this.host,
      port: this.port,
      ALPNProtocols: [ALPN.mqtt],
      ...trust,
      ...options,
    });
    socket.on('error', () => undefined);
    return socket;
  }

  /** A connected client, or the reason why it was refused. */
  async attempt(id: string, pem: string | undefined, more: Attempt = {}): Promise<MqttClient | string> {
    const { tls = {}, ...mqtt } = more;
    const shown = pem === undefined ? {} : { key: pem, cert: pem };
    const socket = (): TLSSocket => this.tls({ ...shown, ...tls });
    const client = new MqttClient(socket, { clientId: id, reconnectPeriod: 0, connectTimeout: 10_000, ...mqtt });
    client.on('error', () => undefined);
    return new Promise((resolve) => {
      client.once('connect', () => resolve(client));
      client.once('error', (error) => resolve(wordsOf(error)));
      client.once('close', () => resolve('closed'));
    });
  }

  /** The refusal, or a statement that the client was admitted. */
  async answerTo(id: string, pem: string | undefined, more: Attempt = {}): Promise<string> {
    const answer = await this.attempt(id, pem, more);
    if (typeof answer === 'string') return answer;
    answer.end(true);
    return `${id} was admitted`;
  }

  /**
   * The answer to a certificate. TLS 1.3 sends it after the handshake, and the alert is lost if the connection is cut first. In that case
   * it tries again.
   */
  async answerToCertificate(id: string, pem: string, more: Attempt = {}): Promise<string> {
    return until(`the reason why ${id} is not admitted`, async () => {
      const answer = await this.answerTo(id, pem, more);
      return answer !== 'closed' && answer;
    });
  }

  async client(id: string, pem: string | undefined, more: Attempt = {}): Promise<MqttClient> {
    const answer = await this.attempt(id, pem, more);
    if (typeof answer === 'string') throw new Error(`${id} was not admitted: ${answer}`);
    return answer;
  }
}

/** The TLS alert if it arrived before the connection was cut, else MQTT's reason. */
function wordsOf({ message, code }: Error & { readonly code?: unknown }): string {
  const alert = /\balert [a-z][a-z ]+/.exec(message)?.[0];
  return alert ?? (code === 'ECONNRESET' || code === 'EPIPE' ? 'closed' : message);
}

interface Attempt extends Partial<IClientOptions> {
  readonly tls?: ConnectionOptions;
}

async function standing<S extends Socket>(socket: S, event: 'connect' | 'secureConnect'): Promise<S> {
  const stands = await new Promise<boolean>((resolve) => {
    socket.once(event, () => resolve(true));
    socket.once('close', () => resolve(false));
  });
  if (!stands) throw new Error('the uplink port cannot be reached');
  return socket;
}

type Done = (error?: Error | null) => void;

/**
 * Does something that should make the other side end the connection. Returns what the other side did. `done` is called once the message is
 * accepted.
 */
export async function whatEnds(client: MqttClient, act: (done: Done) => void): Promise<string> {
  const closed = endOf(client);
  const taken = new Promise<string>((resolve) =>
    act((error) => {
      if (error === null || error === undefined) resolve('it is accepted');
    }),
  );
  const answer = await Promise.race([closed, taken]);
  client.end(true);
  return answer;
}
