import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Fresh, freshMigration } from './fresh.ts';
import { ROLLUP_MS } from './quarters.ts';
import { offsetsMigration, rollupMigration, Rollups } from './rollup.ts';
import { Upkeep } from './upkeep.ts';

const T0 = Date.UTC(2021, 8, 25);
const HOUR = 3_600_000;
const SERIES = 90;

function parts() {
  const db = new DatabaseSync(':memory:');
  db.exec(`CREATE TABLE point (series INTEGER NOT NULL, time INTEGER NOT NULL, off INTEGER NOT NULL, value REAL NOT NULL, mark INTEGER NOT NULL,
    PRIMARY KEY (series, time, off)) WITHOUT ROWID; ${rollupMigration}; ${freshMigration}; ${offsetsMigration}`);
  const fresh = new Fresh(db);
  const keep = { rawMs: 35 * 24 * HOUR, rollupMs: 400 * 24 * HOUR };
  const rollups = new Rollups(db, keep, {
    of: (_, start, end) =>
      Array.from({ length: (end - start) / ROLLUP_MS }, (_each, k) => {
        const values = { mean: 1, min: 1, max: 1, coverage: 1, quality: 'good' } as const;
        return { start: start + k * ROLLUP_MS, ...values };
      }),
    reachMs: HOUR,
    lookbackMs: HOUR,
  });
  const all = Array.from({ length: SERIES }, (_, n) => n + 1);
  let settled = 0;
  const upkeep = new Upkeep({ db, fresh, rollups, all: () => all, settle: () => void settled++ });
  const write = (minute: number): void => {
    const column = new Float64Array(SERIES);
    const batch = { value: column, mark: column, low: new Uint32Array(SERIES) };
    fresh.write(
      { ...batch, series: Uint32Array.from(all), time: column.map(() => T0 + minute * 60_000) },
      () => undefined,
    );
    upkeep.written();
  };
  const count = (table: string): number => Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()!['n']);
  return { db, fresh, rollups, upkeep, write, count, keep, settled: () => settled };
}

test('due upkeep runs in pieces, and points that arrive in between stay in the log', () => {
  const { fresh, upkeep, write, count } = parts();
  for (let minute = 0; minute < 60; minute++) write(minute);
  const now = T0 + 2 * HOUR;
  assert.ok(upkeep.piece(now));
  assert.equal(count('fresh'), 60, 'the log is deleted as a whole');
  const placed = count('point');
  assert.ok(placed > 0 && placed < 60 * SERIES);
  write(60);
  while (upkeep.piece(now));
  assert.equal(count('fresh'), 1);
  // For series handled before it came, the new point is in both.
  assert.ok(fresh.count > 0 && count('point') + fresh.count === 61 * SERIES);
  assert.equal(upkeep.piece(now + HOUR), false, 'it is not due yet');
  assert.equal(upkeep.piece(now - HOUR), true, 'a clock set back does not delay it');
  while (upkeep.piece(now - HOUR));
  assert.deepEqual([count('fresh'), count('point'), fresh.count], [0, 61 * SERIES, 0]);
});

test('a device that is gone has no quarters after its last value, however long it is gone', () => {
  const { upkeep, write, count } = parts();
  for (let minute = 0; minute < 60; minute++) write(minute);
  const now = T0 + 300 * 24 * HOUR;
  while (upkeep.piece(now));
  // Its hour, plus the hour in which the last value may count.
  assert.equal(count('rollup'), 8 * SERIES);
});

test('a piece that fails is rolled back in file and memory, and retried', () => {
  const { db, fresh, rollups, upkeep, write, count } = parts();
  for (let minute = 0; minute < 60; minute++) write(minute);
  const now = T0 + 2 * HOUR;
  db.exec(
    `CREATE TRIGGER full BEFORE INSERT ON rollup WHEN new.series = 85 BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
  );
  assert.throws(() => {
    while (upkeep.piece(now));
  }, /full/);
  const before = [count('point'), fresh.count];
  assert.equal(before[0]! + before[1]!, 60 * SERIES);
  assert.equal(rollups.upTo(81), 0, 'a series of the same piece');
  assert.ok(rollups.upTo(80) > T0);
  db.exec('DROP TRIGGER full');
  while (upkeep.piece(now));
  assert.deepEqual([count('fresh'), count('point'), fresh.count], [0, 60 * SERIES, 0]);
  assert.ok(rollups.upTo(85) > T0);
});

test('while nothing is deleted, writes shorten no retention', () => {
  const { fresh, upkeep, settled } = parts();
  const n = 500_001;
  const [series, time, zeros] = [new Uint32Array(n), new Float64Array(n), new Float64Array(n)];
  for (let i = 0; i < n; i++) [series[i], time[i]] = [1 + (i % SERIES), T0 + Math.floor(i / SERIES) * 1000];
  fresh.write({ series, time, low: new Uint32Array(n), value: zeros, mark: zeros }, () => undefined);
  upkeep.written();
  assert.ok(fresh.count < n, 'points have moved');
  assert.equal(settled(), 0);
});

test('a retention changes again only once everything beyond it is deleted', () => {
  const { db, upkeep, write, keep, settled, count } = parts();
  write(0);
  const now = T0 + 2 * HOUR;
  while (upkeep.piece(now));
  assert.equal(settled(), 1);
  const rolled = count('rollup');
  db.exec(`WITH RECURSIVE old(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM old WHERE n < 3000)
    INSERT INTO rollup SELECT 1, ${T0} - n * ${ROLLUP_MS}, 1, 1, 1, 1, 0, 0, 0, 0, NULL, NULL FROM old`);
  keep.rollupMs = 24 * HOUR;
  const sweepAt = (time: number): number => {
    while (upkeep.piece(time));
    return settled();
  };
  assert.deepEqual([sweepAt(now + 7 * HOUR), count('rollup') > rolled + 900], [2, true], 'a part is deleted');
  assert.deepEqual([sweepAt(now + 7.2 * HOUR), count('rollup') < rolled + 100], [2, true], 'then the rest');
  assert.equal(sweepAt(now + 14 * HOUR), 3);
});
