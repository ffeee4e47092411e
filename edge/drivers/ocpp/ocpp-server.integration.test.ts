import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { until } from '../../../shared/testing/until.ts';
import { connectCharger } from '../../../simulators/faces/chargers/charger-client.ts';
import { SimulatedCharger } from '../../../simulators/faces/chargers/simulated-charger.ts';
import { userLine } from '../device-users.ts';
import type { OcppCall, OpenChargers } from './chargers.ts';
import { OcppDriver } from './ocpp-driver.ts';
import { ocppServer } from './ocpp-server.ts';

const failed: unknown[] = [];
const clock = new SystemClock((error) => failed.push(error));
const IDS = ['cp-01', 'cp-02'];

/** A driver that listens on a free port. */
async function listening(
  t: TestContext,
  { listen = '127.0.0.1:0', userFile }: { listen?: string; userFile?: string } = {},
) {
  const { promise, resolve } = Promise.withResolvers<number>();
  const openChargers: OpenChargers = (site, handlers) =>
    ocppServer(clock.machine)(site, { ...handlers, onListen: resolve });
  const driver = new OcppDriver({
    site: { listen, chargers: IDS, userFile },
    openChargers,
    staleAfterS: 30,
    nominalV: 230,
    ratedKw: 44,
    safeKw: 17,
    minimumKw: 4.2,
    spans: { activePowerLimitKw: { min: 0, max: 44 } },
    write: { keepAliveS: 60, minIntervalS: 0, deadbandPct: 1, revertAfterS: 30 },
    clock,
  });
  driver.start();
  driver.permit(true);
  t.after(() => driver.stop());
  return { driver, port: promise };
}

async function charger(
  t: TestContext,
  id: string,
  more: { version: 'ocpp1.6' | 'ocpp2.0.1'; port: number; password?: string },
) {
  const { version, port, password } = more;
  const sender: { send?: (call: OcppCall) => Promise<unknown> } = {};
  const made = new SimulatedCharger({
    id,
    version,
    maxKw: 22,
    now: () => clock.plant.now(),
    send: (call) => sender.send!(call),
  });
  const client = await connectCharger(made, {
    endpoint: `ws://127.0.0.1:${port}/ocpp`,
    ...(password === undefined ? {} : { password }),
  });
  sender.send = ({ action, payload }) => client.call(action, payload);
  t.after(() => client.close({ force: true }));
  return { made, client };
}

test("chargers of both versions work over WebSockets with messages valid by the standard's schemas", async (t) => {
  const { driver, port } = await listening(t);
  const [old, modern] = [
    await charger(t, 'cp-01', { version: 'ocpp1.6', port: await port }),
    await charger(t, 'cp-02', { version: 'ocpp2.0.1', port: await port }),
  ];
  for (const { made } of [old, modern]) {
    await made.boot();
    await made.plug(1, 22);
  }
  await until('both have their default', () => [old, modern].every(({ made }) => made.profiles.length === 1));
  await driver.hold({ activePowerLimitKw: 20 }, false);
  await until('both are limited', () => {
    for (const { made } of [old, modern]) made.step(1);
    return Math.abs(old.made.kw - 10) < 0.01 && Math.abs(modern.made.kw - 10) < 0.01;
  });
  for (const { made } of [old, modern]) await made.meter();
  assert.equal(driver.read().get('activePowerKw')?.value, 20);
  assert.equal(driver.read().get('sessions')?.value, 2);
  await old.made.unplug(1);
  await until('one is left', () => driver.read().get('sessions')?.value === 1);
  // A charger vanishes and comes back: its session continues.
  await modern.client.close({ force: true });
  await until('it counts at its default', () => driver.read().get('activePowerKw')?.value === 8.5);
  assert.deepEqual(failed, []);
  assert.equal(driver.counters().refused, 0, driver.counters().lastRefusal ?? '');
});

test("only the site's chargers can connect, with passwords where set, and no URL crashes the gateway", async (t) => {
  const userFile = join(mkdtempSync(join(tmpdir(), 'loadstone-ocpp-')), 'chargers.htpasswd');
  writeFileSync(userFile, `${await userLine('cp-01', 'correct horse')}\n`);
  const { driver, port } = await listening(t, { userFile });
  const at = await port;
  const refused = async (id: string, password?: string): Promise<void> => {
    await assert.rejects(
      charger(t, id, { version: 'ocpp1.6', port: at, ...(password === undefined ? {} : { password }) }),
    );
  };
  await refused('cp-01');
  await refused('cp-01', 'wrong');
  await refused('cp-99', 'correct horse');
  for (const path of ['/%zz', '/', '//', '/ocpp/cp-01?%zz', `/${'x'.repeat(5000)}`]) {
    const socket = connect(at, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    await once(socket.resume(), 'close');
  }
  const { made } = await charger(t, 'cp-01', { version: 'ocpp1.6', port: at, password: 'correct horse' });
  await made.boot();
  await until('it has its default', () => made.profiles.length === 1);
  assert.equal(driver.counters().refused, 0);
});

test('a port in use is reported and retried', async (t) => {
  const { port } = await listening(t);
  const { driver } = await listening(t, { listen: `127.0.0.1:${await port}` });
  await until('it says so', () => /the port is in use/.test(driver.counters().lastRefusal ?? ''));
});
