import { writeFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../../telemetry/testing/store-files.ts';
import type { ExportFile, ExportStore } from '../export-store.ts';

const file = (id: string, expiresAt = 10): ExportFile => ({
  id,
  owner: 'anna',
  targets: ['region:north'],
  format: 'csv',
  rows: 3,
  expiresAt,
});

/** Contract of every export store. `open` returns an empty one. */
export function exportStoreSuite(name: string, open: () => Promise<Opened<ExportStore>>): void {
  test(`${name}: an export and its file survive a restart until it expires`, async () => {
    const { store, again } = await open();
    for (const id of ['a', 'long']) {
      writeFileSync(store.pathOf(id, 'csv'), 'x');
      await store.put(file(id, id === 'a' ? 10 : 99));
    }
    await store.put(file('without a file'));
    const later = await again();
    assert.deepEqual(await later.get('a', 9), file('a'));
    assert.equal(await later.get('a', 10), undefined);
    assert.equal(await later.get('without a file', 9), undefined);
    const read = async (id: string, from: number): Promise<string | undefined> =>
      (await later.part(id, from, 9))?.toString();
    assert.deepEqual([await read('a', 0), await read('a', 1), await read('none', 0)], ['x', '', undefined]);
    await later.prune(10);
    assert.equal(await later.get('a', 9), undefined);
    assert.deepEqual(await later.get('long', 9), file('long', 99));
  });
}
