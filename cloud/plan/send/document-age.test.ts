import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import type { DocumentReport } from '../../../shared/contracts/report.ts';
import { DocumentStore, type Unnumbered } from './document-store.ts';

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
function filled(path: string): DocumentStore {
  const store = new DocumentStore(path);
  store.open();
  for (let at = 1; at <= EACH; at++) {
    const documents = store.add(Array.from({ length: GATEWAYS }, (_, index) => settings(`g-${index}`, at * 1000)));
    for (const { type, gateway, epoch, sequence } of documents)
      for (const stage of ['received', 'accepted', 'applied'] as const) {
        const report = {
          version: 1,
          type,
          id: `settings-${gateway}`,
          epoch,
          sequence,
          stage,
          time: at * 1000,
        } as const;
        store.report(gateway, report satisfies DocumentReport);
      }
  }
  return store;
}

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test('at 40,000 documents a turn of forgetting is short, whether nothing is old or half of it is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  try {
    const store = filled(join(folder, 'documents.sqlite'));
    const none = cpuMs(() => assert.equal(store.prune(0), 0));
    assert.ok(none < 50, `${none} ms of CPU where nothing is old`);
    const turn = () => {
      let forgotten = 0;
      return { ms: cpuMs(() => (forgotten = store.prune(EACH * 500))), forgotten };
    };
    const turns = [turn()];
    while (turns.at(-1)!.forgotten > 0) turns.push(turn());
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

test('no statement of the store walks through a table that grows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  const path = join(folder, 'documents.sqlite');
  const said = new Set<string>();
  try {
    const store = new DocumentStore(path);
    store.open();
    const prepare = mock.method(DatabaseSync.prototype, 'prepare');
    const exec = mock.method(DatabaseSync.prototype, 'exec');
    const [first] = store.add([settings('g-1', 1), settings('g-1', 2), settings('g-2', 1)]);
    store.signed(first!, 'bytes');
    const report = { version: 1, type: 'settings', id: 'settings-g-1', epoch: 1, time: 1, stage: 'accepted' } as const;
    store.report('g-1', { ...report, sequence: 1 });
    store.report('g-1', { ...report, sequence: 99 });
    store.newest('settings', 'g-1');
    store.validAt('settings', 'g-1', 1);
    store.byId('settings-g-1');
    store.list('settings', 'g-1', 3);
    store.reports(first!);
    store.prune(100);
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
