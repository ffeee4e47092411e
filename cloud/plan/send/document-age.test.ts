import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import type { Unnumbered } from './document-store.ts';
import { SqliteDocumentStore } from './sqlite-document-store.ts';

const settings = (gateway: string, issuedAt: number): Unnumbered<'settings'> => ({
  type: 'settings',
  version: 1,
  gateway,
  issuedAt,
  acceptUntil: issuedAt + 1000,
  validFrom: issuedAt,
  validUntil: issuedAt + 1000,
  body: { mode: 'automatic' },
});

const GATEWAYS = 70;
const EACH = 572;

/** 40,000 documents of 70 gateways, one a second at each, with three reports of each. */
function filled(path: string): SqliteDocumentStore {
  const store = new SqliteDocumentStore(path);
  store.open();
  const db = new DatabaseSync(path);
  db.exec(`
    CREATE TEMP TABLE each AS
      WITH RECURSIVE at (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM at WHERE n < ${EACH}),
        gateway (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM gateway WHERE n < ${GATEWAYS - 1})
      SELECT at.n AS at, 'g-' || gateway.n AS gateway FROM at, gateway;
    INSERT INTO document (type, gateway, epoch, sequence, id, issued_at, valid_until, accept_until, content, packed)
      SELECT 'settings', gateway, 1, at, 'settings-' || gateway, 1000 * at, 1000 * at + 1000, 1000 * at + 1000, '',
        zeroblob(200) FROM each;
    INSERT INTO report (document, gateway, stage, content)
      SELECT 'settings-' || gateway || ' 1 ' || at, gateway, column1, '{}'
      FROM each, (VALUES ('received'), ('accepted'), ('applied'))`);
  db.close();
  return store;
}

async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test('a pruning turn over 40,000 documents is short, whether none or half of them are old', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  try {
    const store = filled(join(folder, 'documents.sqlite'));
    const none = await cpuMs(async () => assert.equal(await store.prune(0), 0));
    assert.ok(none < 50, `${none} ms of CPU where nothing is old`);
    const turn = async () => {
      let forgotten = 0;
      const ms = await cpuMs(async () => (forgotten = await store.prune(EACH * 500)));
      return { ms, forgotten };
    };
    const turns = [await turn()];
    while (turns.at(-1)!.forgotten > 0) turns.push(await turn());
    const forgotten = turns.reduce((sum, each) => sum + each.forgotten, 0);
    assert.equal(forgotten, GATEWAYS * (EACH / 2 - 1));
    const most = Math.max(...turns.map(({ ms }) => ms));
    assert.ok(most < 50, `${most} ms of CPU in one of ${turns.length} turns`);
    store.close();
    const db = new DatabaseSync(join(folder, 'documents.sqlite'), { readOnly: true });
    const left = (table: string): unknown => db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'];
    assert.deepEqual([left('document'), left('report')], [40_040 - forgotten, 3 * (40_040 - forgotten)]);
    db.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('no statement of the store scans a growing table', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  const path = join(folder, 'documents.sqlite');
  const said = new Set<string>();
  try {
    const store = new SqliteDocumentStore(path);
    store.open();
    const prepare = mock.method(DatabaseSync.prototype, 'prepare');
    const exec = mock.method(DatabaseSync.prototype, 'exec');
    const first = await store.add<'settings'>(settings('g-1', 1));
    await store.addAfter(settings('g-1', 2), first);
    await store.add(settings('g-2', 1));
    await store.raiseEpoch('g-1', 1);
    await store.signed(first, 'e30.e30.e30');
    const report = { version: 1, type: 'settings', id: 'settings-g-1', epoch: 1, time: 1, stage: 'accepted' } as const;
    await store.report('g-1', { ...report, sequence: 1 });
    await store.report('g-1', { ...report, sequence: 99 });
    await store.newest('settings', 'g-1');
    await store.validAt('settings', 'g-1', 1);
    await store.byId('settings-g-1');
    await store.list('settings', 'g-1', 3);
    await store.reports(first);
    await store.prune(100);
    for (const { arguments: args } of [...prepare.mock.calls, ...exec.mock.calls]) said.add(args[0]);
    mock.restoreAll();
    store.close();
    const db = new DatabaseSync(path);
    const walks = [...said]
      .filter((sql) => /^(?:SELECT|INSERT|UPDATE|DELETE)/.test(sql))
      .flatMap((sql) =>
        db
          .prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all()
          .map(({ detail }) => String(detail))
          .filter((detail) => /^SCAN (?:document|report|later)\b/.test(detail))
          .map((detail) => `${detail}: ${sql}`),
      );
    assert.ok(said.size > 8);
    assert.deepEqual(walks, []);
    db.close();
  } finally {
    mock.restoreAll();
    rmSync(folder, { recursive: true });
  }
});
