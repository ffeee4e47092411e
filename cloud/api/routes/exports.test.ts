import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../../shared/forecast/features.ts';
import { InputReader } from '../../forecast/serve/target-inputs.ts';
import { targetsOf } from '../../forecast/serve/telemetry-load-source.ts';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { PART_TOKEN, plannerFixture, QUARTER_MS, READ_TOKEN } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
await rig.live(8);
const at = (quarters: number): string => new Date(START + quarters * QUARTER_MS).toISOString();
const exported = async (payload: object, token = TOKEN) => {
  const job = await rig.ask('POST', '/v1/exports', { token, payload, headers: { prefer: 'wait=20' } });
  assert.equal(job.statusCode, 202, job.body);
  assert.equal(job.json().status, 'succeeded', job.body);
  return job.json().result.href as string;
};
const rowsOf = async (href: string) => {
  const answer = await rig.ask('GET', href, { token: TOKEN });
  assert.equal(answer.statusCode, 200);
  return parquetReadObjects({ file: new Uint8Array(answer.rawPayload).buffer });
};

test('an export equals the answers of the routes, for every target, across pages', async () => {
  const span = { start: at(-40 * 96), end: at(0) };
  const href = await exported({ kind: 'measurements', target: 'substation:*', ...span });
  const rows = await rowsOf(href);
  assert.equal(rows.length, 2 * 40 * 96);
  const of = `/v1/measurements?target=substation:whf&start=${at(-96)}&end=${at(0)}`;
  const { values } = (await rig.get(of)).json().items[0];
  assert.deepEqual(
    rows.slice(-96).map(({ value }) => value),
    values,
  );
  const vintages = await rowsOf(
    await exported({
      kind: 'forecasts',
      target: 'substation:owd',
      start: at(2),
      end: at(8),
      vintages: 'all',
      quantiles: '0.5',
    }),
  );
  const listed = (
    await rig.get(
      `/v1/forecasts?target=substation:owd&start=${at(2)}&end=${at(8)}&vintages=all&quantiles=0.5&limit=1000`,
    )
  ).json().items;
  assert.deepEqual(
    vintages.map(({ forecastId }) => forecastId),
    listed.map(({ forecastId }: { forecastId: string }) => forecastId),
  );
});

test('an export error points into the request body, even if only the job finds it', async () => {
  const body = { kind: 'scorecards', target: 'substation:owd', start: at(96), end: at(2 * 96) };
  const ask = (more: object) =>
    rig.ask('POST', '/v1/exports', { token: TOKEN, payload: { ...body, ...more }, headers: { prefer: 'wait=20' } });
  for (const [more, status, pointer] of [
    [{}, 422, '/body/end'],
    [{ timezone: 'Mars/Olympus' }, 400, '/body/timezone'],
    [{ availableAt: 'D-1T0600[Mars/Olympus]' }, 400, '/body/availableAt'],
  ] as const) {
    const answer = await ask(more);
    assert.deepEqual([answer.statusCode, answer.json().errors[0].pointer], [status, pointer], answer.body);
  }
});

test('a span without a whole step is rejected instead of giving an empty file', async () => {
  const span = { start: at(-7), end: at(0), resolution: 'PT1H' };
  const payload = { kind: 'measurements', target: 'substation:owd', ...span };
  const { statusCode } = await rig.ask('POST', '/v1/exports', { token: TOKEN, payload });
  assert.equal(statusCode, 202);
  const none = await rig.ask('POST', '/v1/exports', { token: TOKEN, payload: { ...payload, end: at(-2) } });
  assert.deepEqual([none.statusCode, none.json().code], [422, 'LS-API-007'], none.body);
});

