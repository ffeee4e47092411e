import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { Client } from 'pg';
import { debianTool } from '../../simulators/testing/debian.ts';
import { postgresClient, startPostgres } from '../../simulators/testing/postgres.ts';
import type { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { until } from '../../shared/testing/until.ts';
import { VERSION } from '../../shared/version.ts';
import { freePort } from '../../simulators/testing/free-ports.ts';
import type { PostgresOptions } from './postgres-config.ts';
import { SILENT_S, SURE_S } from './postgres-hold.ts';
import { Postgres } from './postgres.ts';
import { rows, run } from './sql.ts';
import { NoteStore } from './testing/sql-suite.ts';

const PASSWORD = 'secret of the cloud';
const dir = mkdtempSync(join(tmpdir(), 'loadstone-postgres-start-'));
const port = await freePort();
const cert = certificate('IP:127.0.0.1');
const options = {
  port,
  dir,
  hba: [
    'local all cloud scram-sha-256',
    'host all loadstone 127.0.0.1/32 trust',
    'host all cloud 127.0.0.1/32 scram-sha-256',
  ],
};
let server = await startPostgres({ ...options, tls: cert });
const admin = new Client({ connectionString: server.url });
await admin.connect();
for (const sql of [
  `CREATE ROLE cloud LOGIN PASSWORD '${PASSWORD}'`,
  'CREATE DATABASE guarded',
  "CREATE DATABASE ascii OWNER cloud ENCODING 'SQL_ASCII' TEMPLATE template0",
])
  await admin.query(sql);
await admin.end();
const clientArgs = ['--host=127.0.0.1', `--port=${port}`, '--username=loadstone'];
postgresClient('createdb', 'cloud', [...clientArgs, '--owner=cloud', '--encoding=UTF8', '--template=template0']);
after(async () => {
  await server.stop('SIGINT');
  rmSync(dir, { recursive: true, force: true });
});

function certificate(name: string): { readonly key: string; readonly cert: string } {
  const files = [join(dir, 'key.pem'), join(dir, 'cert.pem')] as const;
  const asked = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${files[0]} -out ${files[1]} -subj /CN=db -addext subjectAltName=${name} -days 10`;
  const { path, env } = debianTool('openssl');
  execFileSync(path, asked.split(' '), { env, stdio: 'ignore' });
  return { key: readFileSync(files[0], 'utf8'), cert: readFileSync(files[1], 'utf8') };
}

function database(
  t: TestContext,
  given: Partial<PostgresOptions> = {},
  time?: ConstructorParameters<typeof Postgres>[1],
): Postgres {
  const place = {
    host: '127.0.0.1',
    port,
    database: 'cloud',
    user: 'cloud',
    password: () => PASSWORD,
    tls: { ca: cert.cert },
    ...given,
  };
  const postgres = new Postgres(place, time);
  t.after(() => postgres.close());
  return postgres;
}

const faults: readonly (readonly [string, Partial<PostgresOptions>, RegExp])[] = [
  [
    'no server listens',
    { port: 1 },
    /^state\.postgres\.host: PostgreSQL does not answer at 127\.0\.0\.1:1: .*ECONNREFUSED/,
  ],
  ['the host does not exist', { host: 'db.invalid' }, /^state\.postgres\.host: there is no host db\.invalid/],
  ['the password is wrong', { password: () => 'wrong' }, /^state\.postgres\.passwordFile: .*password of cloud/],
  [
    'the password is missing',
    { password: () => '' },
    /^state\.postgres\.passwordFile: the server needs the password of cloud/,
  ],
  ['pg_hba.conf does not accept the user', { user: 'anna' }, /^state\.postgres\.user: .*pg_hba\.conf/],
  [
    'the database does not exist',
    { database: 'other' },
    /^state\.postgres\.database: .*CREATE DATABASE other OWNER cloud/,
  ],
  [
    'the user may not create a schema',
    { database: 'guarded' },
    /^state\.postgres\.user: permission denied .*GRANT CREATE/,
  ],
  ['the database is not in UTF8', { database: 'ascii' }, /^state\.postgres\.database: its encoding is SQL_ASCII/],
  [
    'the certificate of the server is not trusted',
    { tls: {} },
    /^state\.postgres\.caFile: the certificate .* is not trusted/,
  ],
  [
    'the server has another name',
    { host: 'localhost' },
    /^state\.postgres\.host: the certificate .* is for another name/,
  ],
];
for (const [what, given, message] of faults)
  test(`a start fails with the key at fault if ${what}`, async (t) => {
    await assert.rejects(database(t, given).hold(), { code: 'LS-STATE-001', message });
  });

test('a server without TLS is not used unencrypted', async (t) => {
  await server.stop('SIGINT');
  server = await startPostgres(options);
  t.after(async () => {
    await server.stop('SIGINT');
    server = await startPostgres({ ...options, tls: cert });
  });
  const message = /^state\.postgres\.security: 127\.0\.0\.1:\d+ does not support TLS/;
  await assert.rejects(database(t).hold(), { code: 'LS-STATE-001', message });
});

test('a standby server is rejected, and one that took over counts as another server', async (t) => {
  const given = { tls: { ca: cert.cert } };
  const one = database(t, given);
  await one.hold();
  await server.stop('SIGINT');
  writeFileSync(join(dir, 'data', 'standby.signal'), '');
  server = await startPostgres({ ...options, tls: cert });
  const message = 'state.postgres.host: the server is a standby, which accepts no writes: name the primary';
  await assert.rejects(database(t, given).hold(), { code: 'LS-STATE-001', message });
  await assert.rejects(one.check(), { code: 'LS-STORE-001' });
  await asAdmin('SELECT pg_promote()');
  await assert.rejects(one.check(), { code: 'LS-STATE-005' });
});

test('a host may be the folder of a Unix socket', async (t) => {
  const bySocket = new Postgres({ host: dir, port, database: 'cloud', user: 'cloud', password: () => PASSWORD });
  t.after(() => bySocket.close());
  await bySocket.hold();
  await bySocket.check();
  const [row] = await bySocket.look('SELECT inet_client_addr() IS NULL AS local');
  assert.equal(row!['local'], 1);
});

test('a changed password is used at the next connection', async (t) => {
  const now = { password: PASSWORD };
  const one = database(t, { password: () => now.password });
  await one.hold();
  await asAdmin("ALTER ROLE cloud PASSWORD 'another one'");
  t.after(() => asAdmin(`ALTER ROLE cloud PASSWORD '${PASSWORD}'`));
  await cutAll();
  await assert.rejects(one.check(), { code: 'LS-STORE-001' });
  await assert.rejects(one.check(), { code: 'LS-STORE-001', message: /password authentication failed/ });
  now.password = 'another one';
  assert.equal(await answered(one), 'held');
});

test('one process holds the database, with all its connections', async (t) => {
  const one = database(t);
  const lost: LoadstoneError[] = [];
  const record = await one.hold((why) => lost.push(why));
  assert.equal(record.state, 'new');
  const [store, other] = [new NoteStore(one), new NoteStore(one)];
  for (const each of [store, other]) {
    each.open();
    await each.opened();
  }
  const add = (each: NoteStore, name: string) => each.of.run('INSERT INTO note (name) VALUES (?)', name);
  await Promise.all([add(store, 'a'), add(other, 'b')]);
  const message = new RegExp(
    `^another process holds the database: loadstone ${VERSION}, process ${process.pid} of .*, from 127`,
  );
  await assert.rejects(database(t).hold(), { code: 'LS-STATE-003', message });
  await add(store, 'c');

  // The connections are cut, and the holder continues with new ones.
  await cutAll();
  assert.equal(await answered(one), 'held');
  await add(store, 'd');
  assert.deepEqual(lost, []);

  // They are cut again, and another process comes before the holder has new ones.
  const next = database(t);
  const taken = next.hold();
  await waiting();
  await cutAll();
  assert.deepEqual(await taken, { ...record, term: record.term + 1 }, 'the same cloud');
  assert.equal(await answered(one), 'LS-STATE-003');
  await next.close();
  await assert.rejects(add(store, 'e'), { code: 'LS-STATE-003' }, 'even after the other one has ended');
  assert.deepEqual(
    lost.map(({ code }) => code),
    ['LS-STATE-003'],
    'it is reported once',
  );
  const seen = new NoteStore(database(t));
  seen.open();
  const names = (await seen.of.rows('SELECT name FROM note ORDER BY name')).map(({ name }) => name);
  assert.deepEqual(names, ['a', 'b', 'c', 'd']);
});

test('a holder is sure of its database for a while after each renewal', async (t) => {
  let elapsed = 0;
  const one = database(t, {}, { now: () => 0, elapsed: () => elapsed });
  assert.equal(one.isSure, false, 'it holds nothing');
  const { term } = await one.hold();
  const forS = (s: number): boolean => {
    elapsed += 1000 * s;
    return one.isSure;
  };
  assert.deepEqual([forS(0), forS(SURE_S), forS(1)], [true, true, false]);
  await one.renew();
  assert.deepEqual([forS(SURE_S), forS(1)], [true, false]);
  await asAdmin("UPDATE loadstone.cloud SET seen = seen - interval '1 minute'", 'cloud');
  await database(t).hold(undefined, term);
  await assert.rejects(one.renew(), { code: 'LS-STATE-003' });
  assert.equal(one.isSure, false);
});

test('a silent holder loses the database to a standby, and none of its later writes is stored', async (t) => {
  const one = database(t);
  const lost: LoadstoneError[] = [];
  const { term } = await one.hold((why) => lost.push(why));
  const store = new NoteStore(one);
  store.open();
  await store.of.run("INSERT INTO note (name) VALUES ('before')");
  const beside = database(t, { isReader: true });
  const seen = await beside.succession();
  assert.match(seen.holder ?? '', new RegExp(`^loadstone ${VERSION}, process ${process.pid} of `));
  assert.deepEqual([seen.term, seen.silentS! < SILENT_S], [term, true]);
  const refused = { code: 'LS-STATE-003', message: /^another process holds the database: loadstone \S+, process/ };
  await assert.rejects(database(t).hold(undefined, term), refused, 'it has just renewed');
  const beSilent = (): Promise<unknown> =>
    asAdmin("UPDATE loadstone.cloud SET seen = seen - interval '1 minute'", 'cloud');
  await beSilent();
  assert.ok((await beside.succession()).silentS! > 60);
  await one.renew();
  await assert.rejects(database(t).hold(undefined, term), refused, 'it has renewed again');

  // A transaction that is under way when the holder is frozen.
  const open = store.of.transaction(function* () {
    yield* run("INSERT INTO note (name) VALUES ('under way')");
    yield* rows('SELECT pg_sleep(100)');
  });
  const cut = assert.rejects(open, { code: 'LS-STORE-001' });
  await until('it is running', async () => {
    const found = await asAdmin("SELECT 1 FROM pg_stat_activity WHERE usename = 'cloud' AND query LIKE '%pg_sleep%'");
    return found.length > 0;
  });
  await beSilent();
  const next = database(t);
  assert.equal((await next.hold(undefined, term)).term > term, true);
  await cut;
  await assert.rejects(store.of.run("INSERT INTO note (name) VALUES ('behind')"), refused);
  assert.deepEqual(
    lost.map(({ code }) => code),
    ['LS-STATE-003'],
  );
  await beSilent();
  const late = database(t).hold(undefined, term);
  await assert.rejects(late, refused, 'another standby was faster');
  const names = await next.look("SELECT name FROM note WHERE name IN ('before', 'under way', 'behind')");
  assert.deepEqual(
    names.map(({ name }) => name),
    ['before'],
  );
});

test('shared keys belong to this database, and not to a restored copy', async (t) => {
  const one = database(t);
  await one.hold();
  const beside = database(t, { isReader: true });
  const shared = async () => (await beside.beside())?.shared;
  const keys = { sealed: Uint8Array.of(1, 2), by: 'a folder' };
  await one.share(keys);
  assert.deepEqual(await shared(), keys);
  await asAdmin("UPDATE loadstone.cloud SET shared_copy = 'another'", 'cloud');
  assert.equal(await shared(), undefined);
});

test('a database without tables or with those of an older version has no term', async (t) => {
  const nothing = { holder: undefined, term: undefined, silentS: undefined };
  assert.deepEqual(await database(t, { isReader: true, schema: 'older' }).succession(), nothing);
  const admin = 'CREATE SCHEMA older; CREATE TABLE older.cloud (one INTEGER, id TEXT, state TEXT, holder TEXT)';
  await asAdmin(`${admin}; GRANT ALL ON SCHEMA older TO cloud; GRANT ALL ON older.cloud TO cloud`, 'cloud');
  assert.deepEqual(await database(t, { isReader: true, schema: 'older' }).succession(), nothing);
});

test('a holder loses a database that is restored from a copy', async (t) => {
  const one = database(t);
  const lost: LoadstoneError[] = [];
  await one.hold((why) => lost.push(why));
  const store = new NoteStore(one);
  store.open();
  await store.opened();
  await asAdmin(
    `BEGIN; SET search_path = loadstone; CREATE TABLE saved AS TABLE cloud; DROP TABLE cloud;
       ALTER TABLE saved RENAME TO cloud; ALTER TABLE cloud OWNER TO cloud; COMMIT`,
    'cloud',
  );
  await assert.rejects(one.check(), { code: 'LS-STATE-005' });
  await assert.rejects(store.of.run("INSERT INTO note (name) VALUES ('late')"), { code: 'LS-STATE-005' });
  assert.equal(lost.length, 1);
});

test('a cancelled statement is an error, and timeouts bound what a vanished machine can hold', async (t) => {
  const one = database(t);
  const store = new NoteStore(one);
  store.open();
  const slow = store.of.rows('SELECT pg_sleep(100)');
  const running = "SELECT pid FROM pg_stat_activity WHERE usename = 'cloud' AND query LIKE '%pg_sleep%'";
  await until('it runs', async () => ((await asAdmin(running)).length > 0 ? true : undefined));
  const cancelled = asAdmin(`SELECT pg_cancel_backend(pid) FROM (${running}) AS each`);
  await assert.rejects(slow, { code: 'LS-STORE-001', message: /canceling statement/ });
  await cancelled;
  const [row] = await store.of.rows(
    `SELECT current_setting('statement_timeout') AS statement, current_setting('idle_in_transaction_session_timeout') AS idle,
       current_setting('tcp_user_timeout') AS owed, current_setting('tcp_keepalives_idle')::int
         + current_setting('tcp_keepalives_interval')::int * current_setting('tcp_keepalives_count')::int AS still`,
  );
  // The last two are those that the server's system applies to this very connection.
  assert.deepEqual({ ...row }, { statement: '25s', idle: '30s', owed: '30000', still: 30 });
});

async function asAdmin(sql: string, of = 'postgres'): Promise<readonly unknown[]> {
  const by = new Client({ host: '127.0.0.1', port, user: 'loadstone', database: of });
  await by.connect();
  try {
    return (await by.query(sql)).rows;
  } finally {
    await by.end();
  }
}

const cutAll = (): Promise<unknown> =>
  asAdmin(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'cloud' AND query NOT LIKE '%pg_advisory_lock(%'",
  );

/** Waits until another process waits for the database. */
const waiting = (): Promise<true> =>
  until('it waits', async () =>
    (await asAdmin("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")).length > 0 ? true : undefined,
  );

/** The first checks may still meet connections that were cut. Returns 'held', or the code of another error than that. */
const answered = (postgres: Postgres): Promise<string> =>
  until('an answer', () =>
    postgres.check().then(
      () => 'held',
      ({ code }: LoadstoneError) => code !== 'LS-STORE-001' && code,
    ),
  );
