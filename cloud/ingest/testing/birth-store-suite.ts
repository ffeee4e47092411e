import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIRST_READS } from '../../../shared/contracts/reads.ts';
import { SqlStore, type SqlPlace } from '../../sql/sql-store.ts';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import { BirthFile } from '../birth-file.ts';
import type { BirthStore, StoredBirth } from '../birth-store.ts';
import type { DeviceRecord } from '../births.ts';

const metrics = (names: number): DeviceRecord['metrics'] =>
  Array.from({ length: names }, (_, n) => [`metric ${n}`, n % 2 === 0 ? n : null, n === 3 ? null : 10]);

const birth = (gateway: string, births: number, ...devices: readonly DeviceRecord[]): StoredBirth => ({
  gateway,
  record: { bdSeq: births, births, reads: FIRST_READS, devices },
});
const node = (at: number): DeviceRecord => ({ device: '', birth: at, metrics: [] });
const pv = (n: number, at: number, names = n): DeviceRecord => ({
  device: `pv-${n}`,
  birth: at,
  metrics: metrics(names),
});

/** The suite for every birth store. `open` returns an empty one. */
export function birthStoreSuite(name: string, open: () => Promise<Opened<BirthStore>>): void {
  test(`${name}: births are read as stored, by gateway and device, after a restart`, async () => {
    const { store, again } = await open();
    assert.deepEqual(await store.load(), []);
    const births = [birth('owd-02', 5, node(5), pv(1, 5), pv(4, 4)), birth('owd-01', 0, pv(1, -1))];
    await store.commit(births);
    assert.deepEqual(await store.load(), births.toReversed());
    assert.deepEqual(await (await again()).load(), births.toReversed());
  });

  test(`${name}: a birth replaces the earlier ones of its node and devices, and nothing else`, async () => {
    const { store } = await open();
    await store.commit([birth('owd-01', 1, node(1), pv(1, 1), pv(2, 1)), birth('owd-02', 2, pv(2, 2))]);
    await store.commit([]);
    await store.commit([birth('owd-01', 3, node(3), pv(2, 3, 5))]);
    await store.commit([birth('owd-01', 4)]);
    assert.deepEqual(await store.load(), [
      birth('owd-01', 4, node(3), pv(1, 1), pv(2, 3, 5)),
      birth('owd-02', 2, pv(2, 2)),
    ]);
  });

  test(`${name}: a fleet is stored at once`, async () => {
    const { store } = await open();
    const born = (at: number, names: number): StoredBirth[] =>
      Array.from({ length: 250 }, (_, n) =>
        birth(`owd-${100 + n}`, at, node(at), pv(1, at, names), pv(2, at, names), pv(3, at, names)),
      );
    for (const fleet of [born(1, 2), born(2, 4)]) {
      await store.commit(fleet);
      assert.deepEqual(await store.load(), fleet);
    }
  });

  test(`${name}: births are stored together or not at all`, async () => {
    const { store } = await open();
    await store.commit([birth('owd-01', 1, pv(1, 1))]);
    for (const wrong of [
      { ...birth('owd-02', 1), gateway: null as never },
      birth('owd-02', 1, { ...pv(1, 1), device: null as never }),
    ])
      await assert.rejects(store.commit([birth('owd-01', 2, pv(1, 2)), wrong]));
    assert.deepEqual(await store.load(), [birth('owd-01', 1, pv(1, 1))]);
  });
}

/** Births in the format of an older version: one record per gateway, which holds its devices. */
class OldBirths extends SqlStore {
  constructor(at: SqlPlace) {
    const migrations = ['CREATE TABLE node (gateway TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID'];
    super({ at, name: 'births', migrations, what: 'the store of births' });
  }

  async keep(gateway: string, record: object): Promise<void> {
    await this.sql.run('INSERT INTO node (gateway, record) VALUES (?, ?)', gateway, JSON.stringify(record));
  }
}

/** `place`: an empty database. */
export function oldBirthsSuite(name: string, place: () => SqlPlace): void {
  test(`${name}: births of an older version are read, including which of them are current`, async (t) => {
    const at = place();
    const [old, store] = [new OldBirths(at), new BirthFile(at)];
    t.after(() => [old, store].map((each) => each.close()));
    old.open();
    const devices = [
      { device: '', named: true, metrics: [] },
      { device: 'pv-1', named: true, metrics: metrics(5) },
      { device: 'pv-2', named: false, metrics: metrics(1) },
    ];
    await old.keep('owd-01', { bdSeq: null, devices });
    await old.keep('owd-02', { bdSeq: 7, reads: FIRST_READS, devices: [] });
    store.open();
    const [first, second] = await store.load();
    assert.deepEqual(first, {
      gateway: 'owd-01',
      record: { bdSeq: null, births: 0, devices: [node(0), pv(1, 0, 5), pv(2, -1, 1)] },
    });
    assert.deepEqual(second, { gateway: 'owd-02', record: { bdSeq: 7, births: 0, reads: FIRST_READS, devices: [] } });
    await store.commit([birth('owd-01', 1, node(1), pv(2, 1))]);
    assert.deepEqual((await store.load())[0], birth('owd-01', 1, node(1), pv(1, 0, 5), pv(2, 1)));
  });
}
