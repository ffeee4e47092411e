import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { LedgerFile } from '../ingest/ledger-file.ts';
import { Ledger } from '../ingest/ledger.ts';
import { buildApi } from './app.ts';
import { fixtureDeps } from './testing/api-fixture.ts';

const HOUR = 3_600_000;
const T0 = Date.parse('2021-09-24T22:00:00Z');
const gateway = 'owd-01';
const ledger = new Ledger(new LedgerFile(':memory:'));
await ledger.open();
const entry = (offset: number, time: number, code?: string) => ({
  gateway,
  stream: 'measurements' as const,
  run: 7,
  offset,
  time,
  ...(code === undefined ? {} : { code }),
});
await ledger.report(
  gateway,
  { version: 1, stream: 'measurements', runs: [{ run: 7, firstOffset: 0 }], missing: [] },
  T0,
);
await ledger.record(
  [entry(0, T0), entry(1, T0 + 1000), entry(2, T0 + HOUR), entry(4, T0 + HOUR + 2000)],
  T0 + 2 * HOUR,
);

const { app } = await buildApi(
  fixtureDeps({ own: { grid: { completeness: (id, range) => ledger.completenessBetween(id, range) } } }),
);
after(() => app.close());
const get = (url: string) => app.inject({ url, headers: { host: 'localhost:8080' } });

test('each hour counts its frames by fate, and the total names the gap', async () => {
  const answer = await get(`/v1/gateways/${gateway}/completeness?start=2021-09-24T22:10:00Z&end=2021-09-24T23:30:00Z`);
  assert.equal(answer.statusCode, 200, answer.body);
  const report = answer.json();
  assert.equal(report.start, '2021-09-24T22:00:00Z');
  assert.equal(report.end, '2021-09-25T00:00:00Z');
  assert.equal(report.total.stored, 4);
  assert.equal(report.total.missing, 1);
  assert.equal(report.total.complete, false);
  assert.deepEqual(
    report.hours.map(({ start, stored, missing }: Record<string, unknown>) => [start, stored, missing]),
    [
      ['2021-09-24T22:00:00Z', 2, 0],
      ['2021-09-24T23:00:00Z', 2, 1],
    ],
  );
});

test('the default span is the last day; invalid spans are rejected with a reason', async () => {
  assert.equal((await get(`/v1/gateways/${gateway}/completeness`)).json().hours.length >= 24, true);
  assert.equal((await get('/v1/gateways/none-01/completeness')).json().code, 'LS-API-004');
  const span = 'start=2021-01-01T00:00:00Z&end=2021-03-01T00:00:00Z';
  assert.equal((await get(`/v1/gateways/${gateway}/completeness?${span}`)).json().code, 'LS-API-006');
  const back = 'start=2021-09-25T00:00:00Z&end=2021-09-24T00:00:00Z';
  assert.equal((await get(`/v1/gateways/${gateway}/completeness?${back}`)).json().code, 'LS-API-007');
});
