import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../../telemetry/testing/store-files.ts';
import type { BacktestResult, BacktestStore } from '../backtest-store.ts';

const result = (id: string, createdAt = 5): BacktestResult => ({
  id,
  createdAt,
  task: { owner: 'anna', target: 'region:north' } as never,
  issues: 4,
  rows: [],
  differences: [],
  dataSha256: 'a'.repeat(64),
  scored: { known: 3, badQuality: 0, outage: 1, missing: 0 },
  predictionRows: 2,
  codeVersion: 'test',
  warnings: ['few'],
});

/** Contract of every backtest store. `open` returns an empty one. */
export function backtestStoreSuite(name: string, open: () => Promise<Opened<BacktestStore>>): void {
  test(`${name}: a result and its predictions survive a restart until they expire`, async () => {
    const { store, again } = await open();
    const bytes = Uint8Array.from({ length: 300 }, (_, n) => n % 256);
    await store.put(result('b'), new Uint8Array([1]));
    await store.put(result('b'), bytes);
    const later = await again();
    assert.deepEqual(await later.get('b'), result('b'));
    assert.deepEqual(new Uint8Array((await later.predictions('b'))!), bytes);
  });
}
