import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startInflux } from '../../simulators/testing/debian.ts';
import { influxVersion } from './influx-server.ts';
import { InfluxStore } from './influx-store.ts';
import type { Point } from './store.ts';

const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing.toReversed()) await close();
});

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly version?: string;
}

/** A server that answers like 2.x or 3.x, by their references. */
async function server(answer: (request: IncomingMessage) => Answer): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const http = createServer((request, response) => {
    asked.push(`${request.method} ${request.url?.split('&q=')[0]}`);
    const { status, body, version } = answer(request);
    const headers = {
      'content-type': 'application/json',
      ...(version === undefined ? {} : { 'x-influxdb-version': version }),
    };
    request
      .resume()
      .on('end', () => response.writeHead(status, headers).end(body === undefined ? '' : JSON.stringify(body)));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  closing.push(() => http.close());
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, asked };
}

const point: Point = {
  series: { gateway: 'owd-01', device: 'feeder-1', metric: 'activePowerKw' },
  time: 1_632_528_000_000,
  offset: 0,
  value: 1,
  quality: 'good',
  origin: 'measured',
};
const detecting = (url: string, token?: string): InfluxStore =>
  new InfluxStore({ url, database: 'grid', org: 'loadstone', detect: true, ...(token === undefined ? {} : { token }) });

test('a 1.x server is detected, and its database is created', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ls-influx-server-'));
  const influx = await startInflux({ dir });
  closing.push(async () => {
    await influx.kill();
    rmSync(dir, { recursive: true, force: true });
  });
  assert.equal(await influxVersion({ url: influx.url, database: 'grid' }), 1);
  const store = detecting(influx.url);
  await store.open();
  await store.write([point]);
  assert.equal((await store.latest({ series: [point.series], start: 0, end: point.time + 1 }))[0]?.value, 1);
  await store.close();
  const elsewhere = detecting(`${influx.url}/influx`);
  await elsewhere.open();
  await assert.rejects(
    elsewhere.write([point]),
    /influx\/ping answers 404 .*telemetry\.url must be the address of the server alone/,
  );
  const missing = new InfluxStore({ url: influx.url, database: 'gird' });
  await missing.open();
  await assert.rejects(missing.write([point]), /database not found[^]*CREATE DATABASE gird/);
  await missing.close();
});

test('2.x is written through its own API; a wrong token, bucket or organisation is an error with a remedy', async () => {
  const faults: [body: unknown, status: number, words: RegExp][] = [
    [{ code: 'unauthorized', message: 'unauthorized access' }, 401, /rejects the token in telemetry\.tokenFile/],
    [{ code: 'not found', message: 'bucket "grid" not found' }, 404, /influx bucket create -n grid/],
    [{ code: 'not found', message: 'organization name "loadstone" not found' }, 404, /telemetry\.org/],
  ];
  for (const [body, status, words] of faults) {
    const { url, asked } = await server(({ url: path }) =>
      path === '/ping' ? { status: 204, version: 'v2.7.11' } : { status, body },
    );
    const store = detecting(url, 'a token');
    await store.open();
    await assert.rejects(store.write([point]), words);
    assert.match(
      asked.findLast((each) => each.startsWith('POST')) ?? '',
      /^POST \/api\/v2\/write\?org=loadstone&bucket=grid/,
    );
    await store.close();
  }
  const { url } = await server(({ url: path }) =>
    path === '/ping'
      ? { status: 204, version: 'v2.7.11' }
      : { status: 404, body: { error: 'database not found: grid' } },
  );
  const store = detecting(url);
  await store.open();
  await assert.rejects(
    store.latest({ series: [point.series], start: 0, end: point.time + 1 }),
    /influx v1 dbrp create --db grid/,
  );
});

test('3.x is written through /write, and needs its token', async () => {
  const { url, asked } = await server((request) =>
    request.headers.authorization === undefined
      ? { status: 401, body: { error: 'the request was not authenticated' } }
      : request.url === '/ping'
        ? { status: 200, body: { version: '3.2.0', revision: 'x' } }
        : { status: 204 },
  );
  assert.equal(await influxVersion({ url, database: 'grid' }), 3);
  const store = detecting(url, 'a token');
  await store.open();
  await store.write([point]);
  assert.match(asked.findLast((each) => each.startsWith('POST')) ?? '', /^POST \/write\?db=grid/);
  await store.close();
  const closed = detecting(url);
  await closed.open();
  await assert.rejects(closed.write([point]), /telemetry\.tokenFile/);
});

test('answers are not compressed unless requested', async () => {
  const asked: unknown[] = [];
  const { url } = await server(({ headers }) => {
    asked.push(headers['accept-encoding']);
    return { status: 200, body: { results: [] } };
  });
  for (const gzip of [false, true]) {
    const store = new InfluxStore({ url, database: 'grid', gzip });
    await store.read({ series: [point.series], start: 0, end: 1 });
  }
  assert.deepEqual(asked, ['identity', 'gzip']);
});
