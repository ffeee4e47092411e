import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { until } from '../../../shared/testing/until.ts';
import { parseConfig } from '../../config/load.ts';
import { hostIdOf, packetBytesOf } from '../../config/reads.ts';
import { accessOf } from '../../config/users.ts';
import { driverSpecs } from '../../cycle/driver-specs.ts';
import type { Driver } from '../driver.ts';
import { DeviceUsers, userLine } from '../device-users.ts';
import { LocalBroker } from '../local-broker.ts';
import { FieldLines } from '../modbus/field-lines.ts';
import { createDriver } from '../table.ts';
import { TopicBus } from '../topic-bus.ts';
import { SparkplugHost } from './sparkplug-host.ts';

const PASSWORD = 'right';
const config = parseConfig(
  `
gateway: { id: owd-01, substation: owd }
localBroker: { userFile: devices.htpasswd }
devices:
  - id: battery-1
    type: battery
    driver: sparkplug
    user: plc
    connection: { group: north, node: plc-1, device: battery }
    ratings: { chargeKw: 100, dischargeKw: 100, capacityKwh: 200 }
    sign: generation-positive
    read: { activePowerKw: { metric: Meter/Active Power, scale: 0.001 } }
    write: { activePowerKw: { metric: Setpoint/Active Power, scale: 1000 } }
    safeDefault: { activePowerKw: 0 }
`,
  'gateway.yaml',
);
const clock = new SystemClock((error) => assert.fail(String(error)));
const users = DeviceUsers.parse(`${await userLine('plc', PASSWORD)}\n`, 'devices.htpasswd');
const brokers = new Set<LocalBroker>();
const nodes = new Set<ChildProcessWithoutNullStreams>();
after(async () => {
  for (const node of nodes) node.kill('SIGKILL');
  for (const broker of brokers) await broker.stop();
});

async function startBroker(port: number): Promise<LocalBroker> {
  const broker = new LocalBroker({
    listen: `127.0.0.1:${port}`,
    users,
    access: accessOf(config),
    maxPacketBytes: packetBytesOf(config),
    time: clock.machine,
  });
  await broker.start();
  brokers.add(broker);
  return broker;
}

function startDriver(broker: LocalBroker): { readonly driver: Driver; readonly bus: TopicBus } {
  const bus = new TopicBus(broker.link(), 'owd-01');
  const host = new SparkplugHost({ bus, clock, hostId: hostIdOf(config) });
  const lines = new FieldLines(() => assert.fail('no births are requested'), clock);
  const [spec] = driverSpecs(config);
  const driver = createDriver(spec!, { bus, host, lines, clock });
  bus.open();
  return { driver, bus };
}

/** Starts the foreign node in its own process; `says` awaits its next line of a kind. */
function startNode(port: number) {
  const file = fileURLToPath(new URL('testing/foreign-node.child.ts', import.meta.url));
  const node = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, String(port), PASSWORD]);
  nodes.add(node);
  node.stderr.pipe(process.stderr);
  const lines = createInterface(node.stdout);
  const said: string[] = [];
  lines.on('line', (line) => said.push(line));
  const says = async (kind: RegExp): Promise<string> => {
    for (;;) {
      const at = said.findIndex((line) => kind.test(line));
      if (at !== -1) return said.splice(0, at + 1).at(-1)!;
      await once(lines, 'line');
    }
  };
  const kill = async (): Promise<void> => {
    node.kill('SIGKILL');
    await once(node, 'close');
  };
  return { says, kill, ask: (line: string) => node.stdin.write(`${line}\n`) };
}

const valueOf = (driver: Driver, metric: 'activePowerKw' | 'activePowerSetpointKw') => driver.read().get(metric)?.value;

test('a foreign Sparkplug client is read and commanded across deaths and restarts of both sides', async () => {
  const broker = await startBroker(0);
  const { driver, bus } = startDriver(broker);
  const first = startNode(broker.port);
  await first.says(/^born/);
  await until('its birth is read', () => driver.read().has('activePowerKw'));
  assert.deepEqual([valueOf(driver, 'activePowerKw'), driver.gone?.()], [0, false]);
  await driver.hold({ activePowerKw: -42 }, false);
  assert.equal(await first.says(/^told/), 'told Int32 42000');
  await until('the setpoint is read back', () => valueOf(driver, 'activePowerSetpointKw') === -42);
  assert.equal(valueOf(driver, 'activePowerKw'), -42);

  await first.kill();
  await until('it is gone', () => driver.gone?.() === true);
  await driver.hold({ activePowerKw: -42 }, false);
  const second = startNode(broker.port);
  await second.says(/^born/);
  await until('it is back', () => driver.gone?.() === false);
  assert.equal(valueOf(driver, 'activePowerKw'), 0, 'it has restarted');
  await until('the new node is commanded', () => {
    void driver.hold({ activePowerKw: -42 }, false);
    return driver.counters().sent > 1;
  });
  await second.says(/^told Int32 42000/);
  await until('the setpoint is read back', () => valueOf(driver, 'activePowerSetpointKw') === -42);

  second.ask('gone');
  await until('it is gone', () => driver.gone?.() === true);
  assert.equal(driver.counters().refused, 0, String(driver.counters().lastRefusal));

  // The driver of another gateway process on a running broker has missed the birth, so it requests one.
  await bus.close();
  const third = startDriver(broker);
  await second.says(/^reborn/);
  await until('a birth was asked for', () => valueOf(third.driver, 'activePowerKw') === -42);

  // With a new broker the node reconnects by itself.
  await third.bus.close();
  await broker.stop();
  brokers.delete(broker);
  const { port } = broker;
  const restarted = startDriver(await startBroker(port));
  await second.says(/^born/);
  await until('the node comes by itself', () => valueOf(restarted.driver, 'activePowerKw') === -42);
  await restarted.bus.close();
});

test("with users a node may publish for its devices, and receives only its commands and its host's STATE", async () => {
  const broker = await startBroker(0);
  const { bus } = startDriver(broker);
  const options = { username: 'plc', password: PASSWORD, reconnectPeriod: 0 };
  const node = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { ...options, clientId: 'plc-1' });
  const topics: string[] = [];
  node.on('message', (topic) => topics.push(topic));
  await node.subscribeAsync(['spBv1.0/STATE/owd-01', 'spBv1.0/north/NCMD/plc-1/#', 'spBv1.0/north/DCMD/plc-1/#']);
  await until('the state is told', () => topics.includes('spBv1.0/STATE/owd-01'));
  await node.publishAsync('spBv1.0/north/DBIRTH/plc-1/another', Buffer.alloc(100_000), { qos: 1 });
  await node.publishAsync('spBv1.0/north/NDATA/plc-1', 'x', { qos: 1 });
  const refused = async (tries: (other: mqtt.MqttClient) => void): Promise<void> => {
    const other = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { ...options, clientId: 'plc-other' });
    const closed = Promise.withResolvers<void>();
    other.on('close', () => closed.resolve());
    tries(other);
    await closed.promise;
  };
  for (const filter of ['spBv1.0/#', 'spBv1.0/north/NCMD/plc-2', 'spBv1.0/north/DDATA/plc-1/+'])
    await refused((other) => other.subscribe(filter));
  for (const topic of ['spBv1.0/north/NDATA/plc-2', 'spBv1.0/north/DCMD/plc-1/battery', 'spBv1.0/STATE/owd-01'])
    await refused((other) => other.publish(topic, 'x', { qos: 1 }));
  assert.equal(node.connected, true);
  await node.endAsync(true);
  await bus.close();
});
