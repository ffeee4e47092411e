import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { VERSION } from '../../../shared/version.ts';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { loadAt, PART_TOKEN, plannerFixture, QUARTER_MS } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
await rig.forecasts.train(['substation:owd']);
const at = (quarters: number): string => new Date(START + quarters * QUARTER_MS).toISOString();
const day = 96;
const body = (more: object = {}) => ({
  target: 'substation:owd',
  models: ['active', 'baseline:seasonal-naive-24', 'baseline:same-hour-mean-7'],
  start: at(-4 * day),
  end: at(0),
  issue: 'PT12H',
  horizon: 'PT24H',
  resolution: 'PT1H',
  ...more,
});
const run = async (payload: unknown, token = TOKEN) =>
  rig.ask('POST', '/v1/backtests', { token, payload, headers: { prefer: 'wait=25' } });

test('a backtest scores each model on what it would have issued, compares them by day and keeps every prediction', async () => {
  const answer = await run(body());
  assert.equal(answer.statusCode, 200, answer.body);
  const result = answer.json();
  assert.equal(result.issues, 8);
  assert.deepEqual([...new Set(result.rows.map(({ model }: { model: string }) => model))], body().models);
  const of = (model: string) =>
    result.rows.find((row: { model: string; leadTime: string | null }) => row.model === model && row.leadTime === null);
  const daily = of('baseline:seasonal-naive-24');
  assert.equal(daily.n, 8 * 24 - 12);
  assert.ok(daily.maeKw > 0 && of('active').maeKw > 0);

  const { differences } = result;
  const overall = differences.find(
    ({ leadTime, models }: { leadTime: string | null; models: string[] }) =>
      leadTime === null && models[0] === 'active',
  );
  assert.ok(Math.abs(overall.maeKw - (of('active').maeKw - daily.maeKw)) < 1e-3);
  assert.ok(overall.ci95[0] <= overall.maeKw && overall.maeKw <= overall.ci95[1]);
  assert.equal(overall.days, 5);
  const { skill, excluded } = of('active');
  assert.ok(skill.bestNaive <= 1 - of('active').maeKw / daily.maeKw + 1e-3, JSON.stringify(skill));
  assert.ok(skill.ci95[0] <= skill.bestNaive && skill.bestNaive <= skill.ci95[1]);
  assert.deepEqual(
    [of('baseline:seasonal-naive-24').skill, excluded],
    [null, { badQuality: 0, outage: 0, missing: 0 }],
  );

  const known = Float64Array.from({ length: 4 * 24 }, (_, hour) => {
    const start = START - (4 * day - 4 * hour) * QUARTER_MS;
    return [0, 1, 2, 3].reduce((sum, step) => sum + loadAt('owd-01/transformer', start + step * QUARTER_MS), 0) / 4;
  });
  assert.equal(result.data.sha256, createHash('sha256').update(new Uint8Array(known.buffer)).digest('hex'));
  assert.equal(result.data.known, 96);
  assert.ok(result.codeVersion.startsWith(VERSION), result.codeVersion);

  const file = await rig.ask('GET', result.predictions.href, { token: TOKEN });
  const rows = await parquetReadObjects({ file: new Uint8Array(file.rawPayload).buffer });
  assert.equal(rows.length, result.predictions.rows);
  const naive = rows.filter(({ model }) => model === 'baseline:seasonal-naive-24');
  const mae = naive.reduce((sum, row) => sum + Math.abs(row['quantile_P50'] - row['actual']), 0) / naive.length;
  assert.ok(Math.abs(mae - daily.maeKw) < 1e-3);
  assert.ok(naive.every(({ issuedAt, start, leadTimeS }) => Number(start) - Number(issuedAt) === 1000 * leadTimeS));
  const again = await rig.ask('GET', `/v1/backtests/${result.id}`, { token: TOKEN });
  assert.deepEqual(again.json(), result);
  assert.match(String(again.headers['cache-control']), /immutable/);
  assert.equal((await rig.ask('GET', `/v1/backtests/${result.id}`, { token: PART_TOKEN })).statusCode, 404);
});

