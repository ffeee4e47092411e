import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { START, TOKEN } from './testing/api-fixture.ts';
import { PART_TOKEN, plannerFixture, QUARTER_MS } from './testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
await rig.live(2);
const at = (quarters: number): string => new Date(START + quarters * QUARTER_MS).toISOString();
const span = `start=${at(-4)}&end=${at(0)}`;

test('a measurement carries its receipt time and its kind of load', async () => {
  const { items } = (await rig.get(`/v1/measurements?target=substation:owd&${span}`)).json();
  assert.equal(items[0].load, 'net');
  assert.equal(items[0].receivedAt.length, items[0].values.length);
  assert.ok(Date.parse(items[0].receivedAt[0]) >= START - 4 * QUARTER_MS);
  const own = (await rig.get(`/v1/measurements?target=substation:owd&load=uncontrolled&${span}`)).json().items[0];
  assert.equal(own.load, 'uncontrolled');
  assert.deepEqual(own.values, items[0].values);
  assert.equal(own.quality[0], 'good');
  const csv = (await rig.get(`/v1/measurements?target=substation:owd&format=csv&${span}`)).body.split('\r\n')[0];
  assert.equal(csv, 'target,start,value,quality,origin,receivedAt');
});

test('an unknown parameter is rejected by name', async () => {
  const answer = await rig.get('/v1/substations/owd/forecast?quantile=0.5');
  assert.equal(answer.statusCode, 400);
  assert.equal(answer.json().errors[0].detail, 'there is no "quantile" here; did you mean "quantiles"?');
});

test('a value outside an enumeration is rejected with the allowed values, a union with its alternatives', async () => {
  const detailOf = async (query: string) => {
    const { errors } = (await rig.get(`/v1/measurements?target=substation:owd&${span}&${query}`)).json();
    return errors.map(({ pointer, detail }: { pointer: string; detail: string }) => [pointer, detail]);
  };
  assert.deepEqual(await detailOf('format=xlsx'), [['/querystring/format', 'must be json, csv or parquet']]);
  assert.deepEqual(await detailOf('resolution=PT5M'), [['/querystring/resolution', 'must be PT15M, PT30M or PT1H']]);
  assert.deepEqual(await detailOf('load=planned'), [['/querystring/load', 'must be net or uncontrolled']]);
  const asked = (target: unknown) =>
    rig.ask('POST', '/v1/forecasts', { token: PART_TOKEN, payload: { target } }).then((answer) => answer.json());
  assert.equal((await asked(['substation:owd'])).detail, '/body/target: must be string; /body/target: must be object');
  assert.deepEqual((await asked({ sumOf: [1] })).errors, [
    { pointer: '/body/target/sumOf/0', detail: 'must be string' },
  ]);
});

test('a rejection names the parameter and what would be right, in words', async () => {
  const refused = async (path: string) => (await rig.get(path)).json().detail;
  assert.match(await refused('/v1/substations/owd/forecast?quantiles=10'), /^\/querystring\/quantiles: expected: /);
  assert.match(
    await refused(`/v1/measurements?target=owd&${span}`),
    /there is no target "owd"; did you mean substation:owd\?/,
  );
  const { detail } = await rig
    .ask('POST', '/v1/scenarios', {
      token: TOKEN,
      payload: {
        name: 'north 2030',
        base: { kind: 'forecast' },
        changes: [{ type: 'ev', target: 'substation:owd', chargers: 4 }],
      },
    })
    .then((answer) => answer.json());
  assert.equal(detail, "/body/changes/0: must have required property 'ratedKw'");
});

test('a duration may use weeks', async () => {
  const [week, days] = await Promise.all(
    ['P1W', 'P7D'].map((horizon) => rig.get(`/v1/substations/owd/forecast?horizon=${horizon}`)),
  );
  assert.equal(week!.statusCode, 200, week!.body);
  // The warning that the forecast ends before names the horizon as it was asked for.
  assert.deepEqual(JSON.parse(week!.body.replace('P1W', 'P7D')), days!.json());
  for (const odd of ['P', 'PT', 'P1W1D', 'P0W'])
    assert.equal((await rig.get(`/v1/substations/owd/forecast?horizon=${odd}`)).statusCode, 400, odd);
});

test('a resource describes its stored data', async () => {
  const { dataSpan, externalIds } = (await rig.get('/v1/feeders/owd-1')).json();
  assert.deepEqual(dataSpan, { from: '2021-09-24T00:00:00Z', to: '2021-09-25T00:00:00Z' });
  assert.deepEqual(externalIds, {});
});

test("outside the caller's part, existing and unknown resources are rejected alike", async () => {
  const asked = (path: string) => rig.ask('GET', path, { token: PART_TOKEN });
  for (const path of [
    (id: string) => `/v1/substations/${id}`,
    (id: string) => `/v1/feeders/${id}-1`,
    (id: string) => `/v1/substations/${id}/forecast`,
    (id: string) => `/v1/measurements?target=substation:${id}&${span}`,
    (id: string) => `/v1/forecasts?target=substation:${id}&${span}`,
    (id: string) => `/v1/scorecards?target=substation:${id}&${span}`,
  ]) {
    const [there, nowhere] = [await asked(path('whf')), await asked(path('xyz'))];
    assert.equal(there.statusCode, 403, path('whf'));
    assert.equal(there.body.replaceAll('whf', '?'), nowhere.body.replaceAll('xyz', '?'));
  }
  const whole = await asked('/v1/substations');
  assert.deepEqual(
    whole.json().items.map(({ id }: { id: string }) => id),
    ['owd'],
  );
  const [vintage] = await rig.vintages.heads({
    target: 'substation:whf',
    kind: 'issued',
    from: 0,
    to: START + QUARTER_MS,
  });
  const [hidden, nothing] = [
    await asked(`/v1/forecasts/${vintage!.id}`),
    await asked(`/v1/forecasts/${vintage!.id.replace('whf', 'xyz')}`),
  ];
  assert.equal(hidden.statusCode, 404);
  assert.equal(hidden.body.replaceAll('whf', '?'), nothing.body.replaceAll('xyz', '?'));
});

test('Preference-Applied confirms the preference of a caller that waits', async () => {
  const answer = await rig.ask('POST', '/v1/forecasts', {
    token: PART_TOKEN,
    headers: { prefer: 'respond-async, wait=10' },
    payload: { target: 'substation:owd' },
  });
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers['preference-applied'], 'wait=10');
});
