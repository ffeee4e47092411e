import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { loadAt, PART_TOKEN, plannerFixture, QUARTER_MS } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
await rig.forecasts.train(['substation:owd', 'feeder:whf-1']);
await rig.live(4);
const at = (quarters: number): string => new Date(START + quarters * QUARTER_MS).toISOString();
const MEMBERS = ['substation:owd', 'feeder:whf-1'];
const NAME = 'sum:feeder:whf-1+substation:owd';
const actual = (time: number): number => loadAt('owd-01/transformer', time) + loadAt('whf-01/feeder-1', time);
const post = (url: string, payload: object, token = TOKEN) =>
  rig.ask('POST', url, { token, payload, headers: { prefer: 'wait=25' } });
const span = `start=${at(4)}&end=${at(8)}`;
const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-3, `${a} ${b}`);

test('forecasts of a sum are listed, read back and scored beside naive ones', async () => {
  const made = (await post('/v1/forecasts', { target: { sumOf: MEMBERS } })).json();
  await rig.live(4);
  for (const name of [NAME, NAME.replace('+', '%2B'), 'sum:substation:owd+feeder:whf-1']) {
    const { items } = (await rig.get(`/v1/forecasts?target=${name}&${span}`)).json();
    assert.equal(items.length, 4);
    assert.deepEqual([items[0].target, items[0].forecastId], [NAME, made.id]);
  }
  const measured = (await rig.get(`/v1/measurements?target=${NAME}&${span}`)).json().items[0];
  assert.equal(measured.target, NAME);
  assert.deepEqual(measured.values.length, 4);
  for (const [step, value] of measured.values.entries()) near(value, actual(START + (4 + step) * QUARTER_MS));
  const { items } = (await rig.get(`/v1/scorecards?target=${NAME}&${span}&groupBy=model`)).json();
  const own = items.find(({ model }: { model: string }) => model === 'sum-of-parts');
  assert.equal(own.n, 4);
  const errors = made.values.quantile_P50.slice(0, 4).map((kw: number, step: number) => {
    return Math.abs(kw - actual(START + (4 + step) * QUARTER_MS));
  });
  near(own.maeKw, errors.reduce((sum: number, each: number) => sum + each, 0) / 4);
  assert.ok(items.some(({ model }: { model: string }) => model === 'baseline:seasonalNaive24'));
});

test("a sum is backtested with its members' models and the errors seen so far, and its file is exported", async () => {
  const asked = { models: ['active', 'baseline:seasonal-naive-24'], start: at(-192), end: at(0), issue: 'PT12H' };
  const answer = await post('/v1/backtests', { target: { sumOf: MEMBERS }, ...asked, horizon: 'PT24H' });
  assert.equal(answer.statusCode, 200, answer.body);
  const result = answer.json();
  assert.deepEqual(result.target, { sumOf: MEMBERS.toSorted() });
  const file = await rig.ask('GET', result.predictions.href, { token: TOKEN });
  const rows = await parquetReadObjects({ file: new Uint8Array(file.rawPayload).buffer });
  assert.deepEqual([...new Set(rows.map(({ model }) => model))], asked.models);
  for (const row of rows) {
    near(row['actual'], actual(Number(row['start'])));
    assert.ok(row['quantile_P5'] <= row['quantile_P50'] && row['quantile_P50'] <= row['quantile_P95']);
  }
  const [one, other] = await Promise.all(
    MEMBERS.map(async (target) => {
      const single = (await post('/v1/backtests', { target, ...asked, horizon: 'PT24H' })).json();
      return single.rows.find((row: { model: string; leadTime: null }) => row.model === 'active' && !row.leadTime);
    }),
  );
  const own = result.rows.find((row: { model: string; leadTime: null }) => row.model === 'active' && !row.leadTime);
  assert.ok(own.n > 0 && own.maeKw <= one.maeKw + other.maeKw + 1, `${own.maeKw} ${one.maeKw} ${other.maeKw}`);
  assert.equal((await rig.ask('GET', `/v1/backtests/${result.id}`, { token: PART_TOKEN })).statusCode, 404);

  const job = await post('/v1/exports', {
    kind: 'measurements',
    target: NAME,
    start: at(-8),
    end: at(0),
    format: 'csv',
  });
  const done = await rig.jobs.finished(job.json().id, 60_000);
  const csv = (await rig.ask('GET', done!.href!, { token: TOKEN })).body;
  assert.ok(csv.split('\r\n')[1]!.startsWith(`${NAME},${at(-8).replace('.000', '')},`));
});

test('an outage of one member excludes the hours from the score of the sum', async () => {
  const outage = { target: 'substation:owd', kind: 'outage', start: at(4), end: at(8) };
  const noted = await rig.ask('POST', '/v1/annotations', { token: TOKEN, payload: outage });
  const { items } = (await rig.get(`/v1/scorecards?target=${NAME}&${span}`)).json();
  assert.deepEqual(items, []);
  await rig.ask('DELETE', `/v1/annotations/${noted.json().id}`, { token: TOKEN });
});

test('a sum needs a right on each member, counts none twice, and cannot be trained on', async () => {
  const cases: [string, number][] = [
    [`sum:substation:owd+feeder:owd-1`, 422],
    [`sum:substation:owd+substation:owd`, 422],
    [`sum:substation:owd+substation:xyz`, 404],
    [`sum:`, 404],
  ];
  for (const [target, status] of cases)
    for (const path of ['forecasts', 'measurements', 'scorecards'])
      assert.equal((await rig.get(`/v1/${path}?target=${target}&${span}`)).statusCode, status, `${path} ${target}`);
  for (const path of ['forecasts', 'measurements', 'scorecards']) {
    const foreign = await rig.ask('GET', `/v1/${path}?target=${NAME}&${span}`, { token: PART_TOKEN });
    assert.equal(foreign.statusCode, 403);
  }
  const backtest = { models: ['active'], start: at(-8), end: at(0) };
  assert.equal((await post('/v1/backtests', { target: { sumOf: MEMBERS }, ...backtest }, PART_TOKEN)).statusCode, 403);
  const training = { kind: 'training', target: NAME, start: at(-8), end: at(0) };
  assert.equal((await post('/v1/exports', training)).statusCode, 422);
  const named = await post('/v1/backtests', { target: { sumOf: MEMBERS }, ...backtest, models: ['mdl-owd'] });
  assert.equal(named.json().code, 'LS-API-007');
});
