import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { InfluxStore } from './influx-store.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Interval, Point, SeriesKey, TelemetryStore } from './store.ts';
import { InfluxRig } from './testing/influx-rig.ts';

const T0 = Date.UTC(2021, 8, 25);
const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

const influx = new InfluxRig('rollups');

const keyOf = (n: number): SeriesKey => ({ gateway: `owd-0${n % 2}`, device: `meter-${n}`, metric: 'activePowerKw' });

/** A point as its series and time make it: written twice, it is the same one. */
function pointOf(n: number, time: number): Point {
  const second = Math.floor(time / 1000);
  const quality = second % 11 === 0 ? 'bad' : second % 7 === 0 ? 'uncertain' : 'good';
  const value = 1000 + n + 500 * Math.sin(second / 1200) + (second % 13);
  return { series: keyOf(n), time, offset: second % 100_000_000, value, quality, origin: 'measured' };
}

const points = (n: number, { from, count, everyS = 60 }: { from: number; count: number; everyS?: number }): Point[] =>
  Array.from({ length: count }, (_, k) => pointOf(n, from + 1000 * k * everyS));

const rollAll = async (store: TelemetryStore, now: number): Promise<number> => {
  let pieces = 1;
  while ((await store.maintain!(now)) === true) pieces++;
  return pieces;
};

const make = (database: string, url = influx.url): InfluxStore => new InfluxStore({ url, database, create: true });

async function opened(t: TestContext, database: string, url?: string): Promise<InfluxStore> {
  const store = make(database, url);
  await store.open();
  t.after(() => store.close());
  return store;
}

/** What the server answers a statement, row by row. */
async function rows(database: string, q: string): Promise<unknown[][]> {
  const answer = await fetch(`${influx.url}/query`, { method: 'POST', body: new URLSearchParams({ db: database, q }) });
  const { results } = (await answer.json()) as { results: { error?: string; series?: { values: unknown[][] }[] }[] };
  assert.equal(results[0]?.error, undefined);
  return results[0]?.series?.flatMap(({ values }) => values) ?? [];
}

const means = (intervals: readonly Interval[] | undefined) => intervals?.map(({ mean }) => mean);

/** Few series and hours, so that much comes late; sparse ones, so that what a value is held for depends on its neighbours. */
const block = fc.record({
  do: fc.constant('write' as const),
  n: fc.nat(1),
  minute: fc.integer({ min: 0, max: 360 }),
  count: fc.integer({ min: 1, max: 40 }),
  everyS: fc.constantFrom(10, 60, 300, 600, 900),
});

test('answers are those of SQLite, whatever comes late, twice or marked, and whenever it is rolled up or started again', async () => {
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
      let remote = make(database);
      await Promise.all([sqlite.open(), remote.open()]);
      let newest: readonly Point[] = [];
      for (const each of acts) {
        if (each.do === 'restart') {
          // Nothing is handed over: as after a crash, or at another machine.
          remote = make(database);
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
      assert.deepEqual(await rows(database, 'SELECT * FROM telemetry_late WHERE late != done'), []);
    }),
    // Each step asks a server: a failure is told as it was found.
    { numRuns: 20, endOnFailure: true },
  );
});

