import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { connect as connectTcp, type Socket } from 'node:net';
import { MqttClient, type IClientOptions } from 'mqtt';
import { ALPN } from '../../shared/pki/enrolment.ts';
import { until } from '../../shared/testing/until.ts';
import { endOf } from './end-of.ts';

/** What gateways connect to: the broker in the cloud, or one of its own. */
export type BrokerName = 'embedded' | 'RabbitMQ';

interface AtBroker {
  readonly broker?: BrokerName;
  readonly enrolmentPort?: number;
}

/** Where gateways connect, and the roots by which they know it; '' where those are not known. */
export class UplinkPlace {
  readonly host: string;
  readonly port: number;
  readonly roots: string;
  readonly broker: BrokerName;
  /** Where certificates are issued: at the cloud itself. */
  readonly enrolmentPort: number;

  constructor(host: string, port: number, roots = '', { broker = 'embedded', enrolmentPort = port }: AtBroker = {}) {
    this.host = host;
    this.port = port;
    this.roots = roots;
    this.broker = broker;
    this.enrolmentPort = enrolmentPort;
  }

  /** What each broker answers, where they refuse in words of their own. */
  says(embedded: RegExp, rabbit: RegExp): RegExp {
    return this.broker === 'RabbitMQ' ? rabbit : embedded;
  }

  /** A connection that stands. Throws where none comes about: what was never reached has refused nothing. */
  bare(): Promise<Socket> {
    const socket = connectTcp(this.port, this.host);
    socket.on('error', () => undefined);
    return standing(socket, 'connect');
  }

  /** A handshake that has ended well. Throws where it has not. */
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

  /** A client that is in, or in words why it is not. */
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

  /** In words: why it is not let in, or that it is. */
  async answerTo(id: string, pem: string | undefined, more: Attempt = {}): Promise<string> {
    const answer = await this.attempt(id, pem, more);
    if (typeof answer === 'string') return answer;
    answer.end(true);
    return `${id} came in`;
  }

  /**
   * What is said of a certificate. TLS 1.3 says it behind the handshake, and where the connection is cut first the alert is lost: then
   * it is asked again.
   */
  async answerToCertificate(id: string, pem: string, more: Attempt = {}): Promise<string> {
    return until(`${id} is told why it is not let in`, async () => {
      const answer = await this.answerTo(id, pem, more);
      return answer !== 'closed' && answer;
    });
  }

  async client(id: string, pem: string | undefined, more: Attempt = {}): Promise<MqttClient> {
    const answer = await this.attempt(id, pem, more);
    if (typeof answer === 'string') throw new Error(`${id} did not come in: ${answer}`);
    return answer;
  }
}

/** The alert of TLS, as far as it comes before the connection is cut; else what MQTT says. */
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
  if (!stands) throw new Error('the port of the uplinks is not reached');
  return socket;
}

type Told = (error?: Error | null) => void;

/** Does something that the other side should end the connection for; in words what it did. `told` is called once it is taken. */
export async function whatEnds(client: MqttClient, act: (told: Told) => void): Promise<string> {
  const closed = endOf(client);
  const taken = new Promise<string>((resolve) =>
    act((error) => {
      if (error === null || error === undefined) resolve('it is taken');
    }),
  );
  const answer = await Promise.race([closed, taken]);
  client.end(true);
  return answer;
}
