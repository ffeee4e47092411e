import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parquetMetadata } from 'hyparquet';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { plannerFixture, QUARTER_MS } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
await rig.live(5);
const at = (quarters: number): string => new Date(START + quarters * QUARTER_MS).toISOString().replace('.000', '');
const span = `start=${at(0)}&end=${at(5)}`;

test('hourly forecasts start on the hour, like measurements and vintages', async () => {
  const shown = (await rig.get('/v1/substations/owd/forecast?resolution=PT1H&quantiles=0.5')).json();
  const fine = (await rig.get('/v1/substations/owd/forecast?quantiles=0.5')).json();
  assert.deepEqual([fine.start, shown.start], [at(5), at(8)]);
  const quarters: number[] = fine.values.quantile_P50.slice(3, 7);
  assert.ok(Math.abs(shown.values.quantile_P50[0] - quarters.reduce((sum, each) => sum + each) / 4) < 1e-3);
  const from = await rig.get(`/v1/substations/owd/forecast?resolution=PT30M&start=${at(11)}`);
  assert.equal(from.json().start, at(12));
});

test('an empty table still has its columns', async () => {
  const early = 'start=2021-09-01T00:00:00Z&end=2021-09-02T00:00:00Z';
  const vintages = await rig.get(`/v1/forecasts?target=substation:owd&${early}&format=csv`);
  assert.match(
    vintages.body,
    /^target,start,issuedAt,forecastId,leadTimeS,quantile_P5,.*quantile_P95,isFallback,mean,weather\r\n$/,
  );
  const chosen = await rig.get(`/v1/forecasts?target=substation:owd&${early}&format=csv&quantiles=0.5,0.50`);
  assert.equal(chosen.body, 'target,start,issuedAt,forecastId,leadTimeS,quantile_P50,isFallback,mean,weather\r\n');
  const scores = await rig.get(`/v1/scorecards?target=substation:owd&${early}&format=csv`);
  assert.match(scores.body, /^target,model,leadTime,n,.*maeKw/);
  const file = (await rig.get(`/v1/scorecards?target=substation:owd&${early}&format=parquet`)).rawPayload;
  const { schema } = parquetMetadata(new Uint8Array(file).buffer);
  assert.ok(schema.some(({ name }) => name === 'maeKw'));
});

test('two external systems are listed and scored side by side', async () => {
  for (const [index, source] of ['openstef', 'excel.sheet'].entries()) {
    const body = { target: 'substation:owd', source, issuedAt: at(index), start: at(0), resolution: 'PT15M' };
    const values = { quantile_P50: [1, 2, 3, 4, 5].map((kw) => kw + 100 * index) };
    const sent = await rig.ask('POST', '/v1/forecasts/external', { token: TOKEN, payload: { ...body, values } });
    assert.equal(sent.statusCode, 201, sent.body);
  }
  const listed = (await rig.get(`/v1/forecasts?target=substation:owd&${span}&kind=external`)).json().items;
  assert.equal(listed.length, 9);
  const { items } = (await rig.get(`/v1/scorecards?target=substation:owd&${span}&leadTime=PT1H`)).json();
  const n = (source: string) => items.find(({ model }: { model: string }) => model === `external:${source}`)?.n;
  assert.deepEqual([n('openstef'), n('excel.sheet')], [5, 4]);
});

test('hourly forecasts of other systems are listed by the quarter, each under its name and with every quantile asked for', async () => {
  const sent = [
    { source: 'hours', resolution: 'PT1H', values: { quantile_P10: [90], quantile_P50: [100] } },
    { source: 'quarters', resolution: 'PT15M', values: { quantile_P50: [1, 2, 3, 4] } },
  ];
  for (const each of sent) {
    const payload = { target: 'substation:whf', issuedAt: at(0), start: at(0), ...each };
    const { statusCode } = await rig.ask('POST', '/v1/forecasts/external', { token: TOKEN, payload });
    assert.equal(statusCode, 201);
  }
  const query = `/v1/forecasts?target=substation:whf&${span}&kind=external&quantiles=0.1,0.5`;
  const { items } = (await rig.get(query)).json();
  const rowsOf = (source: string) =>
    items
      .filter(({ model }: { model: string }) => model === `external:${source}`)
      .map((row: Record<string, number | null>) => [row['quantile_P10'], row['quantile_P50']]);
  assert.deepEqual(
    rowsOf('hours'),
    [1, 2, 3, 4].map(() => [90, 100]),
  );
  assert.deepEqual(
    rowsOf('quarters'),
    [1, 2, 3, 4].map((kw) => [null, kw]),
  );
  assert.match((await rig.get(`${query}&format=csv`)).body, /,mean,weather,model,load\r\n/);
});

