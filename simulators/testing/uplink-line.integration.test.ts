import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { until } from '../../shared/testing/until.ts';
import { freePort } from './free-ports.ts';
import { UplinkLine } from './uplink-line.ts';

/** MQTT 3.1.1 CONNECT of the client "a". */
const CONNECT = Buffer.from([0x10, 13, 0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 60, 0, 1, ...Buffer.from('a')]);

test('a message of any size is injected to a connected gateway only', async (t) => {
  const cloud = createServer((socket) => socket.resume().on('error', () => undefined));
  cloud.listen(0, '127.0.0.1');
  await once(cloud, 'listening');
  const line = new UplinkLine();
  const port = await freePort();
  await line.start(port, (cloud.address() as AddressInfo).port);
  const gateway = connect(port, '127.0.0.1');
  t.after(async () => {
    gateway.destroy();
    await line.stop();
    cloud.close();
  });
  let heard = 0;
  gateway.on('data', (chunk: Buffer) => (heard += chunk.length)).write(CONNECT);
  await until('it is known', () => line.inject('a', 't', ''));
  const payload = 'x'.repeat(5_000_000);
  assert.equal(line.inject('a', 't', payload), true);
  assert.equal(line.inject('b', 't', payload), false);
  await until('it has arrived', () => heard >= payload.length);
});
