import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { MAX_EPOCH } from '../../../shared/contracts/ids.ts';
import { health } from '../../dashboard/testing/fixture-reports.ts';
import { dataFiles } from '../../telemetry/data-files.ts';
import { SqliteDocumentStore } from './sqlite-document-store.ts';
import { plansOf, reportOn, setUp } from '../testing/dispatch-rig.ts';

const extremes = [-1, 0, 1000, 1002, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 2, 2 ** 53 - 1, 2 ** 53, 2 ** 60, 2 ** 64, 1e300];
const numbers = fc.oneof(fc.constantFrom(...extremes), fc.maxSafeInteger());

test('an out-of-range epoch from a gateway is rejected, and every gateway is still planned', async () => {
  const { clock, sent, service, store, refused } = await setUp();
  await clock.advance(5 * 60_000);
  const own = plansOf(sent)[0]!.document;
  const lie = { epoch: Number.MAX_SAFE_INTEGER };
  assert.equal(await service.onReport('aaa-01', reportOn(own, 'accepted', lie)), false);
  const report = health('aaa', clock.plant.now(), 0);
  await service.onHealth('aaa-01', { ...report, plan: { ...report.plan, ...lie } });
  assert.deepEqual(refused, ['aaa-01 LS-DOC-011', 'aaa-01 LS-DOC-011']);
  const before = plansOf(sent).length;
  await clock.advance(30 * 60_000);
  assert.deepEqual(
    plansOf(sent)
      .slice(before)
      .map(({ gateway, document }) => [gateway, document.epoch]),
    [
      ['aaa-01', 1],
      ['bbb-01', 1],
    ],
  );
  assert.deepEqual([await store.epoch('aaa-01'), await store.epoch('bbb-01')], [1, 1]);
  await service.stop();
});

test('a reported epoch raises only that of its gateway, by a bounded step and once a minute', async () => {
  const { clock, sent, service, store, events } = await setUp();
  await clock.advance(5 * 60_000);
  const own = plansOf(sent)[0]!.document;
  const tells = (epoch: number) => service.onReport('aaa-01', reportOn(own, 'accepted', { epoch }));
  assert.equal(await tells(7), true);
  assert.deepEqual([await store.epoch('aaa-01'), await store.epoch('bbb-01')], [8, 1]);
  assert.deepEqual(
    events.filter(({ code }) => code === 'document.epoch').map(({ subject }) => subject),
    ['aaa'],
  );
  await tells(9);
  assert.equal(await store.epoch('aaa-01'), 8, 'not twice within a minute');
  await clock.advance(60_000);
  await tells(8 + 1000);
  assert.equal(await store.epoch('aaa-01'), 1009);
  await clock.advance(60_000);
  assert.equal(await tells(1009 + 1001), false);
  assert.equal(await store.epoch('aaa-01'), 1009);
  await clock.advance(5 * 60_000);
  const newest = (of: string) => plansOf(sent).findLast(({ gateway }) => gateway === of)!.document.epoch;
  assert.deepEqual([newest('aaa-01'), newest('bbb-01')], [1009, 1]);
  await service.stop();
});

