import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { freePort, startInflux, type RunningServer } from '../../simulators/testing/debian.ts';
import { InfluxStore } from './influx-store.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Point, SeriesKey } from './store.ts';
import { Trends, type TrendQuery } from './trend.ts';

const T0 = Date.UTC(2021, 8, 25);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const dir = mkdtempSync(join(tmpdir(), 'loadstone-trend-'));
let influx: RunningServer;

before(async () => {
  influx = await startInflux({ port: await freePort(), dir });
});
after(async () => {
  await influx.stop('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

/** The server through a door that counts what comes back. */
async function counted(t: TestContext): Promise<{ url: string; bytes: () => number }> {
  let bytes = 0;
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body: Buffer[] = [];
    for await (const part of request) body.push(part as Buffer);
    const answer = await fetch(`${influx.url}${request.url}`, {
      method: request.method!,
      ...(body.length === 0 ? {} : { body: Buffer.concat(body) }),
    });
    const content = Buffer.from(await answer.arrayBuffer());
    if (request.method === 'GET') bytes += content.length;
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(content);
  };
  const door = createServer((request, response) => void pass(request, response));
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  t.after(() => door.close());
  return { url: `http://127.0.0.1:${(door.address() as AddressInfo).port}`, bytes: () => bytes };
}

const key = (device: string): SeriesKey => ({ gateway: 'owd-01', device, metric: 'activePowerKw' });

/** A value each `everyS` from `from` for `seconds`: a wave of two hours with a saw on it. */
const wave = (device: string, { from, everyS, seconds }: { from: number; everyS: number; seconds: number }): Point[] =>
  Array.from({ length: Math.ceil(seconds / everyS) }, (_, n) => {
    const time = from + 1000 * n * everyS;
    const value = 1000 + 500 * Math.sin((2 * Math.PI * (time - T0)) / (2 * HOUR_MS)) + (n % 7);
    return { series: key(device), time, offset: n, value, quality: 'good', origin: 'measured' };
  });

async function stores(t: TestContext, database: string, points: readonly Point[]) {
  const door = await counted(t);
  const sqlite = new SqliteStore({ path: ':memory:' });
  const remote = new InfluxStore({ url: door.url, database, create: true });
  for (const store of [sqlite, remote]) {
    await store.open();
    t.after(() => store.close());
    for (let at = 0; at < points.length; at += 50_000) await store.write(points.slice(at, at + 50_000));
  }
  const trendOf = (store: SqliteStore | InfluxStore, query: TrendQuery) => new Trends(store, () => []).of(query);
  return { sqlite, remote, door, trendOf };
}

test('InfluxDB and SQLite answer the same mean, least and most, with the same gaps', async (t) => {
  const points = [
    ...wave('each-second', { from: T0, everyS: 1, seconds: 3 * 3600 }),
    // Silent for an hour, then on for another.
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

test('a span costs what its steps do, however many samples lie in it', async (t) => {
  const points = wave('each-second', { from: T0, everyS: 1, seconds: 2 * 86_400 });
  const { remote, door, trendOf } = await stores(t, 'many', points);
  while (await remote.maintain(T0 + 3 * DAY_MS));
  const before = door.bytes();
  const { items } = await trendOf(remote, {
    series: [key('each-second')],
    start: T0,
    end: T0 + 31 * DAY_MS,
    most: 400,
  });
  assert.equal(items[0]!.mean.filter((value) => value !== null).length, 25);
  const bytes = door.bytes() - before;
  assert.ok(bytes < 100_000, `${bytes} bytes of ${points.length} samples were read`);
});
