import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { START, TOKEN } from '../testing/api-fixture.ts';
import {
  loadAt,
  meteredRegion,
  PART_TOKEN,
  plannerFixture,
  QUARTER_MS,
  READ_TOKEN,
} from '../testing/planner-fixture.ts';
import { orNull } from '../../../shared/forecast/series.ts';
import { parquetOf } from '../../tables/parquet.ts';
import { tableOf } from '../../tables/table.ts';

/** whf has no gateway that measures. */
const metered = meteredRegion();
const region = {
  ...metered,
  substations: metered.substations.map((each) => (each.id === 'whf' ? { ...each, meters: [] } : each)),
};
const rig = await plannerFixture({ region });
after(() => rig.close());
await rig.live(4);
const at = (quarters: number): string => new Date(START + quarters * QUARTER_MS).toISOString();
const post = (url: string, payload: unknown, more: { token?: string; headers?: object } = {}) =>
  rig.ask('POST', url, { token: TOKEN, payload, ...more });
const values = async (target: string, from: number, to: number, more = '') =>
  (await rig.get(`/v1/measurements?target=${target}&start=${at(from)}&end=${at(to)}${more}`)).json().items[0];

test('measurements of a target without a gateway are uploaded as JSON, CSV and Parquet and read back with their receipt', async () => {
  const json = await post('/v1/measurements?unit=MW', {
    items: [
      { target: 'substation:whf', start: at(-8), values: [1.5, null, 1.25], quality: ['good', 'bad', 'uncertain'] },
    ],
  });
  assert.equal(json.statusCode, 201, json.body);
  assert.deepEqual(json.json().changed, 3);
  const first = await values('substation:whf', -8, -4);
  assert.deepEqual(first.values, [1500, null, 1250, null]);
  assert.deepEqual(first.quality, ['good', 'bad', 'uncertain', 'bad']);
  assert.equal(first.receivedAt[0], '2021-09-25T01:00:00Z');

  const csv = `target,start,value\r\nsubstation:whf,${at(-5)},1400\r\nsubstation:whf,${at(-8)},1510\r\n`;
  const sent = await post('/v1/measurements', csv, { headers: { 'content-type': 'text/csv' } });
  assert.deepEqual([sent.statusCode, sent.json().changed], [201, 2], sent.body);
  const table = tableOf(
    [
      ['target', 'text'],
      ['start', 'time'],
      ['value', 'number'],
    ],
    Array.from({ length: 96 }, (_, step) => ({
      target: 'substation:whf',
      start: START - (104 - step) * QUARTER_MS,
      value: 1000 + step,
    })),
  );
  const parquet = await post('/v1/measurements', Buffer.from(parquetOf(table)), {
    headers: { 'content-type': 'application/vnd.apache.parquet' },
  });
  assert.equal(parquet.json().changed, 96, parquet.body);
  assert.deepEqual((await values('substation:whf', -104, -102)).values, [1000, 1001]);

  await rig.live(1);
  const later = await post('/v1/measurements', {
    items: [{ target: 'substation:whf', start: at(-5), values: [1444] }],
  });
  assert.equal(later.json().changed, 1);
  assert.deepEqual((await values('substation:whf', -5, -4)).values, [1444]);
  const earlier = await values('substation:whf', -5, -4, `&asOf=${at(4)}`);
  assert.deepEqual([earlier.values, earlier.receivedAt.map(Date.parse)], [[1400], [START + 4 * QUARTER_MS]]);
});

test('an upload covers the time before a gateway: it is read back, trained on, and overwrites nothing', async () => {
  const before = { items: [{ target: 'feeder:owd-1', start: at(-9000), values: [900, 910, 920] }] };
  const sent = await post('/v1/measurements', before);
  assert.deepEqual([sent.statusCode, sent.json().changed], [201, 3], sent.body);
  assert.deepEqual((await values('feeder:owd-1', -9000, -8996)).values, [900, 910, 920, null]);
  assert.deepEqual((await values('feeder:owd-1', -9000, -8997, '&load=uncontrolled')).values, [900, 910, 920]);
  const over = { items: [{ target: 'feeder:owd-1', start: at(-6), values: [1, 2, 3, 4] }] };
  const refused = await post('/v1/measurements', over);
  assert.deepEqual([refused.statusCode, refused.json().code], [409, 'LS-API-005']);
  assert.match(refused.json().detail, /feeder:owd-1 was already measured by the gateway owd-01 at 2021-/);
});