test('a backtest of a span without data says so', async () => {
  const answer = await run(body({ models: ['baseline:same-hour-mean-7'], start: at(-900 * day), end: at(-899 * day) }));
  assert.deepEqual([answer.json().code, answer.json().errors[0].pointer], ['LS-API-007', '/body/start'], answer.body);
});

test('an issue uses only data stored by then: later data changes no earlier prediction', async () => {
  const first = (
    await run(body({ models: ['baseline:same-hour-mean-7'], issue: 'D-1T0800[Europe/Amsterdam]' }))
  ).json();
  await rig.live(4);
  const again = (
    await run(body({ models: ['baseline:same-hour-mean-7'], issue: 'D-1T0800[Europe/Amsterdam]' }))
  ).json();
  assert.deepEqual(again.rows, first.rows);
  assert.equal(first.issues, 5);
});

test('the active model is refitted on what was known then; without refitting the result warns that it saw the span', async () => {
  const seen = (await run(body({ models: ['active'] }))).json();
  assert.match(seen.warnings[0], /after the first issue/);
  const fitted = (await run(body({ models: ['active'], refit: 'P2D' }))).json();
  assert.deepEqual(fitted.warnings, []);
  assert.equal(fitted.refit, 'P2D');
  assert.notDeepEqual(fitted.rows, seen.rows);
});

test('each row states the weather kind; without any vintage, vintage equals none to the last digit', async () => {
  const ask = body({ models: ['active', 'baseline:seasonal-naive-24'] });
  const [vintage, none] = [
    (await run({ ...ask, weather: 'vintage' })).json(),
    (await run({ ...ask, weather: 'none' })).json(),
  ];
  assert.deepEqual(vintage.rows, none.rows);
  assert.ok(vintage.rows.every(({ weather }: { weather: string }) => weather === 'none'));
});

test('a seven-day backtest scores each day, with the week-ahead member refitted at each issue', async () => {
  const answer = await run(body({ start: at(-8 * day), issue: 'P4D', horizon: 'P7D' }));
  assert.equal(answer.statusCode, 200, answer.body);
  const result = answer.json();
  assert.equal(result.horizon, 'PT168H');
  for (const model of body().models) {
    const rows = result.rows.filter((row: { model: string }) => row.model === model);
    assert.deepEqual(
      rows.map(({ leadTime, n }: { leadTime: string | null; n: number }) => [leadTime, n]),
      [
        [null, 168 + 96],
        ['PT1H', 4],
        ['PT6H', 10],
        ['PT12H', 12],
        ['PT24H', 24],
        ['PT48H', 48],
        ['PT72H', 48],
        ['PT96H', 47],
        ['PT120H', 24],
        ['PT144H', 24],
        ['PT168H', 23],
      ],
    );
  }
});

test('an invalid backtest is rejected with the place of the error', async () => {
  const cases: [object, number, string][] = [
    [{ models: ['mdl_nowhere'] }, 404, '/body/models/0'],
    [{ models: ['active', 'active'] }, 422, '/body/models'],
    [{ end: at(400) }, 422, '/body/end'],
    [{ horizon: 'P9D' }, 422, '/body/horizon'],
    [{ issue: 'PT7M' }, 422, '/body/issue'],
    [{ issue: 'tomorrow' }, 400, '/body/issue'],
    [{ refit: 'PT1H' }, 422, '/body/refit'],
    [{ start: at(-9000), issue: 'PT15M' }, 413, '/body'],
  ];
  for (const [more, status, pointer] of cases) {
    const answer = await run(body(more));
    assert.equal(answer.statusCode, status, answer.body);
    assert.equal(answer.json().errors[0].pointer, pointer);
  }
  assert.equal((await run(body({ target: 'substation:whf' }), PART_TOKEN)).statusCode, 403);
});
