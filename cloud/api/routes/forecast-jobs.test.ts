import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { PART_TOKEN, plannerFixture, QUARTER_MS, READ_TOKEN } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
await rig.live(4);
const at = (quarters: number): string => new Date(START + quarters * QUARTER_MS).toISOString();
const PATIENCE = 60_000;

const start = (payload: object, headers: object = {}, token = TOKEN) =>
  rig.ask('POST', '/v1/forecasts', { token, headers, payload });

async function result(
  payload: object,
): Promise<{ job: { error: { code: string } | null }; forecast: ReturnType<typeof JSON.parse> }> {
  const accepted = await start(payload);
  assert.equal(accepted.statusCode, 202);
  await rig.jobs.finished(accepted.json().id, PATIENCE);
  const job = (await rig.get(String(accepted.headers['location']))).json();
  return { job, forecast: job.result === null ? undefined : (await rig.get(job.result.href)).json() };
}

test('a job is accepted with its location; its result is the newest issued forecast', async () => {
  const accepted = await start({
    target: 'substation:owd',
    quantiles: [0.1, 0.5],
    horizon: 'PT24H',
    resolution: 'PT1H',
  });
  assert.equal(accepted.statusCode, 202);
  assert.equal(accepted.headers['location'], `/v1/jobs/${accepted.json().id}`);
  assert.ok(Number(accepted.headers['retry-after']) > 0);
  await rig.jobs.finished(accepted.json().id, PATIENCE);
  const job = await rig.get(`/v1/jobs/${accepted.json().id}`);
  assert.equal(job.json().status, 'succeeded');
  assert.equal(job.headers['retry-after'], undefined);
  const forecast = (await rig.get(job.json().result.href)).json();
  assert.equal(forecast.kind, 'issued');
  assert.equal(forecast.id, rig.forecasts.newest('substation:owd')!.id);
  assert.deepEqual(Object.keys(forecast.values), ['quantile_P10', 'quantile_P50']);
  assert.equal(forecast.values.quantile_P50.length, 24);
});

test('a request that prefers to wait gets the forecast in the answer', async () => {
  const answer = await start({ target: 'substation:owd', asOf: at(2), quantiles: [0.5] }, { prefer: 'wait=10' });
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.json().kind, 'reconstruction');
  assert.equal(answer.json().start, '2021-09-25T00:30:00Z');
  assert.equal(answer.json().values.quantile_P50.length, 192);
});

test('a reconstruction uses only what was known at asOf and is never listed as issued', async () => {
  const first = (await result({ target: 'feeder:owd-1', asOf: at(2), weather: 'none' })).forecast;
  await rig.live(2);
  const later = (await result({ target: 'feeder:owd-1', asOf: at(2), weather: 'none' })).forecast;
  assert.deepEqual(later.values, first.values);
  assert.equal(later.dataUpTo, '2021-09-25T00:30:00Z');
  const listed = (kind: string) =>
    rig.get(`/v1/forecasts?target=feeder:owd-1&start=${at(8)}&end=${at(9)}&vintages=all&kind=${kind}&limit=1000`);
  const issued = (await listed('issued')).json().items.map((row: { forecastId: string }) => row.forecastId);
  assert.ok(issued.length > 0 && !issued.includes(first.id));
  assert.ok(
    (await listed('reconstruction')).json().items.some((row: { forecastId: string }) => row.forecastId === first.id),
  );
  assert.notEqual(rig.forecasts.newest('feeder:owd-1')!.id, later.id);
});

test('fallback: fail turns a fallback into its error code', async () => {
  const { job, forecast } = await result({ target: 'substation:owd', fallback: 'fail' });
  assert.equal(forecast, undefined);
  assert.equal(job.error!.code, 'LS-FORECAST-001');
});

test('an idempotency key makes one job; a different request under it is rejected', async () => {
  const body = { target: 'substation:owd', quantiles: [0.5] };
  const key = { 'idempotency-key': 'k-1' };
  const first = await start(body, key);
  const again = await start(body, key);
  assert.equal(again.statusCode, 202);
  assert.equal(again.body, first.body);
  assert.equal(again.headers['location'], first.headers['location']);
  assert.equal(again.headers['idempotency-replayed'], 'true');
  const other = await start({ ...body, target: 'substation:whf' }, key);
  assert.equal(other.statusCode, 422);
  assert.equal(other.json().code, 'LS-API-012');
  const another = await start({ target: 'substation:owd' }, key, PART_TOKEN);
  assert.equal(another.statusCode, 202);
  assert.notEqual(another.json().id, first.json().id);
  await rig.clock.advance(25 * 3_600_000);
  assert.notEqual((await start(body, key)).json().id, first.json().id);
});