test('a quantile of another system keeps its name, and is refused in two spellings', async () => {
  const body = { target: 'feeder:whf-1', source: 'tails', issuedAt: at(0), start: at(0), resolution: 'PT15M' };
  const send = (values: object) =>
    rig.ask('POST', '/v1/forecasts/external', { token: TOKEN, payload: { ...body, values } });
  const twice = await send({ quantile_P5: [1], quantile_P05: [2], quantile_P50: [3] });
  assert.deepEqual([twice.statusCode, twice.json().errors[0].pointer], [422, '/body/values/quantile_P5']);
  const names = ['quantile_P0.05', 'quantile_P2.51', 'quantile_P50', 'quantile_P99.95'];
  const sent = await send(Object.fromEntries(names.map((name, index) => [name, [index]])));
  assert.deepEqual(Object.keys(sent.json().values), names);
});

test('another system may forecast net and uncontrolled load at the same time', async () => {
  const body = { target: 'feeder:owd-1', source: 'both', issuedAt: at(0), start: at(0), resolution: 'PT15M' };
  const sent = [];
  for (const [load, kw] of [
    ['uncontrolled', 1],
    ['net', 2],
  ] as const) {
    const payload = { ...body, load, values: { quantile_P50: [kw] } };
    sent.push(await rig.ask('POST', '/v1/forecasts/external', { token: TOKEN, payload }));
  }
  assert.deepEqual(
    sent.map(({ statusCode }) => statusCode),
    [201, 201],
  );
  const listed = async (load: string) =>
    (await rig.get(`/v1/forecasts?target=feeder:owd-1&${span}&kind=external&load=${load}`)).json().items;
  assert.deepEqual([(await listed('uncontrolled'))[0].quantile_P50, (await listed('net'))[0].quantile_P50], [1, 2]);
  const { items } = (await rig.get(`/v1/forecasts?target=feeder:owd-1&${span}&kind=external`)).json();
  assert.deepEqual(
    items.map((row: Record<string, unknown>) => [row['load'], row['quantile_P50']]),
    [
      ['uncontrolled', 1],
      ['net', 2],
    ],
  );
});

test('a file of forecasts has no more rows than its limit, and begins at its cursor', async () => {
  const query = `/v1/forecasts?target=substation:owd&${span}&quantiles=0.5&limit=2`;
  const startsOf = async (more: string): Promise<string[]> =>
    (await rig.get(`${query}&format=csv${more}`)).body
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',')[1]!);
  const { items, nextCursor } = (await rig.get(query)).json();
  assert.deepEqual(
    await startsOf(''),
    items.map(({ start }: { start: string }) => start),
  );
  const next = (await rig.get(`${query}&cursor=${nextCursor}`)).json().items;
  assert.deepEqual(
    await startsOf(`&cursor=${nextCursor}`),
    next.map(({ start }: { start: string }) => start),
  );
});

test("a waiting caller gets a failed job's reason with its own status", async () => {
  const ask = (payload: object) =>
    rig.ask('POST', '/v1/forecasts', { token: TOKEN, payload, headers: { prefer: 'wait=25' } });
  const fallback = await ask({ target: 'substation:owd', fallback: 'fail' });
  const { status, code } = fallback.json();
  assert.deepEqual([fallback.statusCode, status, code], [status, fallback.statusCode, 'LS-FORECAST-001']);
  assert.match(String(fallback.headers['content-type']), /problem\+json/);
  assert.match(String(fallback.headers['location']), /^\/v1\/jobs\//);
});

test('a plus sign lost from a URL is reported', async () => {
  const answer = await rig.get(
    '/v1/measurements?target=substation:owd&start=2021-09-24T00:00:00+02:00&end=2021-09-25T00:00:00Z',
  );
  assert.equal(answer.statusCode, 400);
  assert.match(answer.json().detail, /%2B/);
});
