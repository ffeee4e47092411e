import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run as runBackup } from '../../cloud/cli/backup.ts';
import { run as runPki } from '../../cloud/cli/pki.ts';
import { openPlaces, type OpenedPlaces } from '../../cloud/compose/state.ts';
import type { SqlPlace } from '../../cloud/sql/sql-store.ts';
import { SqliteStore } from '../../cloud/telemetry/sqlite-store.ts';
import { until } from '../../shared/testing/until.ts';
import { account, GATEWAY, letIn, pause, stage, underTraffic, Uplink, uplinkOf } from './testing/drill.ts';
import { postgresFor } from './testing/on-postgres.ts';
import { folderOf, start, type Started } from './testing/started.ts';

const REGION = join(import.meta.dirname, '..', '..', 'cloud', 'region', 'REGION.md');

async function health(cloud: Started): Promise<{ readonly ok: boolean; readonly state?: string }> {
  const url = /Loadstone cloud: (\S+)/.exec(cloud.said())![1]!;
  return (await (await fetch(`${url}/health`)).json()) as { ok: boolean; state?: string };
}

test('on PostgreSQL the ledger matches the store through a killed migration, kills and an old dump', async (t) => {
  const postgres = await postgresFor(t);
  const { config: inFolder, data, folder } = stage(t);
  const config = join(folder, 'moved.yaml');
  writeFileSync(config, readFileSync(inFolder, 'utf8'));
  postgres.nameIn(config);
  await letIn(data);
  const uplink = new Uplink();
  t.after(() => uplink.end());
  const begin = async (file: string): Promise<Started> => {
    const cloud = start(t, 'cloud', '--config', file);
    await uplink.connect(await uplinkOf(cloud));
    return cloud;
  };
  const kill = async (cloud: Started): Promise<void> => {
    cloud.child.kill('SIGKILL');
    await cloud.ended;
    uplink.end();
  };
  const accounted = (state?: SqlPlace) =>
    account(data, new SqliteStore({ path: join(data, 'telemetry.sqlite') }), state);

  const first = await begin(inFolder);
  await underTraffic(uplink, async () => {
    const early = start(t, 'cloud', 'migrate', '--config', config);
    assert.equal(await early.ended, 1, early.said());
    assert.match(early.said(), /LS-DATA-001: .*data is in use by/);
  });
  await kill(first);
  const { stored: storedBefore } = await accounted();
  const cut = start(t, 'cloud', 'migrate', '--config', config);
  await cut.says(/rows copied/);
  cut.child.kill('SIGKILL');
  await cut.ended;
  const whole = start(t, 'cloud', 'migrate', '--config', config);
  assert.equal(await whole.ended, 0, whole.said());
  assert.match(whole.said(), /span: \d+ of \d+ rows compared/);
  assert.match(whole.said(), /\d+ rows in \d+ tables, identical to .*, including the ledger of 1 gateways/);
  for (const name of ['state', 'planner'])
    assert.deepEqual(
      [existsSync(join(data, `${name}.sqlite`)), existsSync(join(data, `${name}.sqlite.migrated`))],
      [false, true],
    );
  assert.deepEqual((await accounted(postgres.look())).stored, storedBefore);

  const second = await begin(config);
  assert.doesNotMatch(second.said(), /First sign-in/, 'people were migrated');
  let dump = '';
  await underTraffic(uplink, async () => {
    dump = postgres.dump();
    await postgres.kill();
    await uplink.frames(5);
    const away = new RegExp(
      `^has not answered since ${new Date().getUTCFullYear()}-.*: PostgreSQL at 127\\.0\\.0\\.1:\\d+/cloud\\d: `,
    );
    await until('away', async () => away.test((await health(second)).state ?? ''));
    const open = uplink.open().length;
    await uplink.frames(5);
    assert.equal(uplink.open().length, open + 5, 'nothing is acknowledged during the outage');
    await postgres.start();
    await until('back', async () => (await health(second)).ok);
  });
  await kill(second);

  const stored = async (): Promise<number> => (await accounted(postgres.look())).stored.length;
  const before = await stored();
  postgres.putBack(dump);
  assert.ok((await stored()) < before, 'the dump has less');

  const third = await begin(config);
  assert.match(third.said(), /"raised":\d+,"msg":"the database was restored/);
  const [entry] = readFileSync(join(data, 'audit.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('data.restore'));
  assert.match(entry ?? '', /"raised":\d+/);
  await until(
    () => `all accepted records acknowledged, ${uplink.open().length} are open`,
    async () => {
      await uplink.again();
      await pause(300);
      return uplink.open().length === 0;
    },
  );
  const database = postgres.look();
  const held = start(t, 'cloud', 'people', 'list', '--config', config);
  assert.equal(await held.ended, 0, held.said());
  assert.match(held.said(), /^admin: admin, everywhere/);
  const other = postgres.look();
  const taken = other.hold();
  await until('it waits for the database', async () => {
    const [row] = await database.look("SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
    return row!['n'] === 1;
  });
  const { pid } = third.child;
  await database.look(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'loadstone %, process ${pid} %'`,
  );
  await taken;
  assert.equal(await third.ended, 1, third.said());
  assert.match(third.said(), /LS-STATE-003: another process holds the database: loadstone \S+, process/);
  await other.close();

  const end = await accounted(database);
  const all = Array.from({ length: uplink.edge.nextOffset }, (_, offset) => offset);
  assert.deepEqual(end.stored, all);
  assert.deepEqual(
    [...end.readable].toSorted((a, b) => a - b),
    all,
  );
  t.diagnostic(`${all.length} accepted, stored and readable`);
  for (const name of ['state', 'planner']) assert.equal(existsSync(join(data, `${name}.sqlite`)), false);

  const backup = runBackup([join(folder, 'backup'), '--config', config]);
  await assert.rejects(backup, { code: 'LS-BACKUP-005', message: /^state\.postgres: .*pg_dump/ });
  const sizes = start(t, 'cloud', 'data', '--json', '--config', config);
  assert.equal(await sizes.ended, 0, sizes.said());
  interface DataSizes {
    readonly postgres: { readonly fault: string | null };
    readonly kinds: readonly { readonly name: string; readonly file: string; readonly bytes: number | null }[];
  }
  const { kinds, postgres: server } = JSON.parse(sizes.said()) as DataSizes;
  assert.equal(server.fault, null);
  const lists = readFileSync(REGION, 'utf8').matchAll(
    /^\| (PostgreSQL|`[a-z]+\.\w+`)(?:, or InfluxDB)? \| ([a-z][-a-z, ]+) \|$/gm,
  );
  const documented = [...lists].map(([, file, names]) => [file!.replaceAll('`', ''), names!.split(', ').toSorted()]);
  const found = Map.groupBy(kinds, ({ file }) => file);
  assert.deepEqual(
    new Map(documented.slice(-found.size) as [string, string[]][]),
    new Map([...found].map(([file, of]) => [file, of.map(({ name }) => name).toSorted()])),
  );
  await database.look(`UPDATE node SET gateway = 'gone-01' WHERE gateway = '${GATEWAY}'`);
  const slip = runPki(['revoke', 'gone-02', '--config', config]);
  await assert.rejects(slip, { code: 'LS-PKI-007', message: /did you mean gone-01\?/ });
  await postgres.kill();
  const dark = start(t, 'cloud', 'data', '--config', config);
  assert.equal(await dark.ended, 0, dark.said());
  assert.match(dark.said(), /the cloud is stopped\nPostgreSQL at 127.0.0.1:\d+\/cloud\d: .*ECONNREFUSED/);
  assert.match(dark.said(), /^ledger +- +- /m);
});

test('a new cloud starts on an empty PostgreSQL, resumes after kill -9, and shows database outages at the desk', async (t) => {
  const postgres = await postgresFor(t);
  const { config, data } = stage(t);
  writeFileSync(config, readFileSync(config, 'utf8').replace('api: { port: 0 }', 'api: { port: 0, guests: true }'));
  postgres.nameIn(config);
  await letIn(data);
  const uplink = new Uplink();
  t.after(() => uplink.end());
  const begin = async (): Promise<Started> => {
    const cloud = start(t, 'cloud', '--config', config);
    await uplink.connect(await uplinkOf(cloud));
    return cloud;
  };
  const first = await begin();
  assert.match(first.said(), /First sign-in/);
  await underTraffic(uplink, async () => undefined);
  first.child.kill('SIGKILL');
  await first.ended;
  uplink.end();
  const second = await begin();
  assert.doesNotMatch(second.said(), /First sign-in/);
  const url = /Loadstone cloud: (\S+)/.exec(second.said())![1]!;
  const states = async (): Promise<string[]> => {
    const { items } = (await (await fetch(`${url}/v1/alarms`)).json()) as {
      items: { readonly code: string; readonly state: string; readonly text: string }[];
    };
    return items.filter(({ code }) => code === 'LS-STORE-001').map(({ state, text }) => `${state}: ${text}`);
  };
  await postgres.kill();
  await until('the desk shows the outage', async () =>
    (await states())[0]?.startsWith('unacknowledged: PostgreSQL at '),
  );
  await postgres.start();
  await until('the desk shows its return', async () => (await states())[0]?.startsWith('returned'));
  await until('all is acknowledged', async () => {
    await uplink.again();
    await pause(300);
    return uplink.open().length === 0;
  });
  second.child.kill('SIGTERM');
  assert.equal(await second.ended, 0, second.said());
  const end = await account(data, new SqliteStore({ path: join(data, 'telemetry.sqlite') }), postgres.look());
  assert.deepEqual(
    end.stored,
    Array.from({ length: uplink.edge.nextOffset }, (_, offset) => offset),
  );
  for (const name of ['state', 'planner']) assert.equal(existsSync(join(data, `${name}.sqlite`)), false);
});

test('a restored database is reported as such until the folder adopts it', async (t) => {
  const { config, look, dump, putBack } = await postgresFor(t);
  const data = folderOf(t);
  const opened = async (): Promise<OpenedPlaces> => {
    const places = await openPlaces(data, config);
    await places.close();
    return places;
  };
  assert.equal((await opened()).putBack, undefined);
  putBack(dump());
  assert.ok((await opened()).putBack);
  (await opened()).putBack!.known();
  assert.equal((await opened()).putBack, undefined);
  await look().look("UPDATE cloud SET state = 'migrating'");
  putBack(dump());
  await assert.rejects(opened(), {
    code: 'LS-STATE-002',
    message: /from a copy made before all of .* was in it/,
  });
});

test('a cloud does not start on a folder and a database that do not belong together', async (t) => {
  const { config, look, kill } = await postgresFor(t);
  const folder = folderOf(t);
  const [one, two] = ['one', 'two'].map((name) => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  }) as [string, string];
  const refused = (data: string, message: RegExp): Promise<void> =>
    assert.rejects(openPlaces(data, config), { code: 'LS-STATE-002', message });
  const opened = await openPlaces(one, config);
  await opened.close();
  await (await openPlaces(one, config)).close();
  await assert.rejects(openPlaces(one, undefined), { code: 'LS-STATE-002', message: /name it in state\.postgres/ });
  await refused(two, /contains the state of another cloud, and .*two is new/);
  await look().look("UPDATE cloud SET id = 'other'");
  await refused(one, /one belongs to another database than .*, which contains the state of another cloud/);
  await look().look('DROP SCHEMA loadstone CASCADE');
  await refused(one, /which contains nothing: name the right database, or restore it/);
  writeFileSync(join(two, 'state.sqlite'), '');
  await refused(
    two,
    /two\/state\.sqlite contains state of this cloud, but state\.postgres names a database: .*"loadstone cloud migrate"/,
  );
  rmSync(join(one, 'postgres.json'));
  await (await openPlaces(one, config)).close();
  rmSync(join(one, 'postgres.json'));
  await look().look("UPDATE cloud SET state = 'migrating'");
  await refused(one, /contains an incomplete copy: resume it with "loadstone cloud migrate"/);
  await look().look("UPDATE cloud SET state = 'new'");
  // The state left by a first start that was killed before it noted anything.
  await (await openPlaces(one, config)).close();
  await kill();
  await assert.rejects(openPlaces(one, config), {
    code: 'LS-STATE-001',
    message: /^state\.postgres\.host: .*ECONNREFUSED/,
  });
});
