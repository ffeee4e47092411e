import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { plannerFixture, QUARTER_MS } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
const DAY_MS = 86_400_000;
const NOW = Date.UTC(2021, 9, 1, 7);
const iso = (time: number): string => new Date(time).toISOString();
const PATIENCE = 60_000;

await rig.record(START, NOW);
await rig.clock.advance(NOW - START);
await rig.forecasts.train(['substation:owd', 'substation:whf']);
await rig.forecasts.issueAll();

const start = (payload: object, headers: object = {}) =>
  rig.ask('POST', '/v1/forecasts', { token: TOKEN, headers, payload });

async function job(payload: object) {
  const accepted = await start(payload);
  assert.equal(accepted.statusCode, 202, accepted.body);
  await rig.jobs.finished(accepted.json().id, PATIENCE);
  const state = (await rig.get(String(accepted.headers['location']))).json();
  const href: string = state.result?.href ?? '';
  return { href, error: state.error, forecast: href === '' ? undefined : (await rig.get(href)).json() };
}

type Values = Record<string, number[]>;

function assertSound(values: Values, steps: number): void {
  const columns = Object.values(values);
  for (const column of columns) assert.equal(column.length, steps);
  for (let step = 0; step < steps; step++) {
    for (const [q, column] of columns.entries()) {
      assert.ok(Number.isFinite(column[step]), `${q} ${step}: ${column[step]}`);
      assert.ok(q === 0 || column[step]! >= columns[q - 1]![step]!, `${q} crosses at ${step}`);
    }
  }
}

test("the planners' example: 16 h after asOf, and steps beyond the model are marked", async () => {
  const answer = await start(
    {
      target: 'substation:owd',
      load: 'uncontrolled',
      start: '2021-10-02T00:00:00+02:00',
      horizon: 'PT48H',
      resolution: 'PT15M',
      quantiles: [0.05, 0.5, 0.95],
      asOf: '2021-10-01T06:00:00Z',
      scenario: null,
      model: 'active',
      weather: 'vintage',
      fallback: 'allow',
      unit: 'kW',
    },
    { prefer: 'wait=10', 'idempotency-key': '7b0c' },
  );
  assert.equal(answer.statusCode, 200, answer.body);
  const forecast = answer.json();
  assert.equal(forecast.start, '2021-10-01T22:00:00Z');
  assert.deepEqual(Object.keys(forecast.values), ['quantile_P5', 'quantile_P50', 'quantile_P95']);
  assertSound(forecast.values, 192);
  assert.equal(forecast.probabilityAboveImport.length, 192);
  assert.equal(forecast.extension.from, '2021-10-03T06:00:00Z');
  assert.equal(forecast.extension.model.id, 'week-ahead');
  assert.equal(forecast.extension.fallback, null);
  assert.ok(forecast.warnings.some((text: string) => text.startsWith('from 2021-10-03T06:00:00Z on, beyond')));
});

test("seven hourly days: the model's own steps first, joined without a jump, stored but never the newest", async () => {
  const { forecast, href } = await job({
    target: 'substation:owd',
    horizon: 'P7D',
    resolution: 'PT1H',
    fallback: 'fail',
  });
  assert.equal(forecast.kind, 'issued');
  assert.equal(forecast.fallback, null);
  assert.equal(Object.keys(forecast.values).length, 19);
  assertSound(forecast.values, 168);
  const newest = rig.forecasts.newest('substation:owd')!;
  assert.equal(forecast.start, iso(newest.start).replace('.000Z', 'Z'));
  assert.notEqual(forecast.id, newest.id);
  assert.equal(
    (await rig.vintages.newest('substation:owd'))!.id,
    newest.id,
    'the week-ahead steps continue from the model’s',
  );
  const whole = (await rig.vintages.get(forecast.id))!;
  for (const [q, row] of whole.values.entries()) {
    assert.deepEqual(row.slice(0, 192), newest.values[q]);
    const changes = row.slice(1).map((value, step) => Math.abs(value - row[step]!));
    const [joint] = changes.splice(191, 1);
    assert.ok(joint! <= Math.max(...changes), `${joint} kW at the joint`);
  }
  const { ridge, sameHourMean } = forecast.extension.model.members;
  assert.ok(Math.abs(ridge + sameHourMean - 1) < 1e-9);
  const again = await job({ target: 'substation:owd', start: iso(NOW + 5 * DAY_MS), horizon: 'PT24H' });
  assert.equal(again.forecast.id, forecast.id);
  assertSound(again.forecast.values, 96);
  const near = (await rig.get(`/v1/forecasts/${forecast.id}?horizon=PT48H`)).json();
  assert.equal(near.extension, null);
  assert.ok(!near.warnings.some((text: string) => text.includes('beyond')));
  const table = (await rig.get(`${href}&format=csv&unit=MW&timezone=Europe/Amsterdam`)).body.trim().split('\r\n');
  assert.equal(table.length, 169);
  assert.equal((await rig.get(`${href}&format=parquet`)).statusCode, 200);
  assert.equal((await rig.get(`/v1/forecasts/${forecast.id}/explanation`)).statusCode, 200);
});

