import { connect, createServer, type Server, type Socket } from 'node:net';

interface Wire {
  readonly gateway: Socket;
  readonly cloud: Socket;
  /** The client id, once the CONNECT has passed. */
  name: string | undefined;
}

/**
 * A TCP proxy between gateways and cloud. It can be cut and mended, and can inject a message between two packets to a gateway, like a
 * broker that was taken over.
 */
export class UplinkLine {
  readonly #wires = new Set<Wire>();
  /** Connections made while the line was cut, each with the function that forwards it. */
  readonly #held = new Map<Socket, () => void>();
  #server: Server | undefined;
  #up = true;
  #stalled = false;

  /** Listens on `port` for gateways and connects each to the cloud at `target`. */
  async start(port: number, target: number): Promise<void> {
    const server = createServer((gateway) => {
      if (this.#up) this.#carry(gateway, target);
      else this.#hold(gateway, target);
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  }

  /** Cuts all connections. New connections hang until the line is mended, as if their packets were lost. */
  cut(): void {
    this.#up = false;
    for (const { gateway, cloud } of this.#wires) {
      gateway.destroy();
      cloud.destroy();
    }
  }

  /** Connections stay open and accept data, but nothing arrives; once mended, the connections and their data are gone. */
  stall(): void {
    this.#stalled = true;
  }

  mend(): void {
    this.#up = true;
    for (const carry of this.#held.values()) carry();
    this.#held.clear();
    if (!this.#stalled) return;
    this.#stalled = false;
    for (const { gateway, cloud } of this.#wires) {
      gateway.destroy();
      cloud.destroy();
    }
  }

  /** Publishes to one gateway at QoS 0 as the broker would; false if it is not connected. */
  inject(gateway: string, topic: string, payload: string): boolean {
    const wire = [...this.#wires].find(({ name }) => name === gateway);
    wire?.gateway.write(publishPacket(topic, payload));
    return wire !== undefined;
  }

  async stop(): Promise<void> {
    this.cut();
    for (const gateway of this.#held.keys()) gateway.destroy();
    const server = this.#server;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #hold(gateway: Socket, target: number): void {
    const said: Buffer[] = [];
    const hear = (chunk: Buffer): unknown => said.push(chunk);
    this.#held.set(gateway, () => {
      gateway.off('data', hear);
      this.#carry(gateway, target, said);
    });
    gateway
      .on('data', hear)
      .on('error', () => undefined)
      .on('close', () => this.#held.delete(gateway));
  }

  /** `said` holds the packets that the gateway has already sent. */
  #carry(gateway: Socket, target: number, said: readonly Buffer[] = []): void {
    const cloud = connect(target, '127.0.0.1');
    const wire: Wire = { gateway, cloud, name: undefined };
    this.#wires.add(wire);
    const end = (): void => {
      this.#wires.delete(wire);
      gateway.destroy();
      cloud.destroy();
    };
    for (const socket of [gateway, cloud]) socket.on('error', end).on('close', end);
    const toCloud = (chunk: Buffer): void => {
      wire.name ??= clientIdOf(chunk);
      if (!this.#stalled) cloud.write(chunk);
    };
    for (const chunk of said) toCloud(chunk);
    gateway.on('data', toCloud);
    // Whole packets only, so that an injected one never splits another.
    const packets = new PacketSplitter();
    cloud.on('data', (chunk: Buffer) => {
      for (const packet of packets.take(chunk)) if (!this.#stalled) gateway.write(packet);
    });
  }
}

/** Splits a byte stream into MQTT control packets (MQTT 3.1.1, 2.2). */
class PacketSplitter {
  #rest: Buffer = Buffer.alloc(0);

  take(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const packets: Buffer[] = [];
    for (let length = lengthOf(this.#rest); length !== undefined; length = lengthOf(this.#rest)) {
      packets.push(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
    }
    return packets;
  }
}

/** Length of the first packet; undefined while it is incomplete. */
function lengthOf(bytes: Buffer): number | undefined {
  let remaining = 0;
  for (let at = 1; at < Math.min(5, bytes.length); at++) {
    remaining += (bytes[at]! & 0x7f) * 128 ** (at - 1);
    if (bytes[at]! < 0x80) return at + 1 + remaining <= bytes.length ? at + 1 + remaining : undefined;
  }
  return undefined;
}

/** Reads the client id of an MQTT 3.1.1 CONNECT: fixed header, 10 bytes of variable header, client id. */
function clientIdOf(connectPacket: Buffer): string | undefined {
  if (connectPacket[0] !== 0x10) return undefined;
  const start = connectPacket.indexOf('MQTT', 0, 'latin1') + 8;
  const length = connectPacket.readUInt16BE(start);
  return connectPacket.toString('utf8', start + 2, start + 2 + length);
}

function publishPacket(topic: string, payload: string): Buffer {
  const name = Buffer.from(topic);
  const body = Buffer.concat([Buffer.from([name.length >> 8, name.length & 0xff]), name, Buffer.from(payload)]);
  const size: number[] = [];
  for (let left = body.length; size.length === 0 || left > 0; left >>= 7)
    size.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
  return Buffer.concat([Buffer.from([0x30, ...size]), body]);
}
