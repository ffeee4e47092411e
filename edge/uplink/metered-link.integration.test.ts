import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, test } from 'node:test';
import { Aedes } from 'aedes';
import { REPORT_ENCODING } from '../../shared/codec/packed-report.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { until } from '../../shared/testing/until.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { SimDisk } from '../../simulators/sim/sim-disk.ts';
import { InProcessLink } from '../drivers/in-process-link.ts';
import type { FromUplink } from './channel.ts';
import { MqttLink } from './mqtt-link.ts';
import { configFor } from './testing/bench.ts';
import { SimCloud } from './testing/sim-cloud.ts';
import { bytesOf, type Traffic } from './traffic.ts';
import { UplinkCore } from './uplink-core.ts';

const fail = (error: unknown): never => {
  throw error;
};
const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});

test('the data budget counts the bytes that a proxy sees, by kind', async () => {
  const clock = new SystemClock(fail);
  const broker = await Aedes.createBroker();
  const server = createServer((socket) => void broker.handle(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  let carried = 0;
  const proxy = createServer((socket) => {
    const beyond = connect((server.address() as { port: number }).port, '127.0.0.1');
    for (const [from, to] of [
      [socket, beyond],
      [beyond, socket],
    ] as const) {
      from.on('data', (bytes) => {
        carried += bytes.length;
        to.write(bytes);
      });
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const cloud = new SimCloud({ link: new InProcessLink(() => broker), clock, gateway: 'owd-01' });
  cloud.start();
  closing.push(
    () => new Promise<void>((resolve) => broker.close(() => resolve())),
    () => server.close(),
    () => proxy.close(),
    () => cloud.stop(),
  );
  const url = `mqtt://127.0.0.1:${(proxy.address() as { port: number }).port}`;
  const random = new SeededRandom(1);
  const config = { ...configFor(), url, keepAliveS: 5 };
  const link = new MqttLink({ ...config, clock, random, onFailure: fail });
  const core = new UplinkCore({ ...config, tickMs: 100 }, { clock, link, disk: new SimDisk(), random });
  const traffic: Record<string, number> = {};
  await core.start((message: FromUplink) => {
    if (message.kind === 'traffic') add(traffic, message.traffic);
  });
  core.send({ kind: 'births', devices: [{ device: 'pv-1', type: 'pv-inverter', metrics: ['activePowerKw'] }] });
  await until('the gateway is born', () => cloud.births.length > 0);
  const heartbeat = JSON.stringify({ version: 1, time: 1, epoch: 0, reads: [REPORT_ENCODING] });
  await cloud.say('loadstone/v1/owd-01/heartbeat', new TextEncoder().encode(heartbeat));
  for (let time = 1; time <= 200; time++)
    core.send({
      kind: 'frames',
      frames: [
        {
          device: 'pv-1',
          time,
          values: [{ metric: 'activePowerKw', value: time, quality: 'good', origin: 'measured' }],
        },
      ],
    });
  core.send({
    kind: 'events',
    events: [{ time: 1, kind: 'event', severity: 'low', code: 'gateway.rung', text: 'x'.repeat(300) }],
  });
  await until(
    'all is stored and acknowledged',
    () => core.journal.state().backlogFrames === 0 && cloud.stored.size === 200,
  );
  await until('the budget has counted it', () => bytesOf(traffic) > 0.99 * carried);
  const counted = bytesOf(traffic);
  assert.ok(Math.abs(counted - carried) <= 0.05 * carried, `${counted} counted, ${carried} carried`);
  for (const kind of ['measurements', 'births', 'events', 'acknowledgements', 'heartbeats', 'line'])
    assert.ok((traffic[kind] ?? 0) > 0, `${kind}: ${JSON.stringify(traffic)}`);
  assert.ok(traffic['line']! < 0.1 * carried, `${traffic['line']} of ${carried} bytes belong to no message`);
  await core.stop();
});

function add(sum: Record<string, number>, traffic: Traffic): void {
  for (const [kind, bytes] of Object.entries(traffic)) sum[kind] = (sum[kind] ?? 0) + bytes;
}