test('week-ahead steps are vintages by lead time, and the scorecard scores them', async () => {
  await job({ target: 'substation:owd', horizon: 'P7D' });
  const end = NOW + 6 * DAY_MS;
  const rows = (
    await rig.get(
      `/v1/forecasts?target=substation:owd&start=${iso(end - DAY_MS)}&end=${iso(end)}&leadTime=P4D&quantiles=0.5&limit=1000&resolution=PT1H`,
    )
  ).json().items;
  assert.equal(rows.length, 24);
  for (const row of rows) {
    assert.ok(row.leadTimeS >= 4 * 86_400);
    assert.equal(row.isFallback, false);
  }
  const scores = await rig.get(
    `/v1/scorecards?target=substation:owd&start=${iso(NOW - DAY_MS)}&end=${iso(NOW)}&groupBy=leadTime,model`,
  );
  assert.equal(scores.statusCode, 200);
});

test('a horizon beyond seven days is rejected with its reason', async () => {
  const cases: [object, string, RegExp][] = [
    [{ horizon: 'P7DT1H' }, '/body/horizon', /7 days after asOf at 2021-10-08T07:00:00Z/],
    [{ start: iso(NOW + DAY_MS), horizon: 'P7D' }, '/body/horizon', /7 days after asOf/],
    [{ start: iso(NOW + 7 * DAY_MS) }, '/body/start', /7 days after asOf at 2021-10-08T07:00:00Z/],
    [{ start: iso(NOW - 3 * DAY_MS) }, '/body/start', /more than 48 h before asOf/],
    [{ asOf: iso(NOW - DAY_MS), horizon: 'P9D' }, '/body/horizon', /at 2021-10-07T07:00:00Z/],
  ];
  for (const [more, pointer, words] of cases) {
    const answer = await start({ target: 'substation:owd', ...more });
    assert.equal(answer.statusCode, 422, answer.body);
    assert.equal(answer.json().code, 'LS-API-007');
    assert.equal(answer.json().errors[0].pointer, pointer);
    assert.match(answer.json().detail, words);
  }
});

test('a short history falls back to the mean of the same hour for those steps; fallback: fail rejects it', async () => {
  const asOf = iso(START - 15 * DAY_MS);
  const asked = { target: 'substation:owd', asOf, horizon: 'P7D', resolution: 'PT1H' };
  const { forecast, href } = await job(asked);
  assert.equal(forecast.fallback, null);
  assertSound(forecast.values, 168);
  assert.equal(forecast.extension.fallback.level, 'sameHourMean');
  assert.match(forecast.extension.fallback.reason, /^LS-FORECAST-001: 25 days/);
  assert.deepEqual(forecast.extension.model.members, { sameHourMean: 1 });
  assert.equal((await job({ ...asked, fallback: 'fail' })).error.code, 'LS-FORECAST-001');
  assert.equal((await job({ ...asked, horizon: 'PT48H', fallback: 'fail' })).error, null);
  assert.ok(href.includes('resolution=PT1H'));
  const rows = (
    await rig.get(
      `/v1/forecasts?target=substation:owd&start=${iso(START - 15 * DAY_MS)}&end=${iso(START - 10 * DAY_MS)}&vintages=all&kind=reconstruction&quantiles=0.5&resolution=PT1H&limit=1000`,
    )
  )
    .json()
    .items.filter((row: { forecastId: string }) => row.forecastId === forecast.id);
  assert.deepEqual(
    rows.map((row: { isFallback: boolean }) => row.isFallback),
    Array.from({ length: 120 }, (_, hour) => hour >= 48),
  );
});

test('a region, a sum and the net load are forecast for seven days too', async () => {
  const sumOf = { sumOf: ['substation:owd', 'substation:whf'] };
  for (const asked of [
    { target: 'region:north' },
    { target: sumOf },
    { target: sumOf, asOf: iso(NOW - 4 * QUARTER_MS) },
    { target: 'substation:owd', load: 'net', asOf: iso(NOW - 4 * QUARTER_MS), weather: 'none' },
  ]) {
    const { forecast, error } = await job({ ...asked, horizon: 'P7D', resolution: 'PT1H' });
    assert.equal(error, null, JSON.stringify(asked));
    assertSound(forecast.values, 168);
    assert.notEqual(forecast.extension, null);
    assert.ok(forecast.warnings.some((text: string) => text.includes('beyond the horizon')));
  }
});
