import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run as runCheck } from '../../cloud/cli/check.ts';
import { run as runPki } from '../../cloud/cli/pki.ts';
import { LedgerFile } from '../../cloud/ingest/ledger-file.ts';
import { compare } from '../../cloud/ingest/rabbitmq/testing/kill-drill.ts';
import { readStandings } from '../../cloud/pki/standing.ts';
import { until } from '../../shared/testing/until.ts';
import { buildRegion } from '../region/region.ts';
import { CellGateways, StoredFrames } from './testing/cell-gateways.ts';
import { postgresFor } from './testing/on-postgres.ts';
import { doorOf, folderOf, start } from './testing/started.ts';
import { HOLDS, twoClouds, WAITS } from './testing/two-clouds.ts';

test('a standby takes over from a killed and from a frozen cloud, and the frozen one writes nothing more', async (t) => {
  const folder = folderOf(t);
  const postgres = await postgresFor(t);
  const clouds = await twoClouds(t, folder, {
    region: buildRegion(['owd', 'wls']),
    postgres: postgres.config,
  });
  const { configs, points } = clouds;
  const { one, two } = clouds.data;

  const first = start(t, 'cloud', '--config', configs.one);
  await first.says(HOLDS);
  const second = start(t, 'cloud', '--config', configs.two);
  await second.says(WAITS);
  const door = await doorOf(second);
  const health = await fetch(`${door}/health`);
  assert.equal(health.status, 200);
  assert.match(((await health.json()) as { standby: string }).standby, WAITS);
  assert.match(await (await fetch(`${door}/metrics`)).text(), /^loadstone_standby 1$/m);
  const asked = await fetch(`${door}/v1/events`);
  assert.deepEqual([asked.status, ((await asked.json()) as { code: string }).code], [503, 'LS-STANDBY-001']);

  // A gateway enrols at the owner, and another one is revoked there.
  const elsewhere = { code: 'LS-STANDBY-003', message: /gets its keys from the cloud of another machine/ };
  await assert.rejects(runPki(['revoke', 'wls-01', '--config', configs.two]), elsewhere);
  const at = HOLDS.exec(first.said())![1]!;
  const gateways = await CellGateways.enrol(t, clouds, { folder, at, only: ['owd-01'] });
  assert.equal(await runPki(['revoke', 'wls-01', '--config', configs.one]), 0);
  const stored = new StoredFrames(t, postgres.config);
  const more = (what: string) => stored.more(100, what);
  const revokedAt = (data: string): number | undefined => readStandings(data)['wls-01']?.revokedAt;
  await until('its revocation has reached the second machine', () => revokedAt(two) === revokedAt(one));
  const busy = gateways.start('busy');
  await more('frames are stored');

  // The owner is killed.
  first.child.kill('SIGKILL');
  await first.ended;
  await second.says(HOLDS);
  await more('frames are stored by the second cloud');
  assert.equal(existsSync(join(two, 'keys', 'root.json')), false);
  const again = start(t, 'cloud', '--config', configs.one);
  await again.says(WAITS);
  const write2 = t.mock.method(process.stdout, 'write', () => true);
  assert.equal(await runCheck(['--config', configs.two]), 0);
  write2.mock.restore();
  const looked = write2.mock.calls.map(({ arguments: [text] }) => String(text)).join('');
  assert.match(looked, /^standby +held by loadstone \S+, process \d+ of .*, term \d+, last renewed \d+ s ago$/m);

  // The owner is frozen: its connections stay open.
  const beside = postgres.look();
  const { pid } = second.child;
  const connections = async (): Promise<number> => {
    const [row] = await beside.look(
      `SELECT count(*) AS n FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'advisory' AND application_name LIKE 'loadstone %, process ${pid} %'`,
    );
    return Number(row!['n']);
  };
  assert.ok((await connections()) > 0);
  second.child.kill('SIGSTOP');
  await again.says(/has taken over from a silent one/);
  assert.equal(await connections(), 0, 'none of its connections is left');
  await again.says(HOLDS);
  await more('frames are stored by the first cloud again');
  const held = await beside.succession();
  second.child.kill('SIGCONT');
  assert.equal(await second.ended, 1, second.said());
  assert.match(second.said(), /LS-STATE-003: another process holds the database: loadstone \S+, process/);
  assert.equal((await beside.succession()).term, held.term);
  await more('frames are stored as before');

  const { accepted, frames } = await gateways.end(busy);
  await gateways.sendRest(stored, frames);
  again.child.kill('SIGTERM');
  assert.equal(await again.ended, 0, again.said());
  await compare({ ledger: new LedgerFile(postgres.look()), points: points() }, gateways.names, accepted);
  t.diagnostic(`${frames} frames accepted, each stored once`);
});
