import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { BrokerAddress } from '../../cloud/ingest/rabbitmq/address.ts';
import { startEpmd, startNode, type RabbitOptions, type RunningRabbit } from './rabbitmq.ts';

const SHIPPED = join(import.meta.dirname, '../../deploy/containers/rabbitmq/cluster.conf');

/**
 * Three nodes of a real RabbitMQ as in the compose file, except for ports, paths and names. Its addresses lead to any node that is up, like
 * one shared name. `kill` ends one node, a different one each time; `start` restarts it.
 */
export async function startCluster({ dir, tls, isPlain = false }: RabbitOptions): Promise<RunningRabbit> {
  const { epmdPort, end } = await startEpmd();
  mkdirSync(dir, { recursive: true });
  // Nodes that start together would each create one.
  writeFileSync(join(dir, '.erlang.cookie'), randomUUID(), { mode: 0o400 });
  // The listeners are configured per node already.
  const more = readFileSync(SHIPPED, 'utf8')
    .replaceAll(/^(?:listeners|management)\..*\n/gm, '')
    .replaceAll(/rabbit@rabbitmq-(\d)/g, 'node-$1@localhost')
    // Many gateways' connections need more memory than a single-gateway node has.
    .concat('vm_memory_high_watermark.absolute = 1GB\n');
  const started = await Promise.allSettled(
    [1, 2, 3].map((n) =>
      startNode({ dir: join(dir, `node-${n}`), tls, isPlain, name: `node-${n}@localhost`, epmdPort, home: dir, more }),
    ),
  );
  const nodes = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = started.find((each) => each.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(nodes.map((node) => node.stop()));
    end();
    throw failed.reason;
  }
  const doors: Door[] = [];
  const open = async (urlOf: (node: RunningRabbit) => string): Promise<string> => {
    const door = await balance(nodes.map((node) => Number(new URL(urlOf(node)).port)));
    doors.push(door);
    const url = new URL(urlOf(nodes[0]!));
    return `${url.protocol}//127.0.0.1:${door.port}`;
  };
  const addressOf = async (of: 'address' | 'farAddress', mqttUrl: string): Promise<BrokerAddress> => ({
    ...nodes[0]![of],
    mqttUrl,
    amqpUrl: await open((node) => node[of].amqpUrl),
    managementUrl: await open((node) => node[of].managementUrl),
  });
  const mqttUrl = await open(({ address }) => address.mqttUrl);
  let turn = 0;
  return {
    address: await addressOf('address', mqttUrl),
    farAddress: await addressOf('farAddress', mqttUrl),
    gatewayPort: Number(new URL(mqttUrl).port),
    plainPort: nodes[0]!.plainPort,
    pid: nodes[0]!.pid,
    get isRunning() {
      return nodes.some((node) => node.isRunning);
    },
    said: () => nodes.map((node) => node.said()).join('\n'),
    kill: () => nodes[turn % nodes.length]!.kill(),
    start: () => nodes[turn++ % nodes.length]!.start(),
    stop: async () => {
      for (const door of doors) door.end();
      await Promise.all(nodes.map((node) => node.stop()));
      end();
    },
  };
}

interface Door {
  readonly port: number;
  readonly end: () => void;
}

/** Forwards each connection to the next port that accepts it. */
async function balance(ports: readonly number[]): Promise<Door> {
  const open = new Set<Socket>();
  let next = 0;
  const carry = (client: Socket, left: number): void => {
    const port = ports[next++ % ports.length]!;
    const node = connect(port, '127.0.0.1');
    const end = (): void => {
      for (const socket of [client, node]) {
        open.delete(socket);
        socket.destroy();
      }
    };
    node.once('error', () => (left > 1 && !client.destroyed ? carry(client, left - 1) : end()));
    node.once('connect', () => {
      for (const socket of [client, node]) {
        open.add(socket);
        socket.on('error', end).on('close', end);
      }
      client.pipe(node);
      node.pipe(client);
    });
  };
  const server = createServer({ pauseOnConnect: true }, (client) => {
    client.on('error', () => client.destroy());
    carry(client, ports.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    end: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
