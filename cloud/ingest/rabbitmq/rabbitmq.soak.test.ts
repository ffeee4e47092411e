import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { startCluster } from '../../../simulators/testing/rabbitmq-cluster.ts';
import { startRabbit } from '../../../simulators/testing/rabbitmq.ts';
import { authorityInFolder } from '../../pki/testing/authority-in-folder.ts';
import { Registrar } from './registrar.ts';
import { runDrill, type KillDrill } from './testing/kill-drill.ts';

test('ten gateways, the cloud and the broker killed in turn: each frame is stored once', (t) =>
  drillOn(t, startRabbit, 10, ['cloud', 'broker', 'cloud', 'broker']));

test('five gateways on three nodes, each of which is killed, and the cloud: each frame is stored once', (t) =>
  drillOn(t, startCluster, 5, ['broker', 'cloud', 'broker', 'broker']));

async function drillOn(
  t: TestContext,
  start: typeof startRabbit,
  count: number,
  kills: KillDrill['kills'],
): Promise<void> {
  const onFault = (error: unknown): void => assert.fail(String(error));
  const { machine } = new SystemClock(onFault);
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-rabbit-'));
  const authority = await authorityInFolder(t, machine.now());
  const rabbit = await start({ dir, tls: { server: authority.server, roots: authority.issuing.roots() } });
  t.after(async () => {
    await rabbit.stop();
    rmSync(dir, { recursive: true });
  });
  const registrar = new Registrar({ address: rabbit.address, group: 'north', machine, onFault });
  t.after(() => registrar.stop());
  const gateways = Array.from({ length: count }, (_, n) => `gw-${n}`);
  await registrar.admit(gateways);
  const result = await runDrill({ dir: join(dir, 'drill'), rabbit, authority, gateways, kills, framesBetween: 2000 });
  t.diagnostic(JSON.stringify(result));
  assert.ok(result.frames >= 5 * 2000);
}
