import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { decodeBatch, encodeBatch, type Batch } from './fresh-batch.ts';
import { FreshSeries } from './fresh-series.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Point, SeriesKey } from './store.ts';

const T0 = Date.UTC(2021, 8, 25);
const MIN = 60_000;
const HOUR = 60 * MIN;
const seriesOf = (n: number): SeriesKey => ({ gateway: 'owd-01', device: `feeder-${n}`, metric: 'activePowerKw' });
const point = (n: number, minute: number, value = minute): Point => ({
  series: seriesOf(n),
  time: T0 + minute * MIN,
  offset: 10 * minute + n,
  value,
  quality: 'good',
  origin: 'measured',
});
const fileIn = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-fresh-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'telemetry.sqlite');
};
const rowsIn = (path: string, table: 'fresh' | 'point'): number => {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()!['n']);
  } finally {
    db.close();
  }
};

test('the byte format of a batch is fixed', () => {
  const batch: Batch = {
    series: Uint32Array.of(7, 8),
    time: Float64Array.of(T0, T0 + 1),
    low: Uint32Array.of(999_999, 0),
    value: Float64Array.of(-0.1, 5e-324),
    mark: Float64Array.of(0, 58),
  };
  const bytes = encodeBatch(batch);
  assert.equal(
    Buffer.from(bytes).toString('hex'),
    '00004006a4c1774200104006a4c177429a9999999999b9bf010000000000000000000000000000000000000000004d4007000000080000003f420f0000000000',
  );
  // SQLite returns bytes at any alignment.
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  assert.deepEqual(decodeBatch(shifted.subarray(1)), batch);
});

test('points of a series are sorted by key; an existing one is not replaced', () => {
  const series = new FreshSeries();
  const times = [5, 1, 9, 3, 7, 5, 1];
  assert.deepEqual(
    times.map((time, value) => series.add([time, 0, value, 0])),
    [true, true, true, true, true, false, false],
  );
  assert.ok(series.add([5, 1, 99, 0]));
  assert.deepEqual(
    series.rows(3, 9).map(([time, low, value]) => [time, low, value]),
    [
      [3, 0, 3],
      [5, 0, 0],
      [5, 1, 99],
      [7, 0, 4],
    ],
  );
  assert.equal(series.findLast(0, 9, ([, low]) => low === 0)?.[0], 7);
  assert.equal(
    series.findLast(0, 3, ([time]) => time > 1),
    undefined,
  );
});

test('a batch is one row until it is due, and reads the same before, after and across a restart', async (t) => {
  const path = fileIn(t);
  let store = new SqliteStore({ path });
  await store.open();
  const query = { series: [0, 1, 2].map(seriesOf), start: T0, end: T0 + 2 * HOUR };
  for (let minute = 0; minute < 90; minute++) await store.write([0, 1, 2].map((n) => point(n, minute)));
  assert.deepEqual([rowsIn(path, 'fresh'), rowsIn(path, 'point')], [90, 0]);
  const before = [await store.read(query), await store.latest(query)];
  await store.close();
  store = new SqliteStore({ path });
  await store.open();
  assert.deepEqual([await store.read(query), await store.latest(query)], before, 'after a restart');
  await store.maintain(T0 + 2 * HOUR);
  assert.deepEqual([rowsIn(path, 'fresh'), rowsIn(path, 'point')], [0, 270]);
  assert.deepEqual([await store.read(query), await store.latest(query)], before, 'in their place');
  await store.write([point(0, 95), point(0, 20.5), point(0, 20, 999)]);
  await store.maintain(T0 + 3 * HOUR);
  assert.equal(rowsIn(path, 'fresh'), 1, 'it is not due yet');
  const [late] = await store.read({ ...query, start: T0 + 19 * MIN, end: T0 + 22 * MIN });
  assert.deepEqual(
    late!.map(({ value }) => value),
    [19, 20, 20.5, 21],
  );
  assert.equal((await store.latest(query))[0]?.value, 95);
  await store.close();
});

test('history, many points of a series at once, is written in place', async (t) => {
  const path = fileIn(t);
  const store = new SqliteStore({ path });
  await store.open();
  await store.write(Array.from({ length: 500 }, (_, minute) => point(0, minute)));
  await store.close();
  assert.deepEqual([rowsIn(path, 'fresh'), rowsIn(path, 'point')], [0, 500]);
});

