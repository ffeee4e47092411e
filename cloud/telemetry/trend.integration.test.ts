import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { InfluxStore } from './influx-store.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Point, SeriesKey } from './store.ts';
import { Trends, type TrendQuery } from './trend.ts';
import { InfluxRig } from './testing/influx-rig.ts';

const T0 = Date.UTC(2021, 8, 25);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const influx = new InfluxRig('trend');

const key = (device: string): SeriesKey => ({ gateway: 'owd-01', device, metric: 'activePowerKw' });

/** A value each `everyS` for `seconds` from `from`: a two-hour wave with a sawtooth on it. */
const wave = (device: string, { from, everyS, seconds }: { from: number; everyS: number; seconds: number }): Point[] =>
  Array.from({ length: Math.ceil(seconds / everyS) }, (_, n) => {
    const time = from + 1000 * n * everyS;
    const value = 1000 + 500 * Math.sin((2 * Math.PI * (time - T0)) / (2 * HOUR_MS)) + (n % 7);
    return { series: key(device), time, offset: n, value, quality: 'good', origin: 'measured' };
  });

async function stores(t: TestContext, database: string, points: readonly Point[]) {
  let bytes = 0;
  const url = await influx.door(t, {
    answered: (method, content) => {
      if (method === 'GET') bytes += content.length;
    },
  });
  const sqlite = new SqliteStore({ path: ':memory:' });
  const remote = new InfluxStore({ url, database, create: true });
  for (const store of [sqlite, remote]) {
    await store.open();
    t.after(() => store.close());
    for (let at = 0; at < points.length; at += 50_000) await store.write(points.slice(at, at + 50_000));
  }
  const trendOf = (store: SqliteStore | InfluxStore, query: TrendQuery) => new Trends(store, () => []).of(query);
  return { sqlite, remote, bytesRead: () => bytes, trendOf };
}

test('InfluxDB and SQLite answer the same mean, minimum and maximum, with the same gaps', async (t) => {
  const points = [
    ...wave('each-second', { from: T0, everyS: 1, seconds: 3 * 3600 }),
    // Silent for an hour, then active for another.
    ...wave('each-second', { from: T0 + 4 * HOUR_MS, everyS: 1, seconds: 3600 }),
    ...wave('each-minute', { from: T0, everyS: 60, seconds: 5 * 3600 }),
    ...wave('each-quarter', { from: T0, everyS: 900, seconds: 5 * 3600 }),
  ];
  const { sqlite, remote, trendOf } = await stores(t, 'same', points);
  for (const store of [sqlite, remote]) while (await store.maintain(T0 + 7 * DAY_MS));
  const series = ['each-second', 'each-minute', 'each-quarter', 'never'].map(key);
  for (const [hours, most] of [
    [0.5, 400],
    [6, 400],
    [6, 30],
    [24, 24],
    [7 * 24, 100],
  ] as const) {
    const query = { series, start: T0, end: T0 + hours * HOUR_MS, most };
    const [here, there] = [await trendOf(sqlite, query), await trendOf(remote, query)];
    assert.deepEqual(there, here, `${hours} h in ${most} steps`);
  }
});

test('the cost of a span depends on its steps, not on its samples', async (t) => {
  const points = wave('each-second', { from: T0, everyS: 1, seconds: 2 * 86_400 });
  const { remote, bytesRead, trendOf } = await stores(t, 'many', points);
  while (await remote.maintain(T0 + 3 * DAY_MS));
  const before = bytesRead();
  const { items } = await trendOf(remote, {
    series: [key('each-second')],
    start: T0,
    end: T0 + 31 * DAY_MS,
    most: 400,
  });
  assert.equal(items[0]!.mean.filter((value) => value !== null).length, 25);
  const bytes = bytesRead() - before;
  assert.ok(bytes < 100_000, `${bytes} bytes of ${points.length} samples were read`);
});