test('a late value ends what was held into a quarter behind it', async (t) => {
  const sqlite = new SqliteStore({ path: ':memory:' });
  await sqlite.open();
  t.after(() => sqlite.close());
  const store = await opened(t, 'held');
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

test('what is rolled up is answered without a sample, by a store that has just been started too', async (t) => {
  const first = await opened(t, 'alone');
  await first.write([...points(0, { from: T0, count: 2 * 1440 }), ...points(1, { from: T0, count: 100 })]);
  await rollAll(first, T0 + 3 * DAY);
  const query = { series: [keyOf(0), keyOf(1)], start: T0, end: T0 + 2 * DAY, resolutionS: 3600 };
  const before = await first.intervals(query);
  assert.equal(means(before[0])!.filter((mean) => mean !== null).length, 48);
  await rows('alone', 'DROP MEASUREMENT telemetry');
  assert.deepEqual(await first.intervals(query), before);
  assert.deepEqual(await (await opened(t, 'alone')).intervals(query), before);
});

test('a server that holds days already is rolled up in bounded pieces, and answers rightly meanwhile', async (t) => {
  const sqlite = new SqliteStore({ path: ':memory:' });
  await sqlite.open();
  t.after(() => sqlite.close());
  const [old, store] = [await opened(t, 'days'), await opened(t, 'days')];
  for (const n of [0, 1]) {
    const all = points(n, { from: T0, count: 6 * 8640, everyS: 10 });
    for (let at = 0; at < all.length; at += 40_000)
      for (const each of [old, sqlite]) await each.write(all.slice(at, at + 40_000));
  }
  const query = { series: [keyOf(0), keyOf(1)], start: T0, end: T0 + 6 * DAY, resolutionS: 14_400 };
  const expected = await sqlite.intervals(query);
  assert.deepEqual(await store.intervals(query), expected, 'before');
  const waiting: number[] = [];
  let pieces = 1;
  while (await store.maintain(T0 + 7 * DAY)) {
    pieces++;
    waiting.push(store.waitingRollups());
    if (pieces === 2) assert.deepEqual(await store.intervals(query), expected, 'meanwhile');
  }
  assert.ok(pieces >= 3, `${pieces} pieces of 103,680 samples`);
  assert.deepEqual([waiting[0], store.waitingRollups()], [2, 0]);
  assert.deepEqual(await store.intervals(query), expected, 'behind');
});

test('roll-ups that somebody has deleted are made again', async (t) => {
  const store = await opened(t, 'deleted');
  await store.write(points(0, { from: T0, count: 1440 }));
  await rollAll(store, T0 + 2 * DAY);
  const count = 'SELECT count(mean) FROM telemetry_rollup';
  const before = await rows('deleted', count);
  assert.equal(before[0]?.[1], 97);
  await rows('deleted', 'DROP MEASUREMENT telemetry_rollup');
  await rollAll(store, T0 + 2 * DAY + 7 * HOUR);
  assert.deepEqual(await rows('deleted', count), before);
});

test('a roll-up that is older than what the server keeps holds up nothing', async (t) => {
  const store = await opened(t, 'expired');
  await store.write(points(0, { from: T0, count: 1440 }));
  await rows('expired', 'ALTER RETENTION POLICY autogen ON expired DURATION 10d');
  await rollAll(store, T0 + 2 * DAY);
  assert.deepEqual(await rows('expired', 'SELECT * FROM telemetry_rollup'), []);
});

test('a write that is under way while its quarter is rolled up counts in it', async (t) => {
  const { promise: isHeld, resolve: held } = Promise.withResolvers<void>();
  const { promise: isFree, resolve: free } = Promise.withResolvers<void>();
  const url = await influx.door(t, {
    asked: async (body) => {
      if (!body.includes('device=meter-0') || !body.includes(`${T0 + 30 * MIN}`)) return;
      held();
      await isFree;
    },
  });
  const store = await opened(t, 'under-way', url);
  const all = points(0, { from: T0, count: 60 });
  await store.write(all.filter((_, at) => at !== 30));
  // It knows how far all is, and notes nothing of what is not late.
  await store.intervals({ series: [keyOf(0)], start: T0, end: T0 + HOUR, resolutionS: 900 });
  const writing = store.write([all[30]!]);
  await isHeld;
  const rolling = rollAll(store, T0 + 3 * HOUR);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 10));
  free();
  await Promise.all([writing, rolling]);
  const sqlite = new SqliteStore({ path: ':memory:' });
  await sqlite.open();
  t.after(() => sqlite.close());
  await sqlite.write(all);
  const query = { series: [keyOf(0)], start: T0, end: T0 + HOUR, resolutionS: 900 };
  const again = await opened(t, 'under-way');
  await rows('under-way', 'DROP MEASUREMENT telemetry');
  assert.deepEqual(await again.intervals(query), await sqlite.intervals(query));
});
