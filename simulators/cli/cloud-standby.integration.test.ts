import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run as runCheck } from '../../cloud/cli/check.ts';
import { run as runPki } from '../../cloud/cli/pki.ts';
import { LedgerFile } from '../../cloud/ingest/ledger-file.ts';
import { acceptedBy, compare } from '../../cloud/ingest/rabbitmq/testing/kill-drill.ts';
import { readStandings } from '../../cloud/pki/standing.ts';
import { makeToken } from '../../cloud/pki/tokens.ts';
import { runEnrol } from '../../edge/cli/enrol.ts';
import { configFor } from '../../edge/uplink/testing/bench.ts';
import { until } from '../../shared/testing/until.ts';
import { buildRegion } from '../region/region.ts';
import { postgresFor } from './testing/on-postgres.ts';
import { folderOf, run, start, type Started } from './testing/started.ts';
import { HOLDS, twoClouds, WAITS } from './testing/two-clouds.ts';

const GATEWAY = 'owd-01';
const PROCESS = join(import.meta.dirname, '..', '..', 'edge', 'uplink', 'testing', 'gateway-process.ts');

test('a second cloud takes over from one that is killed and from one that is frozen, which writes nothing more', async (t) => {
  const folder = folderOf(t);
  const postgres = await postgresFor(t);
  const clouds = await twoClouds(t, folder, {
    region: buildRegion(['owd', 'wls']),
    postgres: postgres.config,
  });
  const { region, configs, rabbit, points, secret } = clouds;
  const { one, two } = clouds.data;

  const first = start(t, 'cloud', '--config', configs.one);
  await first.says(HOLDS);
  const second = start(t, 'cloud', '--config', configs.two);
  await second.says(WAITS);
  await second.says(/GET \/health says/);
  const door = `http://127.0.0.1:${/"port":(\d+),"msg":"GET \/health says/.exec(second.said())![1]}`;
  const health = await fetch(`${door}/health`);
  assert.equal(health.status, 200);
  assert.match(((await health.json()) as { standby: string }).standby, WAITS);
  assert.match(await (await fetch(`${door}/metrics`)).text(), /^loadstone_standby 1$/m);
  const asked = await fetch(`${door}/v1/events`);
  assert.deepEqual([asked.status, ((await asked.json()) as { code: string }).code], [503, 'LS-STANDBY-001']);

  // A gateway enrols at the one that holds, and another one is revoked there.
  const yaml = join(folder, 'gateway.yaml');
  const identity = join(folder, 'identity');
  writeFileSync(
    yaml,
    `gateway: { id: ${GATEWAY}, substation: owd, group: ${region.id} }\njournal: { path: ${folder}/journal }\nlocalBroker: { listen: "127.0.0.1:0" }\nuplink: { identity: ${identity} }\n`,
  );
  const elsewhere = { code: 'LS-STANDBY-003', message: /has its keys from the cloud of another machine/ };
  await assert.rejects(runPki(['revoke', 'wls-01', '--config', configs.two]), elsewhere);
  const token = secret('token', makeToken(one, GATEWAY, { now: Date.now() }));
  const enrolment = HOLDS.exec(first.said())![1]!;
  assert.equal(await runEnrol([`https://${enrolment}`, '--token-file', token, '--config', yaml]), 0);
  assert.equal(await runPki(['revoke', 'wls-01', '--config', configs.one]), 0);
  const journal = { path: join(folder, 'busy'), maxMb: 100, maxAgeMs: 86_400_000, syncMs: 50 };
  const url = `mqtts://127.0.0.1:${rabbit.gatewayPort}`;
  const busyConfig = {
    ...configFor(),
    gateway: GATEWAY,
    group: region.id,
    url,
    identity,
    reconnectS: [0.1, 1],
    journal,
  };
  const gateway = (mode: string): Started => run(t, PROCESS, JSON.stringify(busyConfig), mode);
  const beside = postgres.look();
  const stored = async (): Promise<number> => {
    const [row] = await beside.look(
      `SELECT coalesce(sum(last - first + 1), 0) AS n FROM span JOIN run ON run.id = span.run
         WHERE gateway = '${GATEWAY}' AND stream = 'measurements' AND state = 'stored'`,
    );
    return Number(row!['n']);
  };
  const more = async (what: string): Promise<void> => {
    const from = await stored();
    await until(what, async () => (await stored()) > from + 100);
  };
  const revokedAt = (data: string): number | undefined => readStandings(data)['wls-01']?.revokedAt;
  await until('its revocation is at the second machine', () => revokedAt(two) === revokedAt(one));
  const busy = gateway('busy');
  await more('frames are stored');

  // Killed.
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
  assert.match(looked, /^standby +held by loadstone, process \d+ of .*, term \d+, which said so \d+ s ago$/m);

  // Frozen: its connections live on.
  const { pid } = second.child;
  const connections = async (): Promise<number> => {
    const [row] = await beside.look(
      `SELECT count(*) AS n FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'advisory' AND application_name LIKE 'loadstone, process ${pid} %'`,
    );
    return Number(row!['n']);
  };
  assert.ok((await connections()) > 0);
  second.child.kill('SIGSTOP');
  await again.says(/has taken over from a cloud that was silent/);
  assert.equal(await connections(), 0, 'none of its connections is left');
  await again.says(HOLDS);
  await more('frames are stored by the first cloud again');
  const held = await beside.succession();
  second.child.kill('SIGCONT');
  assert.equal(await second.ended, 1, second.said());
  assert.match(second.said(), /LS-STATE-003: another process holds the database: loadstone, process/);
  assert.equal((await beside.succession()).term, held.term);
  await more('frames are stored as before');

  busy.child.kill('SIGTERM');
  await busy.ended;
  const accepted = await acceptedBy({ journal });
  const quiet = gateway('quiet');
  await until('all is stored', async () => (await stored()) === accepted.size);
  quiet.child.kill('SIGKILL');
  again.child.kill('SIGTERM');
  assert.equal(await again.ended, 0, again.said());
  await compare({ ledger: new LedgerFile(postgres.look()), points: points() }, [GATEWAY], [accepted]);
  t.diagnostic(`${accepted.size} frames accepted, each stored once`);
});