test('an impossible request is rejected with its reason', async () => {
  const cases: [object, number, string, string?][] = [
    [{ target: 'substation:nowhere' }, 404, 'LS-API-004'],
    [{ target: 'substation:owd', asOf: at(100_000) }, 422, 'LS-API-007'],
    [{ target: 'substation:owd', start: at(100_000) }, 422, 'LS-API-007'],
    [{ target: 'substation:owd', horizon: 'P8D' }, 422, 'LS-API-007'],
    [{ target: 'substation:owd', quantiles: [0.33] }, 422, 'LS-API-007'],
    [{ target: 'substation:owd', surprise: 1 }, 400, 'LS-API-001'],
    [{ target: 'substation:whf' }, 403, 'LS-API-003', PART_TOKEN],
    [{ target: 'substation:owd' }, 403, 'LS-API-003', READ_TOKEN],
  ];
  for (const [payload, status, code, token] of cases) {
    const answer = await start(payload, {}, token);
    assert.equal(answer.statusCode, status, JSON.stringify(payload));
    assert.equal(answer.json().code, code);
  }
});

test('an unknown or foreign model is rejected at once; one removed before its job starts fails the job', async () => {
  const model = 'mdl-none';
  const asked = await start({ target: 'substation:owd', model });
  assert.deepEqual([asked.statusCode, asked.json().code], [404, 'LS-MODEL-002'], asked.body);
  assert.equal(asked.json().errors[0].pointer, '/body/model');
  const ofSum = await start({ target: { sumOf: ['substation:owd', 'feeder:whf-1'] }, model });
  assert.deepEqual([ofSum.statusCode, ofSum.json().errors[0].pointer], [422, '/body/model']);
  for (const [target, code] of [
    ['substation:owd', 'LS-MODEL-002'],
    ['sum:feeder:whf-1+substation:owd', 'LS-API-007'],
  ]) {
    const request = { target, asOf: null, model, weather: 'vintage', fallback: 'allow', show: '' };
    const { id } = await rig.jobs.submit({ kind: 'forecast', owner: 'owner', request });
    const { fault } = (await rig.jobs.finished(id, PATIENCE))!;
    assert.deepEqual([fault?.code, fault?.pointer], [code, '/body/model']);
  }
});

test('a job belongs to its owner; a finished one cannot be cancelled', async () => {
  const { id } = (await start({ target: 'substation:owd' })).json();
  assert.equal((await rig.ask('GET', `/v1/jobs/${id}`, { token: PART_TOKEN })).statusCode, 404);
  assert.equal((await rig.ask('DELETE', `/v1/jobs/${id}`, { token: PART_TOKEN })).statusCode, 404);
  await rig.jobs.finished(id, PATIENCE);
  const late = await rig.ask('DELETE', `/v1/jobs/${id}`, { token: TOKEN });
  assert.equal(late.statusCode, 409);
});

test("a sum uses joint errors: its band is no wider than the members' bands together, its quantiles ascend", async () => {
  const members = ['substation:owd', 'feeder:whf-1'];
  for (const asOf of [undefined, at(2)]) {
    const { forecast } = await result({ target: { sumOf: members }, ...(asOf === undefined ? {} : { asOf }) });
    assert.deepEqual(forecast.target, { sumOf: members.toSorted() });
    assert.equal(forecast.kind, asOf === undefined ? 'issued' : 'reconstruction');
    assert.deepEqual(forecast.model, { id: 'sum-of-parts', sha256: null, members: { parts: 1 }, weights: null });
    const parts: { values: Record<string, number[]> }[] = [];
    for (const target of members)
      parts.push((await result({ target, ...(asOf === undefined ? {} : { asOf }) })).forecast);
    const width = (each: { values: Record<string, number[]> }, step: number): number =>
      each.values['quantile_P90']![step]! - each.values['quantile_P10']![step]!;
    const columns = Object.values<number[]>(forecast.values);
    for (const step of columns[0]!.keys()) {
      for (let q = 1; q < columns.length; q++) assert.ok(columns[q]![step]! >= columns[q - 1]![step]!);
      const widest = parts.reduce((sum, part) => sum + width(part, step), 0);
      assert.ok(width(forecast, step) <= widest + 0.1);
    }
  }
});

test('a sum counts no member twice and needs a right on each', async () => {
  const refused = async (payload: object, token = TOKEN) => {
    const answer = await start(payload, {}, token);
    return [answer.statusCode, answer.json().errors?.[0]?.pointer];
  };
  const sumOf = (...members: string[]) => ({ target: { sumOf: members } });
  assert.deepEqual(await refused(sumOf('substation:owd', 'substation:owd')), [422, '/body/target/sumOf/1']);
  assert.deepEqual(await refused(sumOf('feeder:owd-1', 'substation:owd')), [422, '/body/target/sumOf/0']);
  assert.deepEqual(await refused(sumOf('substation:owd', 'substation:xyz')), [404, '/body/target/sumOf/1']);
  assert.equal((await refused(sumOf('feeder:whf-1', 'substation:owd'), PART_TOKEN))[0], 403);
});
