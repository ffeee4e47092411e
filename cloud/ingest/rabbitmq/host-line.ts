import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { asBuffer } from '../../../shared/codec/as-buffer.ts';
import type { LinkMessage, LinkWill } from '../../../shared/ports/link.ts';
import type { BrokerAddress } from './address.ts';
import { faultOf } from './faults.ts';
import { goodBye } from './good-bye.ts';

export interface HostLineOptions {
  readonly address: BrokerAddress;
  readonly clientId: string;
  readonly will: LinkWill | undefined;
  /** Topics of hosts; messages of gateways come through AMQP queues. */
  readonly filters: readonly string[];
  readonly onMessage: (message: LinkMessage) => void;
  readonly onClose: (reason: string) => void;
}

const KEEP_ALIVE_S = 6;
const CONNECT_TIMEOUT_MS = 10_000;

/** The host's own MQTT connection, because AMQP has no wills. */
export class HostLine {
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
  }

  /** Resolves once its subscriptions are in place; rejects if it cannot connect. */
  static async open({ address, clientId, will, filters, onMessage, onClose }: HostLineOptions): Promise<HostLine> {
    const options: IClientOptions = {
      clientId,
      protocolVersion: 4,
      clean: true,
      keepalive: KEEP_ALIVE_S,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      writeCache: false,
      username: address.user,
      password: address.password,
      ...(address.roots === undefined ? {} : { ca: address.roots }),
      ...(will === undefined ? {} : { will: { ...will, payload: asBuffer(will.payload) } }),
    };
    const client = connect(address.mqttUrl, options);
    let reason = new Error('the broker closed the connection');
    let isOpen = false;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    client.on('error', (error) => (reason = error));
    client.once('connect', () => resolve());
    client.once('close', () => {
      reject(reason);
      // Until the line is open, errors reject `open` instead.
      if (isOpen) onClose(`MQTT: ${reason.message}`);
    });
    client.on('message', (topic, payload, { retain }) => onMessage({ topic, payload, retain }));
    try {
      await promise;
      if (filters.length > 0) await client.subscribeAsync([...filters], { qos: 1 });
      if (!client.connected) throw reason;
      isOpen = true;
      return new HostLine(client);
    } catch (error) {
      client.end(true);
      throw faultOf(error, 'mqtt', address);
    }
  }

  /** Resolves once the broker has it; rejects if the line is lost. */
  async publish(topic: string, payload: Uint8Array): Promise<void> {
    await this.#client.publishAsync(topic, asBuffer(payload), { qos: 1 });
  }

  /** Disconnects cleanly, so that the broker does not send the will. */
  async end(timeoutMs?: number): Promise<void> {
    await goodBye(this.#client.endAsync(), () => this.#client.stream.destroy(), timeoutMs);
  }
}
