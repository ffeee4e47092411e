import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Type } from 'typebox';
import { readConfig } from '../../shared/config/read-config.ts';
import { checkPostgres, PostgresConfig, postgresOptions } from './postgres-config.ts';
import { serverFault } from './postgres-hold.ts';

const Schema = Type.Object({ state: Type.Object({ postgres: PostgresConfig }) });

const read = (keys: Readonly<Record<string, string | number>>): PostgresConfig =>
  readConfig(
    Schema,
    { file: 'cloud.yaml', text: JSON.stringify({ state: { postgres: keys } }) },
    { after: ({ state }, refuse) => checkPostgres(state.postgres, refuse) },
  ).state.postgres;

test('a server is named by its host and reached over TLS', () => {
  assert.deepEqual(read({ host: 'db.example' }), {
    host: 'db.example',
    port: 5432,
    database: 'loadstone',
    user: 'loadstone',
    passwordFile: '',
    security: 'tls',
    caFile: '',
  });
  for (const host of ['localhost', '127.0.0.1', '::1', '/run/postgresql'])
    assert.equal(read({ host, security: 'none' }).host, host);
});

const slips: readonly (readonly [Readonly<Record<string, string | number>>, RegExp])[] = [
  [{}, /state\.postgres.*host/],
  [{ host: 'postgresql://anna:secret@db/loadstone' }, /state\.postgres\.host \.\.\.@db\/loadstone is more than a host/],
  [{ host: 'db:5433' }, /state\.postgres\.host db:5433: write the number into port/],
  [
    { host: 'db', security: 'none' },
    /state\.postgres\.security none is only for a server on this machine, but db is another/,
  ],
  [{ host: '/run/postgresql' }, /state\.postgres\.security is tls, which a Unix socket does not support: use none/],
  [{ host: 'localhost', security: 'none', caFile: 'ca.pem' }, /state\.postgres\.caFile has no effect without TLS/],
  [{ host: 'db', password: 'secret' }, /state\.postgres\.password is not a known key; known here: .*passwordFile/],
  [{ host: 'db', port: 0 }, /state\.postgres\.port/],
];
for (const [keys, said] of slips)
  test(`${JSON.stringify(keys)} is rejected with its key`, () => {
    assert.throws(() => read(keys), said);
    assert.throws(
      () => read(keys),
      ({ message }: Error) => !message.includes('secret@'),
    );
  });

test('secrets are in existing files, and a changed password is used at the next connection', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-postgres-config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const passwordFile = join(folder, 'password');
  const config = read({ host: 'db', passwordFile });
  const missing = { code: 'LS-CONFIG-003', message: `state.postgres.passwordFile: there is no file ${passwordFile}` };
  assert.throws(() => postgresOptions(config), missing);
  writeFileSync(passwordFile, '\n');
  assert.throws(() => postgresOptions(config), { message: `state.postgres.passwordFile: ${passwordFile} is empty` });
  writeFileSync(passwordFile, 'one\n');
  const { password, tls } = postgresOptions(config);
  assert.deepEqual([password(), tls], ['one', {}]);
  writeFileSync(passwordFile, 'two\n');
  assert.equal(password(), 'two');
  assert.throws(() => postgresOptions({ ...config, caFile: join(folder, 'ca.pem') }), { code: 'LS-CONFIG-003' });
});

test('a server that is too old, a standby or not in UTF8 is rejected', () => {
  const good = { number: 170_006, version: '17.6', follows: 0, encoding: 'UTF8' };
  assert.equal(serverFault(good), undefined);
  assert.match(
    serverFault({ ...good, number: 140_020, version: '14.20' })!,
    /^state\.postgres\.host: .* PostgreSQL 14\.20; PostgreSQL 15 or/,
  );
  assert.match(serverFault({ ...good, follows: 1 })!, /^state\.postgres\.host: .*standby/);
  assert.match(
    serverFault({ ...good, encoding: 'SQL_ASCII' })!,
    /^state\.postgres\.database: its encoding is SQL_ASCII/,
  );
});
