import assert from 'node:assert/strict';
import { appendFileSync, cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { SqlitePeopleStore } from '../../cloud/access/sqlite-people-store.ts';
import { SqliteAttemptStore } from '../../cloud/audit/sqlite-attempt-store.ts';
import { run as runBackup } from '../../cloud/cli/backup.ts';
import { run as runRestore } from '../../cloud/cli/restore.ts';
import { SqliteStore } from '../../cloud/telemetry/sqlite-store.ts';
import { until } from '../../shared/testing/until.ts';
import { account, GATEWAY, letIn, pause, stage, underTraffic, Uplink, uplinkOf } from './testing/drill.ts';
import { start } from './testing/started.ts';

const NEVER = Date.UTC(2100, 0, 1);
const pointsIn = (data: string): SqliteStore => new SqliteStore({ path: join(data, 'telemetry.sqlite') });

test('a backup under traffic restores every range that the ledger calls stored, and the rest is resent', async (t) => {
  const { folder, config, data, passphrase } = stage(t);
  await letIn(data);
  const cloud = start(t, 'cloud', '--config', config);
  const uplink = new Uplink();
  t.after(() => uplink.end());
  await uplink.connect(await uplinkOf(cloud));
  const backup = join(folder, 'backup');
  let before = 0;
  await underTraffic(uplink, async (covered) => {
    before = covered;
    const made = start(t, 'cloud', 'backup', backup, '--config', config, '--passphrase-file', passphrase);
    assert.equal(await made.ended, 0, made.said());
    assert.match(made.said(), /telemetry\.sqlite: \d+\.\d of \d+\.\d MB/);
  });
  cloud.child.kill('SIGKILL');
  await cloud.ended;
  uplink.end();
  const text = readdirSync(backup)
    .map((name) => readFileSync(join(backup, name), 'latin1'))
    .join('');
  const { d } = JSON.parse(readFileSync(join(data, 'signing-key.json'), 'utf8')) as { readonly d: string };
  assert.ok(!text.includes(d), 'the signing key is only in the backup encrypted');

  const elsewhere = join(folder, 'elsewhere');
  const restored = start(t, 'cloud', 'restore', backup, '--data', elsewhere, '--passphrase-file', passphrase);
  assert.equal(await restored.ended, 0, restored.said());
  assert.match(restored.said(), /Raised the epoch of \d+ gateways/);
  const copy = await account(elsewhere, pointsIn(elsewhere));
  assert.ok(copy.stored.length >= before, `${copy.stored.length} are stored, ${before} were before the backup began`);
  assert.ok(copy.stored.length < uplink.edge.nextOffset, 'traffic continued after the backup');
  assert.deepEqual(
    copy.stored.filter((offset) => !copy.readable.has(offset)),
    [],
    'stored by the ledger, but not readable',
  );
  t.diagnostic(
    `${copy.stored.length} stored and readable, ${copy.readable.size} readable in all, ${uplink.edge.nextOffset} accepted`,
  );
  const db = new DatabaseSync(join(elsewhere, 'state.sqlite'));
  assert.equal(db.prepare('SELECT value FROM epoch WHERE gateway = ?').get(GATEWAY)?.['value'], 2);
  db.close();

  const moved = join(folder, 'moved.yaml');
  writeFileSync(moved, readFileSync(config, 'utf8').replace(`data: ${data}`, `data: ${elsewhere}`));
  const next = start(t, 'cloud', '--config', moved);
  await uplink.connect(await uplinkOf(next));
  await until('covered', async () => {
    await uplink.again();
    await pause(300);
    return uplink.open().length === 0 ? true : undefined;
  });
  next.child.kill('SIGKILL');
  await next.ended;
  const end = await account(elsewhere, pointsIn(elsewhere));
  const all = Array.from({ length: uplink.edge.nextOffset }, (_, offset) => offset);
  assert.deepEqual(end.stored, all);
  assert.deepEqual(
    [...end.readable].toSorted((a, b) => a - b),
    all,
  );
  const verified = start(t, 'audit', 'verify', '--data', elsewhere);
  assert.equal(await verified.ended, 0, verified.said());
});

test('an incomplete backup, a wrong passphrase or a non-empty folder is refused with the reason', async (t) => {
  const { folder, config, data, passphrase } = stage(t);
  const cloud = start(t, 'cloud', '--config', config);
  await cloud.says(/Loadstone cloud: http/);
  const backup = join(folder, 'backup');
  const make = (into: string, words = passphrase): Promise<number> =>
    runBackup([into, '--config', config, '--passphrase-file', words]);
  assert.equal(await make(backup), 0);
  const target = join(folder, 'target');
  const restore = (from: string, to = target, words = passphrase): Promise<number> =>
    runRestore([from, '--data', to, '--passphrase-file', words]);
  const spoilt = (name: string, spoil: (folder: string) => void): string => {
    const to = join(folder, name);
    cpSync(backup, to, { recursive: true });
    spoil(to);
    return to;
  };
  const refusal = (code: string, message: RegExp): object => ({ code, message });
  await assert.rejects(restore(backup, data), refusal('LS-DATA-001', /data is in use by "loadstone cloud --config/));
  cloud.child.kill('SIGKILL');
  await cloud.ended;
  await assert.rejects(restore(backup, data), refusal('LS-BACKUP-002', /data is not empty: /));
  const cut = spoilt('cut', (at) => truncateSync(join(at, 'planner.sqlite'), 4096));
  await assert.rejects(restore(cut), refusal('LS-BACKUP-001', /^planner\.sqlite has 4096 bytes instead of \d+/));
  const flipped = spoilt('flipped', (at) => {
    const bytes = readFileSync(join(at, 'state.sqlite'));
    bytes[5000]! ^= 1;
    writeFileSync(join(at, 'state.sqlite'), bytes);
  });
  await assert.rejects(restore(flipped), refusal('LS-BACKUP-001', /^state\.sqlite was changed since the backup/));
  const forged = spoilt('forged', (at) => {
    const file = join(at, 'manifest.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"madeAt": 1', '"madeAt": 2'));
  });
  await assert.rejects(restore(forged), refusal('LS-BACKUP-001', /^manifest\.json was changed since the backup/));
  const unfinished = spoilt('unfinished', (at) => truncateSync(join(at, 'manifest.json'), 100));
  await assert.rejects(restore(unfinished), refusal('LS-BACKUP-001', /manifest\.json is not JSON/));
  await assert.rejects(restore(folder), refusal('LS-BACKUP-001', /has no manifest\.json/));
  const other = join(folder, 'other');
  writeFileSync(other, 'another passphrase\n');
  const wrong = refusal('LS-BACKUP-003', /^keys\.sealed cannot be decrypted with this passphrase/);
  await assert.rejects(restore(backup, target, other), wrong);
  assert.deepEqual(readdirSync(target), ['lock.sqlite'], 'nothing was restored');

  await assert.rejects(make(backup), refusal('LS-BACKUP-002', /backup is not an empty folder/));
  const short = join(folder, 'short');
  writeFileSync(short, 'short\n');
  await assert.rejects(
    make(join(folder, 'b2'), short),
    refusal('LS-CONFIG-002', /has 5 characters; it needs at least 12/),
  );
  if (!process.stdin.isTTY)
    await assert.rejects(
      runBackup([join(folder, 'b3'), '--config', config]),
      refusal('LS-CONFIG-002', /name its file with --passphrase-file/),
    );
  appendFileSync(passphrase, 'a second line counts for nothing\n');
  assert.equal(await make(join(folder, 'stopped')), 0, 'of a stopped cloud');
  assert.equal(await restore(backup), 0, 'into a folder with only an old lock');
});

test('a stolen backup reveals no hashes, names or addresses, and a restore recovers them all', async (t) => {
  const { folder, config, data, passphrase } = stage(t);
  const cloud = start(t, 'cloud', '--config', config);
  await cloud.says(/Loadstone cloud: http/);
  cloud.child.kill('SIGTERM');
  await cloud.ended;
  const path = join(data, 'state.sqlite');
  const people = new SqlitePeopleStore(path);
  people.open();
  const user = { name: 'olga-oosterhuis', hash: 'scrypt$of-olga', roles: ['operator'], areas: '*' } as const;
  await people.make({ ...user, mustChange: false, disabled: false });
  const token = { id: 't1', hash: 'hash-of-token', user: user.name, label: 'scada-of-olga', scopes: [] } as const;
  await people.addToken({ ...token, createdAt: 1, usedAt: null, expiresAt: NEVER }, { password: user.hash, most: 50 });
  await people.openSession({ hash: 'hash-of-session', user: user.name, expiresAt: NEVER, activeAt: 1 }, user.hash, {
    now: 1,
    device: 'hash-of-browser',
  });
  await people.countFailure('name-of-a-guess', ['192.0.2.77'], [undefined], { now: 1, forgetBefore: 0 });
  await people.putRequest({
    user: 'asked-for',
    kind: 'password',
    rights: null,
    by: 'admin',
    askedAt: 1,
    expiresAt: NEVER,
  });
  const before = await people.load(1);
  people.close();
  const attempts = new SqliteAttemptStore(path);
  attempts.open();
  const count = {
    account: 'name-of-another',
    address: '192.0.2.77',
    outcomes: {},
    attempts: 1,
    firstAt: 1,
    lastAt: 1,
    what: '',
  };
  await attempts.commit(new Map([['k', count]]));
  attempts.close();

  const backup = join(folder, 'backup');
  assert.equal(await runBackup([backup, '--config', config, '--passphrase-file', passphrase]), 0);
  const text = readdirSync(backup)
    .map((name) => readFileSync(join(backup, name), 'latin1'))
    .join('');
  const secrets = ['scrypt$', 'olga', 'hash-of-', 'name-of-', '192.0.2.77', 'asked-for'];
  assert.deepEqual(
    secrets.filter((secret) => text.includes(secret)),
    [],
  );
  const target = join(folder, 'target');
  assert.equal(await runRestore([backup, '--data', target, '--passphrase-file', passphrase]), 0);
  const restored = new SqlitePeopleStore(join(target, 'state.sqlite'));
  restored.open();
  assert.deepEqual(await restored.load(1), { ...before, sessions: [] }, 'everybody can sign in again');
  assert.equal((await restored.failures('name-of-a-guess', ['192.0.2.77']))[0]?.count, 1);
  assert.equal(await restored.knowsDevice('hash-of-browser', user.name, 1), true);
  assert.equal((await restored.requests(1)).length, 1);
  restored.close();
  const counted = new SqliteAttemptStore(join(target, 'state.sqlite'));
  counted.open();
  assert.deepEqual([...(await counted.load()).values()], [count]);
  counted.close();
});
