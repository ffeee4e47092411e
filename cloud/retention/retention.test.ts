import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { mock, test, type TestContext } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { makeStores, openStores, closeStores, type Stores } from '../compose/stores.ts';
import { prunesOf } from '../compose/retention.ts';
import { SqlitePeopleStore } from '../access/sqlite-people-store.ts';
import type { BacktestResult } from '../planner/backtest/backtest-store.ts';
import { dataFiles } from '../telemetry/data-files.ts';
import { SqliteStore } from '../telemetry/sqlite-store.ts';
import { dataKinds } from './kinds.ts';
import { Pruner } from './pruner.ts';
import { walksOf } from './testing/walks.ts';

const DAY_MS = 86_400_000;
const T0 = Date.UTC(2026, 0, 1);

interface Opened {
  readonly folder: string;
  readonly stores: Stores;
  readonly telemetry: SqliteStore;
  /** What a statement returns from a file, with the stores open. */
  readonly rows: (file: string, sql: string) => Record<string, unknown>[];
}

async function opened(t: TestContext): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-kept-'));
  const files = dataFiles(folder);
  const people = new SqlitePeopleStore(files.state);
  people.open();
  const stores = makeStores(folder, files, () => undefined);
  await openStores(stores);
  const telemetry = new SqliteStore({ path: join(folder, 'telemetry.sqlite'), receivedAt: stores.ledger });
  await telemetry.open();
  t.after(async () => {
    mock.restoreAll();
    await telemetry.close();
    closeStores(stores);
    people.close();
    rmSync(folder, { recursive: true });
  });
  const rows = (file: string, sql: string): Record<string, unknown>[] => {
    const db = new DatabaseSync(join(folder, file));
    try {
      return db.prepare(sql).all();
    } finally {
      db.close();
    }
  };
  return { folder, stores, telemetry, rows };
}

