import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { loadAt, PART_TOKEN, plannerFixture, QUARTER_MS } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
const QUARTERS = 96 + 32;
await rig.live(QUARTERS, 4);
const at = (quarters: number): string => new Date(START + quarters * QUARTER_MS).toISOString();
const url = `/v1/scorecards?target=substation:owd&start=${at(0)}&end=${at(QUARTERS)}`;

interface Row {
  readonly model: string;
  readonly leadTime: string;
  readonly n: number;
  readonly maeKw: number;
  readonly skill: { readonly bestNaive: number } | null;
}

test('issued forecasts are scored by lead time beside naive baselines, matching a plain sum', async () => {
  const { items } = (await rig.get(url)).json<{ items: Row[] }>();
  const of = (model: string, leadTime: string): Row =>
    items.find((row) => row.model === model && row.leadTime === leadTime)!;
  const actual = (time: number): number => loadAt('owd-01/transformer', time);

  const naive = of('baseline:seasonalNaive24', 'PT24H');
  const errors = Array.from({ length: naive.n }, (_, i) => START + i * QUARTER_MS).map((time) =>
    Math.abs(actual(time - 86_400_000) - actual(time)),
  );
  assert.equal(naive.n, QUARTERS);
  assert.ok(Math.abs(naive.maeKw - errors.reduce((sum, error) => sum + error, 0) / errors.length) < 1e-3);

  const own = of('same-hour-mean', 'PT1H');
  const { items: vintages } = (
    await rig.get(`/v1/forecasts?target=substation:owd&start=${at(0)}&end=${at(QUARTERS)}&quantiles=0.5&limit=1000`)
  ).json<{ items: { start: string; quantile_P50: number }[] }>();
  const mae =
    vintages.reduce((sum, row) => sum + Math.abs(row.quantile_P50 - actual(Date.parse(row.start))), 0) /
    vintages.length;
  assert.equal(own.n, vintages.length);
  assert.ok(Math.abs(own.maeKw - mae) < 1e-3, `${own.maeKw} ${mae}`);
  assert.ok(own.skill !== null && own.skill.bestNaive < 1);
  // Lead times above 24 h only exist from the second day on.
  assert.ok(of('same-hour-mean', 'PT48H').n < own.n - 90);
});

test('a scorecard covers one lead-time class; empty or overlong spans are rejected; rights are checked', async () => {
  const one = (await rig.get(`${url}&leadTime=PT6H`)).json<{ items: Row[] }>().items;
  assert.deepEqual([...new Set(one.map(({ leadTime }) => leadTime))], ['PT6H']);
  const ask = (query: string) => rig.get(`/v1/scorecards?target=substation:owd&${query}`);
  assert.equal((await ask(`start=${at(4)}&end=${at(4)}`)).statusCode, 422);
  assert.equal((await ask(`start=2020-01-01T00:00:00Z&end=${at(4)}`)).statusCode, 413);
  const foreign = await rig.ask('GET', url.replace('owd', 'whf'), { token: PART_TOKEN });
  assert.equal(foreign.statusCode, 403);
});

test('forecasts available at a time of the day before are scored, by parameter or as a group', async () => {
  const rule = 'D-1T0600[Europe/Amsterdam]';
  const rows = async (query: string) =>
    (await rig.get(`${url}&${query}`)).json<{ items: (Row & { availableAt: string })[] }>().items;
  const items = await rows(`availableAt=${rule}`);
  const own = items.find(({ model }) => model === 'same-hour-mean')!;
  const naive = items.find(({ model }) => model === 'baseline:persistence')!;
  const { items: vintages } = (
    await rig.get(
      `/v1/forecasts?target=substation:owd&start=${at(0)}&end=${at(QUARTERS)}&availableAt=${rule}&quantiles=0.5&limit=1000`,
    )
  ).json<{ items: { start: string; issuedAt: string; quantile_P50: number }[] }>();
  // The local day of 26 September begins two hours before midnight UTC, and 06:00 of the day before is 04:00 UTC.
  assert.equal(vintages.length, QUARTERS - 88);
  const issue = at(16).replace('.000', '');
  assert.ok(vintages.every(({ issuedAt }) => issuedAt === issue));
  const actual = (time: number): number => loadAt('owd-01/transformer', time);
  const errors = vintages.map((row) => Math.abs(row.quantile_P50 - actual(Date.parse(row.start))));
  assert.deepEqual([own.n, own.leadTime, own.availableAt], [vintages.length, null, rule]);
  assert.ok(Math.abs(own.maeKw - errors.reduce((sum, error) => sum + error, 0) / own.n) < 1e-3);
  // Persistence knows the last interval that had ended by then.
  const naiveErrors = Array.from({ length: QUARTERS }, (_, step) => {
    const known = START + (step < 88 ? 15 - 96 : 15) * QUARTER_MS;
    return Math.abs(actual(known) - actual(START + step * QUARTER_MS));
  });
  assert.equal(naive.n, QUARTERS);
  assert.ok(Math.abs(naive.maeKw - naiveErrors.reduce((sum, error) => sum + error, 0) / QUARTERS) < 1e-3);
  // At ten past six no further interval has ended.
  const later = await rows(`availableAt=${rule.replace('0600', '0610')}`);
  assert.equal(later.find(({ model }) => model === 'baseline:persistence')!.maeKw, naive.maeKw);

  assert.deepEqual(await rows('groupBy=availableAt,model'), items);
  assert.deepEqual(await rows(`groupBy=model,availableAt&availableAt=${rule}`), items);
  const [pooled, ...others] = await rows('groupBy=availableAt');
  assert.deepEqual([pooled!.model, pooled!.n, pooled!.maeKw, others], [null, own.n, own.maeKw, []]);
  const [level] = await rows('groupBy=level,availableAt');
  assert.deepEqual([level!.availableAt, level!.n], [rule, own.n]);
  const both = await rig.get(`${url}&groupBy=leadTime,availableAt`);
  assert.deepEqual([both.statusCode, both.json().errors[0].pointer], [422, '/querystring/groupBy']);
  assert.equal((await rig.get(`${url}&groupBy=availableAt&leadTime=PT1H`)).statusCode, 422);
});

