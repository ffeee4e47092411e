import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { startRabbit } from '../../../simulators/testing/rabbitmq.ts';
import { authorityInFolder } from '../../pki/testing/authority-in-folder.ts';
import { Registrar } from './registrar.ts';
import { runDrill } from './testing/kill-drill.ts';

test('ten gateways, the cloud and the broker killed in turn: each frame is stored once', async (t) => {
  const onFault = (error: unknown): void => assert.fail(String(error));
  const { machine } = new SystemClock(onFault);
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-rabbit-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const authority = await authorityInFolder(t, machine.now());
  const rabbit = await startRabbit({ dir, tls: { server: authority.server, roots: authority.issuing.roots() } });
  t.after(() => rabbit.stop());
  const registrar = new Registrar({ address: rabbit.address, group: 'north', machine, onFault });
  t.after(() => registrar.stop());
  const gateways = Array.from({ length: 10 }, (_, n) => `gw-${n}`);
  await registrar.admit(gateways);
  const kills = ['cloud', 'broker', 'cloud', 'broker'] as const;
  const result = await runDrill({ dir: join(dir, 'drill'), rabbit, authority, gateways, kills, framesBetween: 2000 });
  t.diagnostic(JSON.stringify(result));
  assert.ok(result.frames >= 5 * 2000);
});