test('an invalid upload is rejected with its place, and none of it is stored', async () => {
  const cases: [unknown, number, string, string?][] = [
    [{ items: [{ target: 'substation:owd', start: at(-4), values: [1] }] }, 409, 'LS-API-005', '/body'],
    [
      { items: [{ target: 'substation:whf', start: '2021-09-24T00:07:00Z', values: [1] }] },
      422,
      'LS-API-007',
      '/body/items/0/values/0/start',
    ],
    [
      { items: [{ target: 'substation:whf', start: at(-12), values: [7, 1e9] }] },
      422,
      'LS-API-007',
      '/body/items/0/values/1/value',
    ],
    [{ items: [{ target: 'substation:whf', start: at(400), values: [7] }] }, 422, 'LS-API-007'],
    [{ items: [{ target: 'substation:xyz', start: at(-12), values: [7] }] }, 404, 'LS-API-004'],
  ];
  for (const [body, status, code, pointer] of cases) {
    const answer = await post('/v1/measurements', body);
    assert.equal(answer.statusCode, status, answer.body);
    assert.equal(answer.json().code, code);
    if (pointer !== undefined) assert.equal(answer.json().errors[0].pointer, pointer);
  }
  assert.deepEqual((await values('substation:whf', -12, -11)).values, [1092]);
  const csv = { headers: { 'content-type': 'text/csv' } };
  assert.equal((await post('/v1/measurements', 'start,value\n1,2\n', csv)).json().code, 'LS-API-001');
  assert.equal((await post('/v1/measurements', 'target,start,value\n', csv)).json().code, 'LS-API-001');
  assert.equal((await post('/v1/measurements', 'target,start,value\na,b\n', csv)).json().errors[0].pointer, '/body/0');
  const parquet = { headers: { 'content-type': 'application/vnd.apache.parquet' } };
  assert.equal((await post('/v1/measurements', Buffer.from('PAR1 nothing PAR1'), parquet)).statusCode, 400);
  const part = await post(
    '/v1/measurements',
    { items: [{ target: 'substation:whf', start: at(-4), values: [1] }] },
    { token: PART_TOKEN },
  );
  assert.equal(part.statusCode, 403);
  const reader = await post(
    '/v1/measurements',
    { items: [{ target: 'substation:whf', start: at(-4), values: [1] }] },
    { token: READ_TOKEN },
  );
  assert.equal(reader.statusCode, 403);
});

test('an outage is excluded from scores and training; withdrawn, it counts again; asOf still sees it', async () => {
  const target = 'substation:owd';
  const scorecard = async () =>
    (await rig.get(`/v1/scorecards?target=${target}&start=${at(0)}&end=${at(5)}&leadTime=PT1H`)).json().items[0];
  const before = await scorecard();
  assert.deepEqual(before.excluded, { badQuality: 0, outage: 0, missing: 0 });
  const noted = await post('/v1/annotations', {
    target: 'feeder:owd-1',
    kind: 'outage',
    start: at(2),
    end: at(4),
    note: 'cable fault',
  });
  assert.equal(noted.statusCode, 201, noted.body);
  const after = await scorecard();
  assert.deepEqual(after.excluded, { badQuality: 0, outage: 2, missing: 0 });
  assert.equal(after.n, before.n - 2);
  const learned = await rig.loads.learned.intervals({
    target,
    start: START,
    end: START + 4 * QUARTER_MS,
    resolutionS: 900,
  });
  assert.deepEqual(
    Array.from(learned.values, (value) => orNull(value) === null),
    [false, false, true, true],
  );
  assert.equal((await values(target, 2, 3)).values[0], loadAt('owd-01/transformer', START + 2 * QUARTER_MS));

  const { id } = noted.json();
  const list = async (more = '') => (await rig.get(`/v1/annotations?target=feeder:owd-1${more}`)).json().items;
  assert.equal((await list())[0].id, id);
  const noticedAt = rig.clock.plant.now();
  await rig.live(1);
  assert.equal((await rig.ask('DELETE', `/v1/annotations/${id}`, { token: TOKEN })).statusCode, 200);
  assert.equal((await rig.ask('DELETE', `/v1/annotations/${id}`, { token: TOKEN })).statusCode, 409);
  assert.deepEqual(await list(), []);
  assert.equal((await list(`&asOf=${new Date(noticedAt).toISOString()}`))[0].id, id);
  assert.equal((await scorecard()).excluded.outage, 0);
  assert.equal((await rig.ask('GET', `/v1/annotations?target=substation:whf`, { token: PART_TOKEN })).statusCode, 403);
});