test('a file of an older version is migrated and read together with newer points', async (t) => {
  const path = fileIn(t);
  const db = new DatabaseSync(path);
  db.exec(`
    CREATE TABLE series (id INTEGER PRIMARY KEY, gateway TEXT NOT NULL, device TEXT NOT NULL, metric TEXT NOT NULL, UNIQUE (gateway, device, metric));
    CREATE TABLE point (series INTEGER NOT NULL, time INTEGER NOT NULL, off INTEGER NOT NULL, value REAL NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (series, time, off)) WITHOUT ROWID;
    CREATE TABLE rollup (series INTEGER NOT NULL, start INTEGER NOT NULL, mean REAL, min REAL, max REAL, coverage REAL NOT NULL, quality INTEGER NOT NULL,
      samples INTEGER NOT NULL, raw INTEGER NOT NULL, made_at INTEGER NOT NULL, PRIMARY KEY (series, start)) WITHOUT ROWID;
    CREATE TABLE rolled (series INTEGER PRIMARY KEY, up_to INTEGER NOT NULL, thin_from INTEGER NOT NULL, thinned_to INTEGER NOT NULL);
    INSERT INTO series VALUES (4, 'owd-01', 'feeder-0', 'activePowerKw');
    INSERT INTO point VALUES (4, ${T0}, 0, 1.5, 0), (4, ${T0 + MIN}, 10, 2.5, 5);
    PRAGMA user_version = 2`);
  db.close();
  const store = new SqliteStore({ path });
  await store.open();
  await store.write([point(0, 2, 3.5), point(0, 1, 9)]);
  const [samples] = await store.read({ series: [seriesOf(0)], start: T0, end: T0 + HOUR });
  assert.deepEqual(
    samples!.map(({ value, origin }) => [value, origin]),
    [
      [1.5, 'measured'],
      [2.5, 'estimated'],
      [3.5, 'measured'],
    ],
    'existing points stay',
  );
  await store.close();
});

test('property: written points are read back, whatever is moved into place or reopened', async (t) => {
  const path = fileIn(t);
  const minute = fc.integer({ min: 0, max: 2000 });
  const act = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('write' as const),
        points: fc.array(fc.tuple(fc.nat(3), minute), { maxLength: 12 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('history' as const), of: fc.nat(3), from: minute }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('maintain' as const), at: fc.integer({ min: 0, max: 4000 }) }),
    },
    { weight: 1, arbitrary: fc.constant({ do: 'open' as const }) },
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
      const of = `${path}-${run++}`;
      let store = new SqliteStore({ path: of });
      await store.open();
      const written = new Map<number, Map<number, Point>>();
      const write = async (points: readonly Point[]): Promise<void> => {
        await store.write(points);
        for (const each of points) {
          const n = Number(each.series.device.slice(-1));
          if (!written.has(n)) written.set(n, new Map());
          written.get(n)!.set(each.time, each);
        }
      };
      for (const each of acts) {
        if (each.do === 'write') await write(each.points.map(([n, at]) => point(n, at)));
        else if (each.do === 'history')
          await write(Array.from({ length: 70 }, (_, k) => point(each.of, each.from + k)));
        else if (each.do === 'maintain') await store.maintain(T0 + each.at * MIN);
        else {
          await store.close();
          store = new SqliteStore({ path: of });
          await store.open();
        }
      }
      const query = { series: [0, 1, 2, 3].map(seriesOf), start: T0 + 500 * MIN, end: T0 + 1500 * MIN };
      const expected = [0, 1, 2, 3].map((n) =>
        [...(written.get(n)?.values() ?? [])]
          .filter(({ time }) => time >= query.start && time < query.end)
          .toSorted((a, b) => a.time - b.time)
          .map(({ time, value, quality, origin }) => ({ time, value, quality, origin })),
      );
      assert.deepEqual(await store.read(query), expected);
      assert.deepEqual(
        await store.latest(query),
        expected.map((samples) => samples.at(-1)),
      );
      const plain = new SqliteStore({ path: ':memory:' });
      await plain.open();
      await plain.write([...written.values()].flatMap((points) => [...points.values()]));
      const rounded = async (from: SqliteStore) =>
        (await from.intervals({ ...query, resolutionS: 900 })).map((each) =>
          each.map(({ mean, ...rest }) => ({ ...rest, mean: mean === null ? null : Math.round(mean * 1e9) / 1e9 })),
        );
      assert.deepEqual(await rounded(store), await rounded(plain));
      await plain.close();
      await store.close();
    }),
    { numRuns: 60 },
  );
});
