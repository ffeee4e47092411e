import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { loadAt, PART_TOKEN, plannerFixture } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
await rig.live(4);
const PATIENCE = 60_000;
const DAY_MS = 86_400_000;
const time = (days: number): string => new Date(START + days * DAY_MS).toISOString();
const history = { kind: 'history', start: time(-7), end: time(0) };

const create = (body: object, token = TOKEN) => rig.ask('POST', '/v1/scenarios', { token, payload: body });

async function run(target: string, body: object) {
  const { id } = (await create(body)).json<{ id: string }>();
  const accepted = await rig.ask('POST', '/v1/forecasts', { token: TOKEN, payload: { target, scenario: id } });
  assert.equal(accepted.statusCode, 202);
  const job = (await rig.jobs.finished(accepted.json<{ id: string }>().id, PATIENCE))!;
  assert.equal(job.fault, null);
  const answer = await rig.get(job.href!);
  assert.match(String(answer.headers['cache-control']), /immutable/);
  return { id, href: job.href!, result: answer.json() };
}

test('history with changes: base, scenario and a summary of both', async () => {
  const { result } = await run('substation:owd', {
    name: 'more of it',
    base: history,
    changes: [
      { type: 'connection', target: 'feeder:owd-1', kw: 500, profile: 'flat' },
      { type: 'scale', target: 'region:north', factor: 1.1 },
      { type: 'connection', target: 'substation:whf', kw: 9000, profile: 'flat' },
    ],
  });
  assert.equal(result.kind, 'scenario');
  assert.equal(result.base.values.quantile_P50.length, 7 * 96);
  for (const step of [0, 100, 600]) {
    const own = loadAt('owd-01/transformer', START - 7 * DAY_MS + step * 900_000);
    assert.equal(result.base.values.quantile_P50[step], own);
    assert.ok(Math.abs(result.scenario.values.quantile_P50[step] - (1.1 * own + 500)) < 0.01);
  }
  const peak = Math.max(...result.scenario.values.quantile_P50);
  assert.ok(Math.abs(result.summary.scenario.peakKw - peak) < 0.01);
  assert.ok(Math.abs(result.summary.scenario.energyMwh - 1.1 * result.summary.base.energyMwh - 0.5 * 7 * 24) < 0.01);
});

test('a feeder that is moved takes its load along, from its day on', async () => {
  const changes = [{ type: 'transfer', feeder: 'feeder:whf-1', to: 'substation:owd', from: time(-3) }];
  const to = (await run('substation:owd', { name: 'to', base: history, changes })).result;
  const from = (await run('substation:whf', { name: 'from', base: history, changes })).result;
  const both = (await run('region:north', { name: 'both', base: history, changes })).result;
  const moved = (step: number): number => loadAt('whf-01/feeder-1', START - 7 * DAY_MS + step * 900_000);
  for (const [step, factor] of [
    [4 * 96 - 1, 0],
    [4 * 96, 1],
    [600, 1],
  ] as const) {
    const change = (result: typeof to): number =>
      result.scenario.values.quantile_P50[step] - result.base.values.quantile_P50[step];
    assert.ok(Math.abs(change(to) - factor * moved(step)) < 0.01);
    assert.ok(Math.abs(change(from) + factor * moved(step)) < 0.01);
    assert.ok(Math.abs(change(both)) < 0.01);
  }
});

test('on the forecast each quantile moves; it is no vintage and enters no scorecard', async () => {
  const { result, href } = await run('substation:owd', {
    name: 'soon',
    base: { kind: 'forecast' },
    changes: [{ type: 'ev', target: 'substation:owd', chargers: 100, ratedKw: 11, profile: 'home-evening' }],
  });
  const { values } = result.scenario;
  assert.ok(Object.keys(values).length === 19 && values.quantile_P5.length === 192);
  assert.ok(result.summary.scenario.energyMwh > result.summary.base.energyMwh);
  assert.ok(result.summary.scenario.simultaneity < 1);
  for (const kind of ['issued', 'scenario']) {
    const { items } = (
      await rig.get(
        `/v1/forecasts?target=substation:owd&start=${time(0)}&end=${time(1)}&kind=${kind}&quantiles=0.5&limit=1000`,
      )
    ).json();
    assert.ok(items.every((row: { forecastId: string }) => !href.endsWith(row.forecastId)));
  }
});

test('a scenario is its maker’s, listed in pages, deleted only while unused; rights are checked on every target', async () => {
  const body = {
    name: 'own',
    base: { kind: 'forecast' },
    changes: [{ type: 'pv', target: 'substation:owd', addedKwp: 10 }],
  };
  const { id } = (await create(body)).json<{ id: string }>();
  assert.equal((await rig.get(`/v1/scenarios/${id}`)).json().name, 'own');
  assert.equal((await rig.ask('GET', `/v1/scenarios/${id}`, { token: PART_TOKEN })).statusCode, 404);
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { items: { id: string }[]; nextCursor: string | null } = (
      await rig.get(`/v1/scenarios?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
    ).json();
    ids.push(...page.items.map((item) => item.id));
    cursor = page.nextCursor;
  }
  assert.ok(ids.includes(id) && new Set(ids).size === ids.length);
  assert.equal((await rig.ask('DELETE', `/v1/scenarios/${id}`, { token: TOKEN })).statusCode, 204);
  const used = await run('substation:owd', body);
  assert.equal((await rig.ask('DELETE', `/v1/scenarios/${used.id}`, { token: TOKEN })).json().code, 'LS-API-005');
  assert.equal((await rig.ask('GET', used.href, { token: PART_TOKEN })).statusCode, 404);
  const foreign = { ...body, changes: [{ type: 'transfer', feeder: 'feeder:whf-1', to: 'substation:owd' }] };
  assert.equal((await create(foreign, PART_TOKEN)).statusCode, 403);
  assert.equal((await create({ ...body, changes: [{ type: 'temperature', deltaK: 1 }] })).statusCode, 422);
});