test('an outage in the rest of a substation is listed, and excluded from the whole and the rest', async () => {
  const note = { target: 'rest:owd', kind: 'outage', start: at(-40), end: at(-39) };
  const { id } = (await post('/v1/annotations', note)).json();
  const listed = (await rig.ask('GET', '/v1/annotations', { token: PART_TOKEN })).json().items;
  assert.ok(listed.some((each: { id: string }) => each.id === id));
  const isKnown = async (target: string) => {
    const query = { target, start: START - 40 * QUARTER_MS, end: START - 39 * QUARTER_MS, resolutionS: 900 };
    return orNull((await rig.loads.learned.intervals(query)).values[0]) !== null;
  };
  assert.deepEqual(await Promise.all(['rest:owd', 'substation:owd', 'feeder:owd-1'].map(isKnown)), [
    false,
    false,
    true,
  ]);
});

test('a weather vintage is never overwritten, and a forecast uses what was issued by its asOf', async () => {
  const vintage = (issued: number, ghi: number) => ({
    source: 'harmonie',
    location: 'substation:owd',
    issuedAt: at(issued),
    start: at(-96),
    resolution: 'PT15M',
    ghiWm2: Array.from({ length: 300 }, () => ghi),
    windMs: Array.from({ length: 300 }, () => 5),
  });
  for (const each of [vintage(-4, 100), vintage(2, 200), vintage(2, 200)])
    assert.equal((await post('/v1/weather', each)).statusCode, 201);
  const other = await post('/v1/weather', vintage(2, 300));
  assert.deepEqual([other.statusCode, other.json().code], [409, 'LS-API-005']);
  const { items } = (await rig.get(`/v1/weather?location=substation:*&start=${at(0)}&end=${at(4)}`)).json();
  assert.deepEqual(
    items.map(({ issuedAt, ghiWm2 }: { issuedAt: string; ghiWm2: number[] }) => [issuedAt, ghiWm2[0]]),
    [
      [at(2).replace('.000', ''), 200],
      [at(-4).replace('.000', ''), 100],
    ],
  );
  const seen = async (asOf: number) =>
    rig.weather.intervals({
      target: 'feeder:owd-1',
      start: START,
      end: START + QUARTER_MS,
      resolutionS: 900,
      asOf: START + asOf * QUARTER_MS,
    });
  assert.deepEqual((await seen(0))!.ghi, [100]);
  assert.deepEqual([(await seen(3))!.ghi[0], (await seen(3))!.hindcast], [200, false]);
  assert.equal(await seen(-5), null);
  const csv = (await rig.get(`/v1/weather?location=substation:owd&start=${at(0)}&end=${at(4)}&format=csv`)).body;
  assert.match(csv, /^location,source,start,issuedAt,temperatureC,ghiWm2,windMs\r\nsubstation:owd,harmonie,/);
  assert.equal((await post('/v1/weather', { ...vintage(3, 1), windMs: [1] })).json().code, 'LS-API-007');
  // Rounding in pandas gives -0.0 for a little frost.
  const frost = JSON.stringify({ ...vintage(-4, 7), issuedAt: at(-5) }).replace('[7,', '[-0.0,');
  for (let time = 0; time < 2; time++)
    assert.equal(
      (await post('/v1/weather', frost, { headers: { 'content-type': 'application/json' } })).statusCode,
      201,
    );
});

