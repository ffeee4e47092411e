import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inlineCompute } from '../../compute/inline-compute.ts';
import { targetsOf } from '../../forecast/serve/telemetry-load-source.ts';
import { plannerTasks } from '../../planner/planner-tasks.ts';
import { issuedWeekAhead, WeekAheadIssuer } from '../../planner/forecast/week-ahead-issuer.ts';
import { START } from '../testing/api-fixture.ts';
import { loadAt, plannerFixture, QUARTER_MS } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
const DAY_MS = 86_400_000;
const NOW = START + 7 * 3_600_000;
const iso = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z');

await rig.record(START, NOW);
await rig.clock.advance(NOW - START);
await rig.forecasts.issueAll();

const targets = targetsOf(rig.region);
const failures: unknown[] = [];
const parts = {
  clock: rig.clock,
  load: rig.loads.learned,
  weather: rig.weather,
  compute: inlineCompute(plannerTasks),
  store: rig.vintages,
};
const issuer = new WeekAheadIssuer({
  ...parts,
  targets,
  newest: (target) => rig.forecasts.newest(target),
  onFailure: (error) => failures.push(error),
});
const withWeek = async (): Promise<number> => {
  const weeks = await Promise.all(targets.map(({ id }) => rig.vintages.newestWeekAhead(id, 0, rig.clock.plant.now())));
  return weeks.filter((week) => week !== undefined).length;
};

test('each target gets one week-ahead forecast a day, one per tick', async () => {
  for (const [index] of targets.entries()) {
    await issuer.look();
    assert.equal(await withWeek(), index + 1);
  }
  const first = (await rig.vintages.newestWeekAhead('substation:owd', 0, rig.clock.plant.now()))!;
  await issuer.look();
  assert.equal((await rig.vintages.newestWeekAhead('substation:owd', 0, rig.clock.plant.now()))!.id, first.id);
  assert.equal(first.kind, 'issued');
  assert.equal(first.values[0]!.length, 672);
  assert.deepEqual(failures, []);
});

test('the newest forecast extends to day seven on request', async () => {
  const url = '/v1/substations/owd/forecast';
  const near = (await rig.get(`${url}?horizon=PT48H`)).json();
  const week = (await rig.get(`${url}?horizon=P7D&resolution=PT1H`)).json();
  assert.equal(near.extension, null);
  assert.equal(near.values.quantile_P50.length, 192);
  assert.equal(week.start, near.start);
  assert.equal(week.values.quantile_P50.length, 168);
  assert.equal(week.extension.model.id, 'week-ahead');
  const last = (await rig.get(`${url}?start=${iso(NOW + 5 * DAY_MS)}&horizon=PT24H`)).json();
  assert.equal(last.id, week.id);
  assert.equal(last.start, iso(NOW + 5 * DAY_MS));
  const fetched = await rig.get(`${url}?horizon=P7D&resolution=PT1H`);
  const again = await rig.get(`${url}?horizon=P7D&resolution=PT1H`, {
    'if-none-match': String(fetched.headers['etag']),
  });
  assert.equal(again.statusCode, 304);
});

test('days three to seven are scored by day, under the model that issued them', async () => {
  await rig.record(NOW, NOW + 7 * DAY_MS);
  await rig.clock.advance(7 * DAY_MS);
  const { items } = (
    await rig.get(`/v1/scorecards?target=substation:owd&start=${iso(NOW)}&end=${iso(NOW + 7 * DAY_MS)}`)
  ).json();
  const week = (await rig.vintages.newestWeekAhead('substation:owd', 0, rig.clock.plant.now()))!;
  const median = week.values[week.quantiles.indexOf(0.5)]!;
  for (const [index, leadTime] of ['PT72H', 'PT96H', 'PT120H', 'PT144H', 'PT168H'].entries()) {
    const rows = items.filter((row: { leadTime: string }) => row.leadTime === leadTime);
    assert.deepEqual(
      rows.map(({ model }: { model: string }) => model),
      [
        'week-ahead',
        'baseline:seasonalNaive24',
        'baseline:seasonalNaive168',
        'baseline:persistence',
        'baseline:sameHourMean7',
      ],
    );
    const [own] = rows;
    // A step at the end of a class counts in it; the issue at 07:00 itself begins the first class.
    const steps = Array.from({ length: 672 }, (_, step) => step).filter((step) => {
      const leadH = (step * QUARTER_MS) / 3_600_000;
      return leadH > 48 + 24 * index && leadH <= 72 + 24 * index;
    });
    assert.equal(own.n, steps.length);
    const errors = steps.map((step) => Math.abs(median[step]! - loadAt('owd-01/transformer', NOW + step * QUARTER_MS)));
    assert.ok(Math.abs(own.maeKw - errors.reduce((sum, each) => sum + each, 0) / errors.length) < 0.01);
    assert.equal(own.fallbackShare, 0);
    assert.equal(own.weather, 'none');
    assert.notEqual(own.skill, null);
  }
});

test('the first 48 h of a week-ahead forecast never hide the newest forecast of a step', async () => {
  const now = rig.clock.plant.now();
  await rig.forecasts.issueAll();
  const older = rig.forecasts.newest('substation:owd')!;
  await rig.live(1);
  const newer = rig.forecasts.newest('substation:owd')!;
  await rig.clock.advance(2000);
  const week = await issuedWeekAhead(
    parts,
    targets.find(({ id }) => id === older.target)!,
    older,
  );
  assert.ok(week.issuedAt > newer.issuedAt);
  const range = `target=substation:owd&start=${iso(now + 3_600_000)}&end=${iso(now + 7_200_000)}`;
  const { items } = (await rig.get(`/v1/forecasts?${range}&vintages=newest`)).json();
  assert.deepEqual([...new Set(items.map(({ forecastId }: { forecastId: string }) => forecastId))], [newer.id]);
});
