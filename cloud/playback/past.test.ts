import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Region } from '../../shared/contracts/region.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { buildApi } from '../api/app.ts';
import { fixtureDeps, START, TOKEN } from '../api/testing/api-fixture.ts';
import { estimateInline } from '../estimate/compose-compute.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import { SqliteStore } from '../telemetry/sqlite-store.ts';
import type { Point, TelemetryStore } from '../telemetry/store.ts';
import { Past } from './past.ts';
import { SqliteMomentStore } from './sqlite-moment-store.ts';

const plain = testRegion('owd', 'whf');
const region: Region = {
  ...plain,
  substations: plain.substations.map((each) => ({
    ...each,
    meters: [{ device: 'transformer', kind: 'transformer', element: `${each.id}-t1`, errorPct: 0.25, intervalS: 1 }],
  })),
};
const HOUR_MS = 3_600_000;

/** A store in which the transformer of `owd` has one reading, taken and received an hour ago. */
async function rig(store?: Pick<TelemetryStore, 'latest'>) {
  const telemetry = new SqliteStore({
    path: ':memory:',
    receivedAt: {
      known: () => ({ ranges: [{ first: 0, last: 10, timeFrom: 0, timeTo: START }], archives: [] }),
    },
  });
  await telemetry.open();
  const point = (time: number): Point => ({
    series: { gateway: 'owd-01', device: 'transformer', metric: 'activePowerKw' },
    time,
    offset: 1,
    value: 2000,
    quality: 'good',
    origin: 'measured',
  });
  await telemetry.write([point(START - HOUR_MS)]);
  const moments = new SqliteMomentStore(':memory:');
  moments.open();
  const compute = estimateInline(region);
  const past = new Past({
    region,
    store: store ?? telemetry,
    moments,
    estimate: (task) => compute.run('replay', task),
    speed: () => 1,
  });
  const { app } = await buildApi(fixtureDeps({ region, own: { grid: { past: (query) => past.of(query) } } }));
  const get = async (path: string, at: number) => {
    const answer = await app.inject({
      method: 'GET',
      url: `${path}?at=${new Date(at).toISOString()}`,
      headers: { authorization: `Bearer ${TOKEN}`, host: 'localhost' },
    });
    return { status: answer.statusCode, body: answer.json() };
  };
  return { past, moments, get, close: () => app.close() };
}

test('a value is shown with its age for half an hour; unrecorded values are unknown, not those of now', async () => {
  const { get, close } = await rig();
  const powers: [number | null, string][] = [];
  for (const minutes of [1, 3, 29, 31, -1]) {
    const { body } = await get('/v1/view/region', START - HOUR_MS + minutes * 60_000);
    const [owd, whf] = body.substations;
    powers.push([
      owd.activePowerKw.value === null ? null : Math.round(owd.activePowerKw.value),
      owd.activePowerKw.quality,
    ]);
    assert.equal(whf.activePowerKw.value, null);
    for (const { link, planStatus, alarms, recordedAt } of [owd, whf])
      assert.deepEqual([link.state, planStatus, alarms, recordedAt], ['unknown', 'unknown', null, null]);
    assert.equal(body.activePowerKw.value, null, 'a part is unknown');
    assert.equal(body.clock.plantTime, START - HOUR_MS + minutes * 60_000);
  }
  assert.deepEqual(
    powers.map(([value]) => value === null),
    [false, false, false, true, true],
  );
  const { body } = await get('/v1/view/feeders/owd-1', START - HOUR_MS + 60_000);
  assert.equal(body.mode, 'unknown');
  assert.ok(
    body.devices.every(({ source, link }: Record<string, unknown>) => source === 'unknown' && link === 'unknown'),
  );
  await close();
});

test('a recorded moment is valid until the next one is due, and not beyond a gap', async () => {
  const { get, moments, close } = await rig();
  const at = START - HOUR_MS;
  const moment = {
    speed: 1,
    link: { state: 'up', since: at },
    health: null,
    overrides: [],
    findings: [],
    suspected: [],
    exchange: null,
    gone: [],
    alarms: 3,
    planStatus: 'optimal',
  } as const;
  await moments.put([{ gateway: 'owd-01', at, moment }]);
  const stationAfter = async (minutes: number) =>
    (await get('/v1/view/region', at + minutes * 60_000)).body.substations[0];
  assert.deepEqual([(await stationAfter(14)).planStatus, (await stationAfter(14)).alarms], ['optimal', 3]);
  assert.equal((await stationAfter(18)).planStatus, 'unknown');
  assert.equal((await stationAfter(-1)).planStatus, 'unknown');
  await close();
});

test('a future moment, a moment without data and an unavailable store give different errors', async () => {
  const { get, close } = await rig();
  const ahead = await get('/v1/view/region', START + 1000);
  assert.deepEqual([ahead.status, ahead.body.code], [422, 'LS-API-007']);
  assert.match(ahead.body.detail, /2021-09-25T00:00:01Z is in the future/);
  const nothing = await get('/v1/view/feeders/owd-1', START - 24 * HOUR_MS);
  assert.deepEqual([nothing.status, nothing.body.code], [404, 'LS-PLAYBACK-001']);
  assert.equal((await get('/v1/view/feeders/nowhere', START - HOUR_MS)).body.code, 'LS-API-004');
  await close();
  const away = await rig({
    latest: async () => {
      throw new LoadstoneError('LS-STORE-001', 'InfluxDB at http://store:8086: no answer');
    },
  });
  const failed = await away.get('/v1/view/region', START - HOUR_MS);
  assert.deepEqual([failed.status, failed.body.code], [503, 'LS-STORE-001']);
  await away.close();
});

test('moments are read one at a time, and the queue is bounded', async () => {
  let [at, most] = [0, 0];
  const { past, close } = await rig({
    latest: async ({ series }) => {
      most = Math.max(most, ++at);
      await new Promise(setImmediate);
      at--;
      return series.map(() => undefined);
    },
  });
  const query = { at: START - HOUR_MS, substations: ['owd'] };
  const asked = await Promise.allSettled(Array.from({ length: 25 }, () => past.of(query)));
  const refused = asked.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  assert.equal(refused.length, 5);
  for (const { reason } of refused) assert.equal((reason as LoadstoneError).code, 'LS-API-009');
  assert.equal(most, 1);
  await close();
});
