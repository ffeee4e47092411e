import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prunesOf } from '../compose/retention.ts';
import { closeStores, makeStores, openStores } from '../compose/stores.ts';
import type { BacktestResult } from '../planner/backtest/backtest-store.ts';
import { postgresForFile } from '../sql/testing/postgres-stores.ts';
import { dataKinds } from './kinds.ts';

const T0 = Date.UTC(2026, 0, 1);
const { folder, connected, newSchema } = await postgresForFile();

test('PostgreSQL accepts every statement of the pruner, and keeps the newest backtests', async () => {
  const database = connected(newSchema());
  const stores = makeStores(folder, { state: database, planner: database }, assert.ifError);
  await openStores(stores);
  const none = { task: { owner: 'anna', target: 'region:north' }, rows: [] } as never as BacktestResult;
  for (const [at, id] of ['c', 'a', 'b'].entries())
    await stores.backtests.put({ ...none, id, createdAt: T0 + at }, new Uint8Array([1]));
  const forgotten: number[] = [];
  for (const prune of prunesOf(stores, {})) forgotten.push(await prune({ plant: T0, machine: T0 }));
  assert.deepEqual(new Set(forgotten), new Set([0]));
  const kind = { ...dataKinds.find(({ name }) => name === 'backtests')!, most: 2 };
  assert.equal(await stores.oldPlanner.prune(kind, T0), 1);
  assert.deepEqual(await Promise.all(['c', 'a', 'b'].map(async (id) => (await stores.backtests.get(id))?.id)), [
    undefined,
    'a',
    'b',
  ]);
  closeStores(stores);
});
