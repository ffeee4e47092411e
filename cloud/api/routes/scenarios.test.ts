import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { readParquet } from '../../tables/read-parquet.ts';
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

test('a scenario on history returns base, scenario and a summary of both', async () => {
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

test('a moved feeder takes its load along from the given day on', async () => {
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

test('a scenario on the forecast shifts each quantile; it is neither listed as a vintage nor scored', async () => {
  const { result, href } = await run('substation:owd', {
    name: 'soon',
    base: { kind: 'forecast' },
    changes: [{ type: 'ev', target: 'substation:owd', chargers: 100, ratedKw: 11, profile: 'home-evening' }],
  });
  const { values } = result.scenario;
  assert.ok(Object.keys(values).length === 19 && values.quantile_P5.length === 192);
  assert.ok(result.summary.scenario.energyMwh > result.summary.base.energyMwh);
  assert.ok(result.summary.scenario.simultaneity < 1);
  const query = `target=substation:owd&start=${time(0)}&end=${time(1)}&quantiles=0.5&limit=1000`;
  const { items } = (await rig.get(`/v1/forecasts?${query}&kind=issued`)).json();
  assert.ok(items.every((row: { forecastId: string }) => !href.endsWith(row.forecastId)));
  // An empty list would look as if there were none.
  const refused = await rig.get(`/v1/forecasts?${query}&kind=scenario`);
  assert.deepEqual([refused.statusCode, refused.json().errors[0].pointer], [400, '/querystring/kind']);
});

test('a scenario result is read like a forecast: part, unit, CSV, Parquet, and 304 once fetched', async () => {
  const { href, result } = await run('substation:owd', {
    name: 'shown',
    base: { kind: 'forecast' },
    changes: [{ type: 'connection', target: 'substation:owd', kw: 500, profile: 'flat' }],
  });
  const part = 'quantiles=0.1,0.5&resolution=PT1H&horizon=PT24H';
  const hourly = await rig.get(`${href}?${part}&unit=MW`);
  const { base, scenario } = hourly.json();
  assert.deepEqual([hourly.json().unit, hourly.json().resolution], ['MW', 'PT1H']);
  assert.deepEqual(Object.keys(scenario.values), ['quantile_P10', 'quantile_P50']);
  const mean = result.scenario.values.quantile_P50.slice(0, 4).reduce((sum: number, kw: number) => sum + kw, 0) / 4000;
  assert.equal(scenario.values.quantile_P50.length, 24);
  assert.ok(Math.abs(scenario.values.quantile_P50[0] - mean) < 1e-6);
  assert.ok(Math.abs(scenario.values.quantile_P10[5] - base.values.quantile_P10[5] - 0.5) < 1e-6);

  const longer = (await rig.get(`${href}?quantiles=0.5&horizon=P400D`)).json();
  assert.match(longer.warnings.at(-1), /^horizon: P400D reaches beyond the end of the forecast at 2021-/);

  const csv = await rig.get(`${href}?${part}&format=csv&timezone=Europe/Amsterdam`);
  assert.equal(csv.headers['content-type'], 'text/csv; charset=utf-8; header=present');
  assert.match(String(csv.headers['cache-control']), /immutable/);
  assert.equal(csv.headers['vary'], 'Accept');
  const [head, first, ...others] = csv.body.trim().split('\r\n');
  assert.equal(head, 'target,start,startLocal,quantile_P10,quantile_P50,base_quantile_P10,base_quantile_P50');
  assert.equal(others.length, 23);
  const cells = first!.split(',');
  assert.deepEqual(cells.slice(0, 2), ['substation:owd', result.start]);
  assert.ok(
    Math.abs(Number(cells[4]) - 1000 * mean) < 0.01 && Math.abs(Number(cells[4]) - Number(cells[6]) - 500) < 0.01,
  );
  const accepted = await rig.get(`${href}?${part}&timezone=Europe/Amsterdam`, { accept: 'text/csv' });
  assert.equal(accepted.body, csv.body);
  const again = await rig.get(`${href}?${part}&format=csv&timezone=Europe/Amsterdam`, {
    'if-none-match': String(csv.headers['etag']),
  });
  assert.deepEqual([again.statusCode, again.body], [304, '']);

  const parquet = await rig.get(`${href}?format=parquet`);
  const table = await readParquet(parquet.rawPayload);
  assert.equal(table.count, 192);
  assert.deepEqual(table.columns['quantile_P50'], result.scenario.values.quantile_P50);
  assert.deepEqual(table.columns['base_quantile_P50'], result.base.values.quantile_P50);
  for (const [query, status, code] of [
    ['format=xlsx', 400, 'LS-API-001'],
    ['quantiles=0.33', 422, 'LS-API-007'],
    ['resolution=PT15M&start=2031-01-01T00:00:00Z', 422, 'LS-API-007'],
    ['format=csv&timezone=Mars', 400, 'LS-API-001'],
  ] as const) {
    const refused = await rig.get(`${href}?${query}`);
    assert.deepEqual([refused.statusCode, refused.json().code], [status, code], query);
  }
  assert.equal((await rig.get(href, { accept: 'image/png' })).json().code, 'LS-API-011');
});

test('a scenario job answers with the requested part, even at once, and is rejected if its base leaves no room', async () => {
  const changes = [{ type: 'connection', target: 'substation:owd', kw: 500, profile: 'flat' }];
  const { id: scenario } = (await create({ name: 'asked', base: history, changes })).json<{ id: string }>();
  const ask = (more: object, headers: object = {}) =>
    rig.ask('POST', '/v1/forecasts', {
      token: TOKEN,
      headers,
      payload: { target: 'substation:owd', scenario, model: 'active', weather: 'vintage', fallback: 'allow', ...more },
    });
  const part = { start: time(-1), horizon: 'PT6H', resolution: 'PT1H', unit: 'MW', quantiles: [0.5] };
  const waited = await ask(part, { prefer: 'wait=10' });
  assert.equal(waited.statusCode, 200, waited.body);
  const { start, unit, scenario: changed } = waited.json();
  assert.deepEqual([start, unit, changed.values.quantile_P50.length], [time(-1).replace('.000', ''), 'MW', 6]);
  const accepted = (await ask(part)).json<{ id: string }>();
  const { href } = (await rig.jobs.finished(accepted.id, PATIENCE))!;
  const later = (await rig.get(href!)).json();
  assert.deepEqual({ ...later, id: '' }, { ...waited.json(), id: '' });
  for (const [more, pointer] of [
    [{ asOf: time(-1) }, '/body/asOf'],
    [{ model: 'mdl-1' }, '/body/model'],
    [{ weather: 'none' }, '/body/weather'],
    [{ fallback: 'fail' }, '/body/fallback'],
    [{ load: 'net' }, '/body/load'],
    [{ quantiles: [0.1] }, '/body/quantiles'],
    [{ start: time(0) }, '/body/start'],
    [{ start: 'soon' }, '/body/start'],
    [{ horizon: 'long' }, '/body/horizon'],
    [{ scenario: 'scn_none' }, '/body/scenario'],
  ] as const) {
    const refused = await ask(more);
    assert.ok([400, 404, 422].includes(refused.statusCode), refused.body);
    assert.equal(refused.json().errors[0].pointer, pointer);
  }
});

test('a scenario belongs to its maker, is deleted only while unused, and needs a right on every target', async () => {
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

test('an impossible what-if is rejected with its place', async () => {
  const [change] = [{ type: 'pv', target: 'substation:owd', addedKwp: 10 }];
  const ofOwn = { type: 'transfer', feeder: 'feeder:owd-1', to: 'substation:owd' };
  for (const [more, status, pointer, detail] of [
    [{ base: { ...history, end: time(1) } }, 422, '/body/base/end', /history ends now/],
    [{ changes: [change, ofOwn] }, 422, '/body/changes/1/to', /feeder:owd-1 is already a part of substation:owd/],
    [{ changes: [{ ...change, addedKwp: -1 }] }, 400, '/body/changes/0/addedKwp', /^must be >= 0$/],
    [
      { changes: [{ type: 'connection', target: 'substation:owd', kw: 1, profile: 'noon' }] },
      400,
      '/body/changes/0/profile',
      /^must be flat, office or night$/,
    ],
  ] as const) {
    const refused = await create({ name: 'no', base: history, changes: [change], ...more });
    assert.equal(refused.statusCode, status, refused.body);
    assert.equal(refused.json().errors.length, 1);
    assert.equal(refused.json().errors[0].pointer, pointer);
    assert.match(refused.json().errors[0].detail, detail);
  }
});
