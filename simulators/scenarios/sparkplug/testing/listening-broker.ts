import { Aedes } from 'aedes';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import library from 'sparkplug-payload';

/** A third-party encoder and decoder: what a foreign client reads and writes. */
const foreign = library.get('spBv1.0')!;
export type ForeignPayload = ReturnType<typeof foreign.decodePayload>;
export const encodeForeign = foreign.encodePayload.bind(foreign);

/** Packets that clients sent to the broker, in order. */
export type Said =
  | {
      readonly kind: 'connect';
      readonly client: string;
      readonly clean: boolean;
      readonly version: number;
      readonly will: Publish | undefined;
    }
  | { readonly kind: 'subscribe'; readonly client: string; readonly filters: readonly string[] }
  | ({ readonly kind: 'publish'; readonly client: string } & Publish)
  | { readonly kind: 'gone'; readonly client: string };

export interface Publish {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: number;
  readonly retain: boolean;
}

export const decodeForeign = ({ payload }: Publish): ForeignPayload => foreign.decodePayload(payload);
/** Type of a Sparkplug message: NBIRTH, DDATA, ... */
export const typeOf = ({ topic }: Publish): string => topic.split('/')[2] ?? '';

/** A plain MQTT broker that records every packet. */
export class ListeningBroker {
  readonly said: Said[] = [];
  readonly #sockets = new Set<Socket>();
  #aedes: Aedes | undefined;
  #server: Server | undefined;
  port = 0;

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker();
    aedes.preConnect = (_client, packet, done) => {
      const { will, clean, protocolVersion, clientId } = packet;
      this.said.push({
        kind: 'connect',
        client: clientId,
        clean: clean === true,
        version: protocolVersion ?? 0,
        will:
          will === undefined
            ? undefined
            : {
                topic: will.topic,
                payload: Buffer.from(will.payload),
                qos: will.qos ?? 0,
                retain: will.retain === true,
              },
      });
      done(null, true);
    };
    aedes.on('subscribe', (filters, client) =>
      this.said.push({ kind: 'subscribe', client: client.id, filters: filters.map(({ topic }) => topic) }),
    );
    // The `publish` event would be too late: it fires after other clients have received the message and may have answered.
    aedes.authorizePublish = (client, { topic, payload, qos, retain }, done) => {
      if (client !== null)
        this.said.push({ kind: 'publish', client: client.id, topic, payload: Buffer.from(payload), qos, retain });
      done(null);
    };
    aedes.on('clientDisconnect', (client) => this.said.push({ kind: 'gone', client: client.id }));
    this.#aedes = aedes;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      aedes.handle(socket);
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Sparkplug messages that one client published, in order. */
  sparkplugOf(client: string): readonly Publish[] {
    return this.said.filter(
      (each): each is Extract<Said, { kind: 'publish' }> =>
        each.kind === 'publish' && each.client === client && each.topic.startsWith('spBv1.0/'),
    );
  }

  connectsOf(client: string): readonly Extract<Said, { kind: 'connect' }>[] {
    return this.said.filter((each) => each.kind === 'connect').filter((each) => each.client === client);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server?.close();
    const aedes = this.#aedes;
    if (aedes !== undefined) await new Promise<void>((resolve) => aedes.close(() => resolve()));
  }
}
