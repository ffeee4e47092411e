import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { MqttLink } from '../../../edge/uplink/mqtt-link.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { gateway, linkSuite } from '../../../shared/ports/testing/link-suite.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { startRabbit, type RunningRabbit } from '../../../simulators/testing/rabbitmq.ts';
import { authorityInFolder, type TestAuthority } from '../../pki/testing/authority-in-folder.ts';
import { doorSuite } from '../testing/door-suite.ts';
import { RabbitLink } from './rabbit-link.ts';
import { Registrar } from './registrar.ts';
import { runDrill } from './testing/kill-drill.ts';

const onFailure = (error: unknown): void => {
  throw error;
};
const clock = new SystemClock(onFailure);
const cleanups: (() => void)[] = [];
const dir = mkdtempSync(join(tmpdir(), 'loadstone-rabbit-'));
let authority: TestAuthority;
let rabbit: RunningRabbit;
let registrar: Registrar;

before(async () => {
  authority = await authorityInFolder({ after: (clean) => void cleanups.push(clean as () => void) }, Date.now());
  rabbit = await startRabbit({ dir, tls: { server: authority.server, roots: authority.issuing.roots() } });
  registrar = new Registrar({ address: rabbit.address, group: 'north', machine: clock.machine, onFault: onFailure });
  await registrar.admit([gateway, 'wls-01']);
});
after(async () => {
  registrar.stop();
  await rabbit.stop();
  rmSync(dir, { recursive: true });
  for (const clean of cleanups) clean();
});

const random = new SeededRandom(1);
const link = (): RabbitLink =>
  new RabbitLink({ address: rabbit.address, machine: clock.machine, random, reconnectS: [0.2, 1], onFailure });

linkSuite('on RabbitMQ', async () => ({
  cloud: link(),
  other: new MqttLink({
    url: `mqtts://127.0.0.1:${rabbit.gatewayPort}`,
    identity: await identityOf(gateway),
    keepAliveS: 30,
    clock,
    random,
    onFailure,
  }),
  settle: () => wait(25),
}));

doorSuite('on RabbitMQ', async () => ({
  authority,
  port: rabbit.gatewayPort,
  link: link(),
  admit: (gateways) => registrar.admit(gateways),
  revoke: (id) => registrar.dismiss([id]),
}));

test('kill -9 of the cloud, then of the broker, while frames come in: each is stored once, and the ledger says so', async () => {
  await registrar.admit(['gw-1']);
  const { frames } = await runDrill({
    dir: join(dir, 'drill'),
    rabbit,
    authority,
    gateways: ['gw-1'],
    kills: ['cloud', 'broker'],
    framesBetween: 150,
  });
  assert.ok(frames >= 450, `${frames}`);
});

/** A gateway's folder, as "edge enrol" leaves it. */
async function identityOf(id: string): Promise<string> {
  const folder = mkdtempSync(join(dir, `${id}-`));
  const pem = await authority.gateway(id);
  writeFileSync(join(folder, 'gateway.pem'), pem);
  writeFileSync(join(folder, 'roots.pem'), authority.issuing.roots());
  return folder;
}
