import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import mqtt from 'mqtt';
import { brokerOptions } from '../../edge/compose-daemon.ts';
import { loadConfig } from '../../edge/config/load.ts';
import { LocalBroker } from '../../edge/drivers/local-broker.ts';
import { until } from '../../shared/testing/until.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { DeviceFaces } from '../faces/device-faces.ts';
import { Plant } from '../plant/plant.ts';
import { plantStartMs } from '../plant/region-plant.ts';
import { plantSpecs } from '../region/inputs.ts';
import { deviceLines } from './device-lines.ts';
import { setStage } from './stage.ts';

test('each demo device has its own user, uses only its own topics, and cannot impersonate another', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'ls-stage-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const specs = plantSpecs(['mnzl']);
  const options = { root, apiPort: 1, uplinkPort: 2, localPort: 18_830, specs, substations: ['mnzl'] as const };
  const [gateway] = (await setStage(options)).gateways;
  const file = (name: string): string => readFileSync(join(root, 'gateways', gateway!.id, name), 'utf8');
  const before = file('devices.htpasswd');
  await setStage(options);
  assert.equal(file('devices.htpasswd'), before, 'passwords survive a restart');

  const config = loadConfig(gateway!.config)!;
  const lacks: string[] = [];
  const clock = new SystemClock((error) => assert.fail(String(error)));
  const broker = new LocalBroker({ ...brokerOptions(config, clock, lacks), listen: '127.0.0.1:0' });
  assert.deepEqual(lacks, [], 'every device has a user with a password');
  await broker.start();
  t.after(() => broker.stop());
  const heard = new Set<string>();
  const link = broker.link();
  link.open(
    { clientId: gateway!.id, subscriptions: ['+/state'] },
    { onConnect: () => undefined, onClose: () => undefined, onMessage: ({ topic }) => void heard.add(topic) },
  );
  const plant = new Plant(specs[0]!, { seed: 1, startMs: plantStartMs });
  const lines = deviceLines(
    { ...gateway!, localPort: broker.port },
    { clock, seed: 1, reconnectS: [0.1, 0.2], onFailure: (error) => assert.fail(String(error)) },
  );
  const elsewhere = (device: string): boolean => device === gateway!.ocpp?.device;
  const faces = new DeviceFaces({ plant, link: lines, clientId: 'plant', elsewhere });
  faces.start();
  t.after(() => faces.stop());
  const mine = gateway!.devices.users;
  assert.ok(mine.length > 15 && mine.includes('transformer') && !mine.includes('ev-2'), mine.join());
  for (let step = 0; heard.size < mine.length; step++) {
    assert.ok(step < 3000, `not heard: ${mine.filter((user) => !heard.has(`${user}/state`)).join()}`);
    plant.step(1);
    await faces.publish();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const battery = mine.find((user) => user.startsWith('battery'))!;
  const set = new TextEncoder().encode('{"revertAfterS": 60}');
  await link.publish(`${battery}/set`, set, { qos: 0 });
  await until('the command is accepted', () => faces.counters().taken + faces.counters().refused > 0);
  const hacked = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
    reconnectPeriod: 0,
    username: battery,
    password: file(join('devices', battery)),
  });
  hacked.publish('transformer/state', '{"p": 9999}');
  await until('the forger is disconnected', () => !hacked.connected);
});
