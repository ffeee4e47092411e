import type { Link, LinkHandlers, LinkOptions, PublishOptions } from '../../shared/ports/link.ts';
import { parseSparkplugTopic, parseTopic, topicTable, type TopicName } from '../../shared/topics/topics.ts';
import { bytesOf, type Traffic, type TrafficKind } from './traffic.ts';

const kindOfName: Partial<Record<TopicName, TrafficKind>> = {
  events: 'events',
  health: 'health',
  sessions: 'health',
  acknowledgement: 'acknowledgements',
  ranges: 'acknowledgements',
  heartbeat: 'heartbeats',
  desiredPlan: 'plans',
  reportedPlan: 'plans',
  desiredSettings: 'plans',
  command: 'commands',
  commandResult: 'commands',
};

/** A link that counts its traffic by kind. */
export class MeteredLink implements Link {
  readonly #inner: Link;
  #counted: Partial<Record<TrafficKind, number>> = {};
  /** Socket byte count at the last `take`. */
  #socketBytes = 0;

  constructor(inner: Link) {
    this.#inner = inner;
  }

  get connected(): boolean {
    return this.#inner.connected;
  }

  open(options: LinkOptions, handlers: LinkHandlers): void {
    this.#inner.open(options, {
      ...handlers,
      onConnect: () => handlers.onConnect(),
      onClose: (reason) => handlers.onClose(reason),
      onMessage: (message) => {
        this.#count(message.topic, message.payload, qosOf(message.topic));
        return handlers.onMessage(message);
      },
    });
  }

  async publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<boolean> {
    const sent = await this.#inner.publish(topic, payload, options);
    if (sent) this.#count(topic, payload, options.qos);
    return sent;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** Traffic since the last call. Socket bytes beyond the messages count as `line`. */
  take(): Traffic {
    const counted = this.#counted;
    this.#counted = {};
    const now = this.#inner.bytes?.();
    if (now === undefined) return counted;
    const line = now - this.#socketBytes - bytesOf(counted);
    this.#socketBytes = now;
    return line === 0 ? counted : { ...counted, line };
  }

  #count(topic: string, payload: Uint8Array, qos: 0 | 1): void {
    const kind = kindOf(topic);
    this.#counted[kind] = (this.#counted[kind] ?? 0) + packetBytes(topic, payload.length, qos);
  }
}

function kindOf(topic: string): TrafficKind {
  const parsed = parseTopic(topic);
  if (parsed !== undefined) return kindOfName[parsed.name] ?? 'models';
  const type = parseSparkplugTopic(topic)?.type;
  if (type === 'DDATA' || type === 'NDATA') return 'measurements';
  return type === undefined ? 'line' : 'births';
}

const qosOf = (topic: string): 0 | 1 => {
  const parsed = parseTopic(topic);
  return parsed === undefined ? 1 : topicTable[parsed.name].qos;
};

/** Bytes of a PUBLISH in MQTT 3.1.1, and of its PUBACK at QoS 1. */
function packetBytes(topic: string, payloadBytes: number, qos: 0 | 1): number {
  const rest = 2 + Buffer.byteLength(topic) + (qos === 1 ? 2 : 0) + payloadBytes;
  const lengthBytes = rest < 128 ? 1 : rest < 16_384 ? 2 : rest < 2_097_152 ? 3 : 4;
  return 1 + lengthBytes + rest + (qos === 1 ? 4 : 0);
}
