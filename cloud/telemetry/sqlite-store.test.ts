import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { ColumnWriter } from './columns.ts';
import { markOf } from './marks.ts';
import { SqliteCore } from './sqlite-core.ts';
import { Budget } from './budget.ts';
import { coreOptions, SqliteStore } from './sqlite-store.ts';
import type { Point } from './store.ts';
import { telemetryConformance } from './testing/conformance.ts';

telemetryConformance('SQLite in memory', {
  make: async (receivedAt) => new SqliteStore({ path: ':memory:', receivedAt }),
});

const T0 = Date.UTC(2021, 8, 25);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const series = { gateway: 'owd-01', device: 'feeder-1', metric: 'activePowerKw' };
const history = { gateway: 'owd-01', device: 'transformer', metric: 'activePowerKw' };
const point = (of: Point['series'], time: number, value: number): Point => ({
  series: of,
  time,
  offset: Math.floor(time / 1000) % 1_000_000,
  value,
  quality: 'good',
  origin: 'measured',
});
const minutes = (from: number, count: number): Point[] =>
  Array.from({ length: count }, (_, n) => point(series, from + n * 60_000, Math.sin(n) * 100));

async function opened(): Promise<SqliteStore> {
  const store = new SqliteStore({ path: ':memory:', rawRetentionDays: 2 });
  await store.open();
  return store;
}

test('the roll-up answers like raw samples, even after late data', async () => {
  const [plain, rolled] = [await opened(), await opened()];
  const ask = { series: [series], start: T0, end: T0 + 6 * HOUR, resolutionS: 1800 };
  const points = minutes(T0, 360);
  const [late, prompt] = [points.slice(100, 160), [...points.slice(0, 100), ...points.slice(160)]];
  for (const store of [plain, rolled]) await store.write(prompt);
  await rolled.maintain(T0 + 7 * HOUR);
  const rounded = (all: Awaited<ReturnType<SqliteStore['intervals']>>) =>
    all[0]?.map((each) => ({ ...each, mean: each.mean === null ? null : Math.round(each.mean * 1e9) / 1e9 }));
  assert.deepEqual(rounded(await rolled.intervals(ask)), rounded(await plain.intervals(ask)));
  for (const store of [plain, rolled]) await store.write(late);
  assert.deepEqual(
    rounded(await rolled.intervals(ask)),
    rounded(await plain.intervals(ask)),
    'before the next roll-up',
  );
  await rolled.maintain(T0 + 8 * HOUR);
  assert.deepEqual(rounded(await rolled.intervals(ask)), rounded(await plain.intervals(ask)), 'after it');
  await plain.close();
  await rolled.close();
});

test('raw samples become quarter-hour means after retention; sparse series stay', async () => {
  const store = await opened();
  await store.write(minutes(T0, 120));
  await store.write(Array.from({ length: 8 }, (_, n) => point(history, T0 + n * 900_000, n)));
  const ask = { series: [series], start: T0, end: T0 + 2 * HOUR, resolutionS: 900 };
  const before = await store.intervals(ask);
  await store.maintain(T0 + 3 * DAY);
  assert.deepEqual(await store.intervals(ask), before);
  const [thinned, sparse] = await store.read({ series: [series, history], start: T0, end: T0 + 2 * HOUR });
  assert.deepEqual(
    thinned?.map((sample) => sample.value),
    before[0]?.map((each) => each.mean),
    'a thinned quarter reads as one sample, its mean',
  );
  assert.equal(sparse?.length, 8);
  const [fine] = await store.intervals({ ...ask, resolutionS: 300 });
  assert.deepEqual(
    fine?.map((each) => each.mean),
    before[0]?.flatMap((each) => [each.mean, each.mean, each.mean]),
  );
  const asOf = { ...ask, asOf: T0 + 2 * DAY };
  assert.ok(
    (await store.intervals(asOf))[0]?.every((each) => each.mean === null),
    'computed after asOf: not known then',
  );
  await store.close();
});

test('a thinned quarter is known as of the time at which all its samples were stored', async (t) => {
  const first = minutes(T0, 1)[0]!.offset;
  const stored = (from: number, to: number, timeTo = T0 + 2 * HOUR) => ({
    first: first + 60 * from,
    last: first + 60 * to + 59,
    timeFrom: T0,
    timeTo,
  });
  let ranges = [stored(0, 119)];
  const store = new SqliteStore({
    path: ':memory:',
    rawRetentionDays: 2,
    receivedAt: { known: () => ({ ranges, archives: [] }) },
  });
  await store.open();
  t.after(() => store.close());
  await store.write(minutes(T0, 120));
  const known = async (asOf: number) =>
    (await store.read({ series: [series], start: T0, end: T0 + DAY, asOf }))[0]!.map(
      ({ time }) => (time - T0) / 900_000,
    );
  await store.maintain(T0 + 3 * DAY);
  assert.deepEqual(await known(T0 + 3 * HOUR), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(await known(T0 + HOUR + 60_000), [0, 1, 2, 3], 'a quarter that is not over is not known');
  ranges = [stored(0, 59, T0 + HOUR)];
  assert.deepEqual(await known(T0 + 3 * HOUR), [0, 1, 2, 3], 'the second hour came later');
  ranges = [stored(0, 29), stored(31, 119)];
  assert.deepEqual(
    await known(T0 + 3 * HOUR),
    [0, 1, 6, 7],
    'a frame that came later counts in the quarters that it may change',
  );
  ranges = [];
  assert.deepEqual(await known(T0 + 3 * HOUR), []);
  assert.deepEqual((await known(T0 + 4 * DAY)).length, 8, 'computed by then');
});

test('quarters that an earlier version rolled up are known as of the time at which it did', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-offsets-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'old.sqlite');
  const range = { first: 0, last: 1_000_000, timeFrom: T0, timeTo: T0 + 2 * HOUR };
  const open = async () => {
    const store = new SqliteStore({
      path,
      rawRetentionDays: 2,
      receivedAt: { known: () => ({ ranges: [range], archives: [] }) },
    });
    await store.open();
    return store;
  };
  const old = await open();
  await old.write(minutes(T0, 120));
  await old.maintain(T0 + 3 * DAY);
  await old.close();
  const db = new DatabaseSync(path);
  db.exec(
    `ALTER TABLE rollup DROP COLUMN oldest_offset; ALTER TABLE rollup DROP COLUMN newest_offset; PRAGMA user_version = 3`,
  );
  db.close();
  const store = await open();
  t.after(() => store.close());
  const count = async (asOf: number) =>
    (await store.read({ series: [series], start: T0, end: T0 + DAY, asOf }))[0]!.length;
  assert.deepEqual([await count(T0 + 2.5 * DAY), await count(T0 + 4 * DAY)], [0, 8]);
  await store.write(minutes(T0 + 3 * DAY, 120));
  await store.maintain(T0 + 6 * DAY);
  const [samples] = await store.read({ series: [series], start: T0, end: T0 + 6 * DAY });
  assert.equal(samples!.length, 16, 'new quarters beside the old ones');
});

