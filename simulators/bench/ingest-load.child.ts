import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import type { Acknowledgement } from '../../shared/contracts/acknowledgement.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { ALPN } from '../../shared/pki/enrolment.ts';
import { readIdentity, tlsOf } from '../../edge/uplink/identity-files.ts';
import { topicFor } from '../../shared/topics/topics.ts';
import { birthPackets, framePacket, gatewayName, load } from './ingest-load.ts';

/**
 * Gateways of the ingest bench in a process of their own. It encodes the frames before the start, then sends them over MQTT, each gateway
 * with a window of unacknowledged frames. Talks to its parent over IPC.
 */
export interface LoadOrder {
  readonly url: string;
  /** Folder with one subfolder per gateway certificate; without it gateways have none. */
  readonly identities?: string;
  readonly framesPerGateway: number;
  readonly metricsPerFrame: number;
  readonly window: number;
}

export type LoadNews = { readonly kind: 'ready' } | { readonly kind: 'acknowledged' };

interface Sender {
  readonly client: MqttClient;
  readonly packets: readonly Buffer[];
  next: number;
  acknowledged: number;
}

const CHUNK = 50;
const tell = (news: LoadNews): void => void process.send?.(news);

async function prepare(order: LoadOrder): Promise<Sender[]> {
  const senders: Sender[] = [];
  for (let gateway = 0; gateway < load.gateways; gateway++) {
    const packets = Array.from({ length: order.framesPerGateway }, (_, n) =>
      framePacket(gateway, n, order.metricsPerFrame),
    );
    const name = gatewayName(gateway);
    const tls =
      order.identities === undefined
        ? {}
        : { ...tlsOf(unwrap(readIdentity(join(order.identities, name)))), ALPNProtocols: [ALPN.mqtt] };
    const client = await mqtt.connectAsync(order.url, { ...tls, clientId: name, reconnectPeriod: 0 });
    await client.subscribeAsync(topicFor('acknowledgement', name));
    for (const packet of birthPackets(gateway)) client.stream.write(packet);
    const ranges = {
      version: 1,
      stream: 'measurements',
      runs: [{ run: load.run, firstOffset: load.firstOffset }],
      missing: [],
    };
    await client.publishAsync(topicFor('ranges', name), JSON.stringify(ranges), { qos: 1 });
    senders.push({ client, packets, next: 0, acknowledged: 0 });
  }
  return senders;
}

/** Sends while the window and the socket have room. */
function pump(sender: Sender, window: number): void {
  const { client, packets } = sender;
  while (sender.next < packets.length && sender.next - sender.acknowledged < window) {
    const end = Math.min(sender.next + CHUNK, packets.length);
    const room = client.stream.write(Buffer.concat(packets.slice(sender.next, end)));
    sender.next = end;
    if (!room) {
      client.stream.once('drain', () => pump(sender, window));
      return;
    }
  }
}

async function run(order: LoadOrder): Promise<void> {
  const senders = await prepare(order);
  process.once('message', () => {
    let open = senders.length;
    for (const sender of senders) {
      sender.client.on('message', (_topic, payload) => {
        const { run: of, upTo } = JSON.parse(payload.toString()) as Acknowledgement;
        if (of !== load.run) return;
        const before = sender.acknowledged;
        sender.acknowledged = Math.max(before, upTo + 1 - load.firstOffset);
        if (sender.acknowledged >= sender.packets.length && before < sender.packets.length && --open === 0) {
          tell({ kind: 'acknowledged' });
        }
        pump(sender, order.window);
      });
      pump(sender, order.window);
    }
  });
  tell({ kind: 'ready' });
}

process.once('message', (order: LoadOrder) => {
  run(order).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit(0));
