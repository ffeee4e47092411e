import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { SqliteStore } from './sqlite-store.ts';
import type { Interval, Point, WaitingRollups } from './store.ts';
import { InfluxRig } from './testing/influx-rig.ts';
import { DAY, HOUR, keyOf, MIN, noneWaits, pointOf, points, rollAll, sqliteOf, T0 } from './testing/rolled-points.ts';

const influx = new InfluxRig('rollups');

const means = (intervals: readonly Interval[] | undefined) => intervals?.map(({ mean }) => mean);

/** Few series and hours, so that many points are late; some sparse, so that holding depends on the neighbours. */
const block = fc.record({
  do: fc.constant('write' as const),
  n: fc.nat(1),
  minute: fc.integer({ min: 0, max: 360 }),
  count: fc.integer({ min: 1, max: 40 }),
  everyS: fc.constantFrom(10, 60, 300, 600, 900),
});

test('answers match SQLite for late, repeated and marked values, at any time of roll-up or restart', async () => {
  const act = fc.oneof(
    { weight: 6, arbitrary: block },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('roll' as const), minute: fc.integer({ min: 0, max: 4000 }) }),
    },
    { weight: 1, arbitrary: fc.constant({ do: 'twice' as const }) },
    { weight: 2, arbitrary: fc.constant({ do: 'restart' as const }) },
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 8, maxLength: 24, size: 'max' }), async (acts) => {
      const database = `same-${run++}`;
      const sqlite = new SqliteStore({ path: ':memory:' });
      let remote = influx.store(database);
      await Promise.all([sqlite.open(), remote.open()]);
      let newest: readonly Point[] = [];
      for (const each of acts) {
        if (each.do === 'restart') {
          // A fresh store without any state, as after a crash or on another machine.
          remote = influx.store(database);
          await remote.open();
        } else if (each.do === 'roll') {
          const now = T0 + each.minute * MIN;
          await sqlite.maintain(now);
          await rollAll(remote, now);
        } else {
          if (each.do === 'write') newest = points(each.n, { ...each, from: T0 + each.minute * MIN });
          await sqlite.write(newest);
          await remote.write(newest);
        }
        const series = [0, 1, 2].map(keyOf);
        for (const query of [
          { series, start: T0 - HOUR, end: T0 + 20 * HOUR, resolutionS: 900 },
          { series, start: T0 + 2 * HOUR, end: T0 + 12 * HOUR, resolutionS: 7200 },
        ])
          assert.deepEqual(await remote.intervals(query), await sqlite.intervals(query));
      }
      await rollAll(remote, T0 + 10 * DAY);
      assert.deepEqual(await influx.rows(database, 'SELECT * FROM telemetry_late WHERE late != done'), []);
    }),
    // Each step queries a server, so failures are not shrunk.
    { numRuns: 20, endOnFailure: true },
  );
});

test('a late value ends the value held into a later quarter', async (t) => {
  const sqlite = await sqliteOf(t);
  const store = await influx.opened(t, 'held');
  const query = { series: [keyOf(0)], start: T0, end: T0 + HOUR, resolutionS: 900 };
  const known = async () => means((await store.intervals(query))[0])!.map((mean) => mean !== null);
  for (const each of [sqlite, store]) await each.write([pointOf(0, T0 - 15 * MIN), pointOf(0, T0)]);
  await rollAll(store, T0 + 3 * HOUR);
  assert.deepEqual(await known(), [true, true, false, false]);
  for (const each of [sqlite, store]) await each.write([pointOf(0, T0 + 5 * MIN)]);
  for (const step of ['before', 'behind']) {
    assert.deepEqual(await known(), [true, false, false, false], step);
    assert.deepEqual(await store.intervals(query), await sqlite.intervals(query), step);
    await rollAll(store, T0 + 3 * HOUR);
  }
});