test('a weather file is complete or rejected', async () => {
  const span = `location=substation:whf&start=${at(-300 * 96)}&end=${at(-280 * 96)}`;
  const file = async (limit = '') => rig.get(`/v1/weather?${span}&format=csv${limit}`);
  const put = async (from: number, to: number): Promise<void> => {
    for (let issued = from; issued < to; issued++) {
      const start = at(-300 * 96 + 4 * issued);
      const vintage = { source: 'hourly', location: 'substation:whf', issuedAt: start, start, resolution: 'PT15M' };
      assert.equal((await post('/v1/weather', { ...vintage, temperatureC: [9] })).statusCode, 201);
    }
  };
  await put(0, 150);
  assert.equal((await file()).body.trim().split('\r\n').length, 1 + 150);
  await put(150, 201);
  const cut = await file();
  assert.deepEqual([cut.statusCode, cut.json().code], [413, 'LS-API-006'], cut.body.slice(0, 200));
  assert.equal((await file('&limit=120')).body.trim().split('\r\n').length, 1 + 120);
  // Vintages that arrive between two pages move nothing from one to the next.
  const ids: string[] = [];
  for (let cursor = '', arrived = 201; ; arrived++) {
    const { items, nextCursor } = (await rig.get(`/v1/weather?${span}&limit=100${cursor}`)).json();
    ids.push(...items.map(({ id }: { id: string }) => id));
    if (nextCursor === null) break;
    cursor = `&cursor=${nextCursor}`;
    await put(arrived, arrived + 1);
  }
  assert.deepEqual([ids.length, new Set(ids).size], [201, 201]);
});

test('an external forecast is scored beside ours and is never the newest', async () => {
  const body = {
    target: 'substation:owd',
    source: 'openstef',
    issuedAt: at(0),
    start: at(0),
    resolution: 'PT15M',
    values: {
      quantile_P10: Array.from({ length: 8 }, () => 1000),
      quantile_P50: Array.from({ length: 8 }, () => 2000),
      quantile_P90: Array.from({ length: 8 }, () => 3000),
    },
  };
  const answer = await post('/v1/forecasts/external', body);
  assert.equal(answer.statusCode, 201, answer.body);
  assert.equal(answer.json().kind, 'external');
  assert.equal((await post('/v1/forecasts/external', body)).json().id, answer.json().id);
  const changed = { ...body, values: { quantile_P50: Array.from({ length: 8 }, () => 2000) } };
  assert.equal((await post('/v1/forecasts/external', changed)).statusCode, 409);
  const crossing = { ...body, issuedAt: at(1), values: { quantile_P50: [1], quantile_P90: [0] } };
  assert.equal(
    (await post('/v1/forecasts/external', crossing)).json().errors[0].pointer,
    '/body/values/quantile_P90/0',
  );

  const { items } = (await rig.get(`/v1/scorecards?target=substation:owd&start=${at(0)}&end=${at(5)}`)).json();
  const row = items.find(({ model }: { model: string }) => model === 'external:openstef');
  assert.ok(row.n > 0);
  assert.ok(items.some(({ model }: { model: string }) => model.startsWith('baseline:')));
  const pooled = (
    await rig.get(`/v1/scorecards?target=substation:owd&start=${at(0)}&end=${at(5)}&groupBy=model&format=csv`)
  ).body.split('\r\n');
  assert.match(pooled[0]!, /^target,model,leadTime,n,/);
  assert.equal(new Set(pooled.slice(1, -1).map((line) => line.split(',')[1])).size, pooled.length - 2);
  const newest = (await rig.get('/v1/substations/owd/forecast')).json();
  assert.equal(newest.kind, 'issued');
  const vintages = (
    await rig.get(`/v1/forecasts?target=substation:owd&start=${at(1)}&end=${at(2)}&kind=external`)
  ).json();
  assert.equal(vintages.items[0].quantile_P50, 2000);
});