interface LevelRow extends Row {
  readonly target: string;
  readonly level: string;
  readonly targets: number;
  readonly rmseKw: number;
  readonly nMae: number;
  readonly rCrpsPeakWeighted: number;
  readonly weather: string;
}

test('a scorecard by level is the mean of its targets’ scorecards with equal weight', async () => {
  const span = `start=${at(0)}&end=${at(QUARTERS)}&leadTime=PT24H`;
  const ask = async (target: string, groupBy: string): Promise<LevelRow[]> => {
    const answer = await rig.get(`/v1/scorecards?target=${target}&${span}&groupBy=${groupBy}`);
    assert.equal(answer.statusCode, 200, answer.body);
    return answer.json<{ items: LevelRow[] }>().items;
  };
  const levels = await ask('region:*,substation:*,feeder:*,rest:*', 'level,leadTime,model');
  assert.deepEqual([...new Set(levels.map(({ level }) => level))], ['region', 'substation', 'feeder', 'rest']);
  const single = await ask('substation:*', 'leadTime,model');
  assert.equal(new Set(single.map(({ target }) => target)).size, 2);
  for (const model of ['baseline:seasonalNaive24', null]) {
    const row = levels.find((each) => each.level === 'substation' && each.model === model)!;
    assert.deepEqual([row.target, row.targets, row.weather], ['substation:*', 2, 'none']);
    const own = single.filter((each) => (model === null ? !each.model.startsWith('baseline:') : each.model === model));
    assert.equal(
      row.n,
      own.reduce((sum, { n }) => sum + n, 0),
    );
    for (const name of ['nMae', 'rmseKw', 'rCrpsPeakWeighted'] as const)
      assert.ok(Math.abs(row[name] - own.reduce((sum, each) => sum + each[name], 0) / own.length) < 1e-4, name);
    assert.equal(row.skill === null, model !== null);
  }
  const pooled = await ask('substation:*', 'level');
  assert.deepEqual(
    pooled.map(({ level, model, leadTime }) => [level, model, leadTime]),
    [['substation', null, null]],
  );
});

test('a scorecard of many targets is limited in days', async () => {
  const start = new Date(START - 80 * 96 * QUARTER_MS).toISOString();
  const long = await rig.get(`/v1/scorecards?target=region:*,substation:*,feeder:*,rest:*&start=${start}&end=${at(0)}`);
  assert.equal(long.statusCode, 413, long.body);
  assert.match(long.json().detail, /a scorecard of 7 targets spans at most 57 days/);
});

test("another system's errors are never pooled with ours, and state its weather kind", async () => {
  const values = { quantile_P50: Array.from({ length: 96 }, () => 9999) };
  const posted = await rig.ask('POST', '/v1/forecasts/external', {
    payload: {
      target: 'substation:owd',
      source: 'rival',
      issuedAt: at(0),
      start: at(0),
      resolution: 'PT15M',
      weather: 'vintage',
      values,
    },
    token: TOKEN,
  });
  assert.equal(posted.statusCode, 201, posted.body);
  assert.equal(posted.json().weatherKind, 'vintage');
  const rows = async (groupBy: string): Promise<LevelRow[]> =>
    (await rig.get(`${url}&leadTime=PT6H&groupBy=${groupBy}`)).json<{ items: LevelRow[] }>().items;
  const rival = (await rows('model')).find(({ model }) => model === 'external:rival')!;
  assert.equal(rival.weather, 'vintage');
  assert.ok(rival.maeKw > 5000);
  const [ours, ...others] = await rows('leadTime');
  assert.deepEqual(others, []);
  assert.ok(ours!.maeKw < 1000, `${ours!.maeKw}`);
});

test('rMAE and rCRPS depend only on the steps that are scored, wherever the requested span begins and ends', async () => {
  // Three weeks into the history: the range of the load grows at the weekend.
  const thursday = Date.UTC(2021, 7, 19);
  const iso = (hours: number): string => new Date(thursday + hours * 3_600_000).toISOString();
  const values = { quantile_P50: Array.from({ length: 384 }, (_, step) => 1500 + 2 * step) };
  const posted = await rig.ask('POST', '/v1/forecasts/external', {
    payload: {
      target: 'substation:owd',
      source: 'ramp',
      issuedAt: iso(0),
      start: iso(0),
      resolution: 'PT15M',
      values,
    },
    token: TOKEN,
  });
  assert.equal(posted.statusCode, 201, posted.body);
  const row = async (from: number, to: number) => {
    const span = `start=${iso(from)}&end=${iso(to)}&groupBy=model`;
    const { items } = (await rig.get(`/v1/scorecards?target=substation:owd&${span}`)).json<{
      items: (LevelRow & { rMae: number; rCrps: number })[];
    }>();
    return items.find(({ model }) => model === 'external:ramp')!;
  };
  const parts = [await row(0, 18), await row(18, 66), await row(66, 96)];
  const whole = await row(0, 96);
  assert.equal(
    whole.n,
    parts.reduce((sum, { n }) => sum + n, 0),
  );
  for (const name of ['rMae', 'rCrps'] as const) {
    const mean = parts.reduce((sum, part) => sum + part.n * part[name], 0) / whole.n;
    assert.ok(Math.abs(whole[name] - mean) < 1.1e-4, `${name} ${whole[name]} ${mean}`);
  }
});
