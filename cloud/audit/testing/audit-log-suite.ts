import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { AuditList } from '../audit-list.ts';

const facts = (n: number) => ({
  who: 'anna',
  what: 'device.override',
  on: `device:${n}`,
  to: { kw: n },
  outcome: 'done',
});

/** Contract of every audit list. `open` returns one with only its first entry. */
export function auditLogSuite(name: string, open: () => Promise<Opened<AuditList>>): void {
  test(`${name}: concurrent entries form one numbered chain that verifies`, async () => {
    const { store } = await open();
    const written = await Promise.all(Array.from({ length: 20 }, async (_, n) => store.append(facts(n))));
    const numbers = written.map(({ n }) => n).toSorted((a, b) => a - b);
    assert.deepEqual(
      numbers,
      Array.from({ length: 20 }, (_, n) => n + 2),
    );
    assert.deepEqual(
      await store.list({ limit: 20 }),
      written.toSorted((a, b) => b.n - a.n),
    );
    assert.deepEqual(await store.verify(), { entries: 21, problem: undefined, witness: null });
  });

  test(`${name}: the list is paged from the newest back, and a restart continues the chain`, async () => {
    const { store, again } = await open();
    for (let n = 0; n < 4; n++) await store.append(facts(n));
    const numbers = async (query: Parameters<AuditList['list']>[0], of = store) =>
      (await of.list(query)).map(({ n }) => n);
    assert.deepEqual(await numbers({ limit: 2 }), [5, 4]);
    assert.deepEqual(await numbers({ limit: 9, before: 4 }), [3, 2, 1]);
    const later = await again();
    await later.append(facts(9));
    assert.deepEqual(await numbers({ limit: 3 }, later), [6, 5, 4]);
    assert.deepEqual(await later.verify(), { entries: 6, problem: undefined, witness: null });
  });
}