test('rolled-up spans are answered without samples, even by a store just started', async (t) => {
  const first = await influx.opened(t, 'alone');
  await first.write([...points(0, { from: T0, count: 2 * 1440 }), ...points(1, { from: T0, count: 100 })]);
  await rollAll(first, T0 + 3 * DAY);
  const query = { series: [keyOf(0), keyOf(1)], start: T0, end: T0 + 2 * DAY, resolutionS: 3600 };
  const before = await first.intervals(query);
  assert.equal(means(before[0])!.filter((mean) => mean !== null).length, 48);
  await influx.rows('alone', 'DROP MEASUREMENT telemetry');
  assert.deepEqual(await first.intervals(query), before);
  assert.deepEqual(await (await influx.opened(t, 'alone')).intervals(query), before);
});

test('a server with days of data is rolled up in bounded pieces, and answers correctly meanwhile', async (t) => {
  const sqlite = await sqliteOf(t);
  const [old, store] = [await influx.opened(t, 'days'), await influx.opened(t, 'days')];
  for (const n of [0, 1]) {
    const all = points(n, { from: T0, count: 6 * 8640, everyS: 10 });
    for (let at = 0; at < all.length; at += 40_000)
      for (const each of [old, sqlite]) await each.write(all.slice(at, at + 40_000));
  }
  const query = { series: [keyOf(0), keyOf(1)], start: T0, end: T0 + 6 * DAY, resolutionS: 14_400 };
  const expected = await sqlite.intervals(query);
  assert.deepEqual(await store.intervals(query), expected, 'before');
  const waiting: WaitingRollups[] = [];
  let pieces = 1;
  while (await store.maintain(T0 + 7 * DAY)) {
    pieces++;
    waiting.push(store.waitingRollups());
    if (pieces === 2) assert.deepEqual(await store.intervals(query), expected, 'meanwhile');
  }
  assert.ok(pieces >= 3, `${pieces} pieces of 103,680 samples`);
  assert.deepEqual([waiting[0], store.waitingRollups()], [{ series: 2, gateways: 0 }, noneWaits]);
  assert.deepEqual(await store.intervals(query), expected, 'behind');
});

test('deleted roll-ups are computed again', async (t) => {
  const store = await influx.opened(t, 'deleted');
  await store.write(points(0, { from: T0, count: 1440 }));
  await rollAll(store, T0 + 2 * DAY);
  const count = 'SELECT count(mean) FROM telemetry_rollup';
  const before = await influx.rows('deleted', count);
  assert.equal(before[0]?.[1], 97);
  await influx.rows('deleted', 'DROP MEASUREMENT telemetry_rollup');
  await rollAll(store, T0 + 2 * DAY + 7 * HOUR);
  assert.deepEqual(await influx.rows('deleted', count), before);
});

test('only late parts of a long span are read from samples', async (t) => {
  let readMs = 0;
  const url = await influx.door(t, {
    asked: ({ statement }) => {
      const [, from, to] = /value, mark .*time >= (\d+)ms AND time < (\d+)ms/.exec(statement) ?? [0, '0', '0'];
      readMs += Number(to) - Number(from);
    },
  });
  const store = await influx.opened(t, 'apart', { url });
  const sqlite = await sqliteOf(t);
  for (const each of [store, sqlite]) await each.write(points(0, { from: T0, count: 40 * 96, everyS: 900 }));
  await rollAll(store, T0 + 41 * DAY);
  const late = [pointOf(0, T0 + 2 * DAY + 7 * MIN), pointOf(0, T0 + 35 * DAY + 7 * MIN)];
  for (const each of [store, sqlite]) await each.write(late);
  const query = { series: [keyOf(0)], start: T0, end: T0 + 40 * DAY, resolutionS: 3600 };
  readMs = 0;
  assert.deepEqual(await store.intervals(query), await sqlite.intervals(query));
  assert.ok(readMs > 0 && readMs < DAY, `${readMs / HOUR} h are read from samples`);
});