test('a batch that fails to write removes no series from the next', () => {
  const core = new SqliteCore(coreOptions({ path: ':memory:' }));
  const columns = new ColumnWriter();
  const known = history;
  core.write(columns.encode([point(known, T0, 1)]));
  const history100 = [...minutes(T0, 100), point(series, T0, Number.NaN)];
  assert.throws(() => core.write(columns.encode(history100)), /NOT NULL/);
  core.write(columns.encode([point(series, T0 + 1, 3), point(known, T0 + 1, 4)]));
  const read = core.read({ series: [series, known], start: T0, end: T0 + 10 });
  assert.deepEqual(
    read.map((samples) => samples.map(({ value }) => value)),
    [[3], [1, 4]],
  );
  core.close();
});

test('late points whose first write failed are in the means, also after a restart', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-late-'));
  const all = minutes(T0, 360);
  const ask = { series: [series], start: T0, end: T0 + 6 * HOUR, resolutionS: 900 };
  const open = (name: string): SqliteCore => new SqliteCore(coreOptions({ path: join(folder, name) }));
  try {
    const plain = open('plain.db');
    plain.write(new ColumnWriter().encode(all));
    // The larger batch goes directly to the table of points.
    for (const count of [20, 80]) {
      const late = all.slice(100, 100 + count);
      const core = open(`${count}.db`);
      const columns = new ColumnWriter();
      const write = (points: Point[]): void => core.write(columns.encode(points));
      write([...all.slice(0, 100), ...all.slice(100 + count)]);
      while (core.maintain(T0 + 7 * HOUR));
      const aside = new DatabaseSync(join(folder, `${count}.db`));
      aside.exec(`CREATE TRIGGER full BEFORE INSERT ON rolled BEGIN SELECT RAISE(ABORT, 'full'); END`);
      assert.throws(() => write(late), /full/);
      aside.exec('DROP TRIGGER full');
      aside.close();
      write(late);
      core.close();
      const again = open(`${count}.db`);
      assert.deepEqual(again.intervals(ask), plain.intervals(ask));
      again.close();
    }
    plain.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the stored quality mark matches existing stores', () => {
  const marks = [
    markOf(7, 'good', 'measured'),
    markOf(7, 'uncertain', 'estimated'),
    markOf(3_000_007, 'bad', 'substituted'),
  ];
  assert.deepEqual(marks, [0, 5, 58]);
});

test('roll-ups, and samples as coarse as these, are deleted after their retention; younger ones stay', async () => {
  const store = new SqliteStore({ path: ':memory:', rawRetentionDays: 1, rollupRetentionDays: 10 });
  await store.open();
  await store.write(minutes(T0, 120));
  await store.write(Array.from({ length: 8 }, (_, n) => point(history, T0 + n * 900_000, n)));
  await store.write(minutes(T0 + 9 * DAY, 120));
  await store.maintain(T0 + 9.5 * DAY);
  const count = async (start: number): Promise<number> => {
    const found = await store.read({ series: [series, history], start, end: start + 2 * HOUR });
    return found.flat().length;
  };
  assert.equal(await count(T0), 16);
  await store.maintain(T0 + 12 * DAY);
  assert.deepEqual([await count(T0), await count(T0 + 9 * DAY)], [0, 8]);
  await store.close();
});

test('a file beyond its budget keeps raw samples for less time, until there is room again', () => {
  const budget = new Budget({ rawRetentionMs: 35 * DAY, rollupRetentionMs: 1096 * DAY, budgetBytes: 1000 });
  budget.settle(999);
  assert.equal(budget.rawMs, 35 * DAY);
  for (let look = 0; look < 100; look++) budget.settle(1001);
  assert.equal(budget.rawMs, 2 * DAY);
  assert.ok(budget.rollupMs < 1096 * DAY && budget.rollupMs >= 60 * DAY);
  budget.settle(950);
  assert.equal(budget.rawMs, 2 * DAY);
  for (let look = 0; look < 200; look++) budget.settle(100);
  assert.deepEqual([budget.rawMs, budget.rollupMs], [35 * DAY, 1096 * DAY]);
});