test('property: no number in a report stops documents, reaches another gateway or blocks the next start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  const path = join(folder, 'documents.sqlite');
  try {
    const store = new SqliteDocumentStore(path);
    const { clock, sent, service } = await setUp({ store });
    await clock.advance(5 * 60_000);
    const own = plansOf(sent)[0]!.document;
    await fc.assert(
      fc.asyncProperty(
        numbers,
        numbers,
        fc.constantFrom('plan', 'model', 'settings', 'x'),
        async (epoch, sequence, type) => {
          const code = { code: 'LS-DOC-002' };
          await service.onReport('aaa-01', reportOn(own, 'rejected', { epoch, sequence, type, ...code }));
          const report = health('aaa', clock.plant.now(), 0);
          await service.onHealth('aaa-01', { ...report, plan: { ...report.plan, epoch, sequence } });
          await clock.advance(60_000);
          assert.equal(await store.epoch('bbb-01'), 1);
          assert.ok((await store.epoch('aaa-01')) <= MAX_EPOCH);
        },
      ),
      { numRuns: 60, endOnFailure: true },
    );
    await fc.assert(
      fc.asyncProperty(numbers, numbers, async (epoch, sequence) => {
        await store.raiseEpoch('wild-01', epoch);
        await store.report('wild-01', reportOn(own, 'accepted', { epoch, sequence }));
        assert.ok((await store.epoch('wild-01')) <= MAX_EPOCH);
      }),
    );
    const before = plansOf(sent).length;
    await clock.advance(30 * 60_000);
    assert.deepEqual(
      new Set(
        plansOf(sent)
          .slice(before)
          .map(({ gateway }) => gateway),
      ),
      new Set(['aaa-01', 'bbb-01']),
    );
    await service.stop();
    store.close();
    const again = new SqliteDocumentStore(path);
    again.open();
    assert.ok((await again.epoch('aaa-01')) <= MAX_EPOCH);
    while ((await again.prune(0)) > 0);
    again.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** A data folder of the previous version: one epoch for all. */
function former(path: string, epoch: string, documents: readonly (readonly [string, number, number])[]): void {
  const db = new DatabaseSync(path);
  db.exec(`CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE document (
      type TEXT NOT NULL, gateway TEXT NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
      id TEXT NOT NULL, issued_at INTEGER NOT NULL, valid_until INTEGER NOT NULL, accept_until INTEGER NOT NULL,
      content TEXT NOT NULL, jws TEXT,
      PRIMARY KEY (type, gateway, epoch, sequence)
    ) WITHOUT ROWID;
    CREATE INDEX document_id ON document (id);
    CREATE INDEX document_age ON document (issued_at);
    CREATE TABLE report (
      id INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL, gateway TEXT NOT NULL, stage TEXT NOT NULL,
      content TEXT NOT NULL, UNIQUE (document, gateway, stage)
    );
    CREATE TABLE sequence (
      type TEXT NOT NULL, gateway TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (type, gateway)
    ) WITHOUT ROWID;
    INSERT INTO meta VALUES ('epoch', ${epoch});
    INSERT INTO report (document, gateway, stage, content) VALUES
      ('settings-g-01 3 5', 'g-01', 'accepted', '{"stage":"accepted"}'), ('made-up 1 1', 'g-01', 'accepted', '{}');
    PRAGMA user_version = 1`);
  for (const [gateway, of, sequence] of documents) {
    const content = {
      type: 'settings',
      gateway,
      epoch: of,
      sequence,
      issuedAt: 1,
      acceptUntil: 2,
      validUntil: 2,
      body: {},
    };
    db.prepare(`INSERT INTO document VALUES ('settings', ?, ?, ?, ?, 1, 2, 2, ?, NULL)`).run(
      gateway,
      of,
      sequence,
      `settings-${gateway}`,
      JSON.stringify(content),
    );
    db.prepare(`INSERT OR REPLACE INTO sequence VALUES ('settings', ?, ?)`).run(gateway, sequence);
  }
  db.close();
}

for (const { epoch, epochs } of [
  { epoch: '9007199254740991', epochs: [3, 1] },
  { epoch: '9007199254740992', epochs: [3, 1] },
  { epoch: '9223372036854775807', epochs: [3, 1] },
  { epoch: '4', epochs: [4, 4] },
])
  test(`a data folder with one global epoch ${epoch} opens, and each gateway continues from its own documents`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
    const path = join(folder, 'documents.sqlite');
    try {
      former(path, epoch, [
        ['g-01', 3, 5],
        ['g-01', Number.MAX_SAFE_INTEGER, 6],
        ['h-01', 1, 2],
      ]);
      const store = new SqliteDocumentStore(dataFiles(folder).state);
      store.open();
      assert.deepEqual([await store.epoch('g-01'), await store.epoch('h-01')], epochs);
      assert.equal(await store.epoch('new-01'), 1);
      const { document } = (await store.newest('settings', 'g-01'))!;
      assert.deepEqual([document.epoch, document.sequence], [3, 5]);
      assert.equal((await store.reports(document)).length, 1);
      const settings = { version: 1, issuedAt: 3, acceptUntil: 4, validFrom: 3, validUntil: 4, body: {} } as const;
      const added = [];
      for (const gateway of ['g-01', 'h-01'])
        added.push(await store.add<'settings'>({ type: 'settings', gateway, ...settings }));
      assert.deepEqual(
        added.map(({ epoch: own, sequence }) => [own, sequence]),
        [
          [epochs[0], 7],
          [epochs[1], 3],
        ],
      );
      assert.equal((await store.newest('settings', 'g-01'))!.document.issuedAt, 3);
      await store.prune(100);
      store.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