test('a training set lists what it leaves out and why; CSV has one header', async () => {
  const outage = { target: 'substation:owd', kind: 'outage', start: at(-96), end: at(-92) };
  assert.equal((await rig.ask('POST', '/v1/annotations', { token: TOKEN, payload: outage })).statusCode, 201);
  const href = await exported({
    kind: 'training',
    target: 'substation:owd',
    start: at(-30 * 96),
    end: at(0),
    format: 'csv',
    timezone: 'Europe/Amsterdam',
  });
  const lines = (await rig.ask('GET', href, { token: TOKEN })).body.trim().split('\r\n');
  assert.equal(lines.length, 1 + 30 * 96);
  assert.equal(lines[0], 'target,start,startLocal,load,excluded,ghiWm2,windMs,isHindcast');
  assert.equal(lines.filter((line) => line.includes(',,outage,')).length, 4);
  const scores = await rowsOf(await exported({ kind: 'scorecards', target: 'substation:*', start: at(0), end: at(8) }));
  assert.ok(scores.some(({ target, model }) => target === 'substation:whf' && model === 'baseline:persistence'));
});

test("features are exported as the model's input rows, with the load that followed", async () => {
  const span = { start: at(-3 * 96), end: at(0) };
  const href = await exported({
    kind: 'features',
    target: 'substation:owd',
    role: 'gateway',
    originEvery: 'PT6H',
    ...span,
  });
  const rows = await rowsOf(href);
  assert.equal(rows.length, 12 * 96);
  const inputs = await new InputReader(rig.loads.learned, undefined, targetsOf(rig.region)).read('substation:owd', {
    end: START - 2 * 86_400_000,
    days: 20,
    ahead: 0,
  });
  const schema = { steps: 96, stepS: 900, weather: false };
  const source = new FeatureSource(schema, inputs.load, new LocalCalendar('Europe/Amsterdam'));
  const fed = source.row(inputs.load.values.length);
  const own = rows.filter(({ origin }) => new Date(origin).getTime() === START - 2 * 86_400_000);
  assert.equal(own.length, 96);
  for (const [name, i] of [
    ['last1', 0],
    ['anomaly24h', 10],
  ] as const)
    assert.equal(Math.fround(own[0]![name]), fed[i]!);
  for (const [name, i] of [
    ['day1', 0],
    ['mean7', 3],
    ['free', 9],
  ] as const)
    assert.equal(Math.fround(own[40]![name]), fed[11 + 40 * 11 + i]!);
  const day = await rig.get(
    `/v1/measurements?target=substation:owd&start=${at(-2 * 96)}&end=${at(-96)}&load=uncontrolled`,
  );
  assert.deepEqual(
    own.map(({ load }) => Math.round(load)),
    day.json().items[0].values.map(Math.round),
  );
  // No load after the end of the export, so that a model trained on it has not seen it.
  assert.ok(rows.filter(({ start }) => new Date(start).getTime() >= START).every(({ load }) => load === null));
  const bad = { kind: 'features', target: 'substation:owd', unit: 'MW', ...span };
  assert.equal((await rig.ask('POST', '/v1/exports', { token: TOKEN, payload: bad })).statusCode, 422);
});

test('a download link works for its creator, within their rights, for 24 h', async () => {
  const span = { start: at(-96), end: at(0) };
  const mine = await exported({ kind: 'measurements', target: 'substation:*', ...span }, PART_TOKEN);
  const own = await rig.ask('GET', mine, { token: PART_TOKEN });
  const targets = new Set(
    (await parquetReadObjects({ file: new Uint8Array(own.rawPayload).buffer })).map(({ target }) => target),
  );
  assert.deepEqual([...targets], ['substation:owd']);
  for (const token of [TOKEN, READ_TOKEN]) assert.equal((await rig.ask('GET', mine, { token })).statusCode, 404);
  const foreign = { kind: 'measurements', target: 'substation:whf', ...span };
  assert.equal((await rig.ask('POST', '/v1/exports', { token: PART_TOKEN, payload: foreign })).statusCode, 403);
  await rig.clock.advance(24 * 3_600_000 + 1);
  assert.equal((await rig.ask('GET', mine, { token: PART_TOKEN })).statusCode, 404);
});