test('every table of the data folder belongs to one kind, and no kind names an unknown table', async (t) => {
  const { rows } = await opened(t);
  for (const file of ['state.sqlite', 'planner.sqlite', 'telemetry.sqlite']) {
    const found = rows(file, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'");
    const named = dataKinds
      .filter((kind) => kind.file === file)
      .flatMap(({ tables }) => tables)
      .filter((table) => table !== 'store' || file === 'state.sqlite');
    const there = found.map(({ name }) => String(name)).filter((name) => name !== 'store' || file === 'state.sqlite');
    assert.deepEqual(named.toSorted(), there.toSorted(), file);
  }
});

test('no statement of the pruner scans a whole table', async (t) => {
  const { stores, telemetry, folder } = await opened(t);
  await stores.models.keepBytes('a'.repeat(64), new Uint8Array([1]));
  const prepare = mock.method(DatabaseSync.prototype, 'prepare');
  for (const prune of prunesOf(stores, telemetry)) await prune({ plant: T0, machine: T0 });
  const said = new Set(prepare.mock.calls.map(({ arguments: [sql] }) => sql));
  mock.restoreAll();
  assert.ok(said.size > 12, `${said.size} statements`);
  assert.deepEqual(walksOf(said, folder), []);
});

test('a store with more to roll up is called again; an outage is left to its alarm', async (t) => {
  const { stores } = await opened(t);
  const ask = async (maintain: () => Promise<boolean>): Promise<number> =>
    prunesOf(stores, { maintain }).at(-1)!({ plant: T0, machine: T0 });
  assert.deepEqual([await ask(async () => true), await ask(async () => false)], [1, 0]);
  const away = new LoadstoneError('LS-STORE-001', 'no answer');
  assert.equal(await ask(() => Promise.reject(away)), 0);
  await assert.rejects(
    ask(() => Promise.reject(new LoadstoneError('LS-STORE-002', 'refused'))),
    { code: 'LS-STORE-002' },
  );
});

test('rows beyond the retention of their kind are deleted in small batches, and younger ones stay', async (t) => {
  const { stores, telemetry, rows } = await opened(t);
  const clock = new VirtualClock(T0);
  const event = { kind: 'event', severity: 'info', code: 'test', text: 'a test' } as const;
  const events = (days: number, count: number): Promise<unknown> =>
    stores.events.appendAll(
      [{ source: 'cloud', events: Array.from({ length: count }, () => ({ event: { ...event, time: T0 } })) }],
      T0 - days * DAY_MS,
    );
  await events(401, 450);
  await events(399, 5);
  for (const [id, days] of [
    ['old', 91],
    ['young', 89],
  ] as const) {
    await stores.jobs.add(id, { kind: 'none', owner: 'who', request: {} }, { createdAt: 1, most: 9 });
    await stores.jobs.finish(id, { status: 'cancelled', at: T0 - days * DAY_MS });
  }
  await stores.jobs.add('waits', { kind: 'none', owner: 'who', request: {} }, { createdAt: 1, most: 9 });
  const body = { name: 'a', horizonH: 48 } as never;
  for (const [id, days] of [
    ['old', 366],
    ['young', 364],
  ] as const) {
    await stores.scenarios.add({ id, owner: 'who', body, createdAt: T0 - days * DAY_MS });
    await stores.scenarios.putResult({ id: `fc_${id}`, scenario: id, target: 'region:north', content: {} });
  }
  const held: number[] = [];
  const prunes = prunesOf(stores, telemetry).map((prune): typeof prune => async (now) => {
    const forgotten = await prune(now);
    held.push(forgotten);
    return forgotten;
  });
  const pruner = new Pruner(prunes, clock, stores.lastRuns);
  pruner.start();
  t.after(() => pruner.stop());
  await clock.advance(11 * 60_000);
  assert.ok(Math.max(...held) <= 200, `${Math.max(...held)} at once`);
  assert.deepEqual(
    [
      await stores.events.count(),
      (await stores.jobs.get('old'))?.id,
      (await stores.jobs.get('young'))?.id,
      (await stores.jobs.get('waits'))?.id,
      rows('planner.sqlite', 'SELECT id FROM scenario').map(({ id }) => id),
      rows('planner.sqlite', 'SELECT id FROM result').map(({ id }) => id),
    ],
    [5, undefined, 'young', 'waits', ['young'], ['fc_young']],
  );
});

test('an unfinished row at the front of its table does not block those after it', async (t) => {
  const { stores, rows } = await opened(t);
  const began = { startedAt: T0 - 2000 * DAY_MS, depthKw: 1, energyKwh: 0, measurement: '', command: null, freeKw: 0 };
  const one = { ...began, gateway: 'gone-01', kind: 'stop', who: 'at the site', why: 'stop' } as const;
  const ids = await stores.interventions.commit(
    Array.from({ length: 150 }, (_, n) => ({ ...one, device: `pv-${n}` })),
    [],
  );
  const last = ids.at(-1)!;
  const over = { seenAt: T0, endedAt: T0 - 1999 * DAY_MS, depthKw: 1, energyKwh: 0, command: null };
  await stores.interventions.commit([], [{ ...over, id: last }]);
  await stores.oldState.prune(
    dataKinds.find(({ name }) => name === 'interventions')!,
    T0,
  );
  assert.equal(rows('state.sqlite', `SELECT id FROM intervention WHERE id = ${last}`).length, 0);
  assert.equal(rows('state.sqlite', 'SELECT id FROM intervention').length, 149);
});

test('a kind beyond its budget loses its oldest rows, however young', async (t) => {
  const { stores } = await opened(t);
  const kind = { ...dataKinds.find(({ name }) => name === 'events')!, most: 10 };
  const event = { time: T0, kind: 'event', severity: 'info', code: 'test', text: 'a test' } as const;
  await stores.events.appendAll([{ source: 'cloud', events: Array.from({ length: 25 }, () => ({ event })) }], T0);
  assert.equal(await stores.oldState.prune(kind, T0), 15);
  assert.equal(await stores.oldState.prune(kind, T0), 0);
  assert.deepEqual((await stores.events.list({ limit: 99 })).at(-1)?.id, 16);
});

test('backtests, which have no number, lose the oldest beyond the budget', async (t) => {
  const { stores, rows } = await opened(t);
  const kind = { ...dataKinds.find(({ name }) => name === 'backtests')!, most: 3 };
  const none = { task: { owner: 'anna', target: 'region:north' }, rows: [] } as never as BacktestResult;
  for (const [at, id] of ['c', 'a', 'e', 'b', 'd'].entries())
    await stores.backtests.put({ ...none, id, createdAt: T0 + at }, new Uint8Array([1]));
  assert.equal(await stores.oldPlanner.prune(kind, T0), 2);
  assert.equal(await stores.oldPlanner.prune(kind, T0), 0);
  assert.deepEqual(
    rows('planner.sqlite', 'SELECT id FROM backtest ORDER BY created_at').map(({ id }) => id),
    ['e', 'b', 'd'],
  );
  assert.equal(await stores.oldPlanner.prune(kind, T0 + 366 * DAY_MS), 3);
});

test('each kind has a retention and a budget, or states why it needs none', () => {
  for (const { name, keptDays, most, bounded } of dataKinds)
    assert.ok((keptDays !== null && most !== null) || bounded !== undefined, name);
});
