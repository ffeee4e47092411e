import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { PlanBody } from '../../../shared/contracts/plan.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { levelOf } from '../../forecast/reconcile/quantile-function.ts';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { meteredRegion, plannerFixture, QUARTER_MS } from '../testing/planner-fixture.ts';

const PATIENCE = 60_000;
const DAY = 96;

/** A battery at OWD, none elsewhere. */
function withBattery(): Region {
  const region = meteredRegion();
  return {
    ...region,
    substations: region.substations.map((substation) => ({
      ...substation,
      devices:
        substation.id === 'owd'
          ? [
              {
                id: 'battery-1',
                type: 'battery' as const,
                name: 'Battery',
                bus: 'owd-1-b2',
                feeder: 'owd-1',
                connectionPoint: 'cp-1',
                authority: 'direct' as const,
              },
            ]
          : [],
    })),
  };
}

const rig = await plannerFixture({ region: withBattery() });
after(() => rig.close());
/** It discharges 300 kW in the first half of each UTC day, 200 kW on every third day, and rests otherwise. */
const batteryKw = (time: number): number => {
  const day = Math.floor(time / 86_400_000);
  return time % 86_400_000 < 43_200_000 ? (day % 3 === 0 ? -200 : -300) : 0;
};
await rig.telemetry.write(
  Array.from({ length: 30 * DAY }, (_, i) => START - (30 * DAY - i) * QUARTER_MS).map((time) => ({
    series: { gateway: 'owd-01', device: 'battery-1', metric: 'activePowerKw' },
    time,
    offset: 1,
    value: batteryKw(time),
    quality: 'good' as const,
    origin: 'measured' as const,
  })),
);
await rig.forecasts.issueAll();

/** Six hours: 1 h in steps of 5 min at 600 kW, then 5 h at -100 kW. */
const HOURS = 6;
const plan = (start: number) =>
  ({
    id: 'pl-owd-1',
    status: 'optimal',
    horizon: { start, stepsS: [...Array.from({ length: 12 }, () => 300), 3600, 3600, 3600, 3600, 3600] },
    expected: ['transformer', 'owd-1'].map((element) => ({
      element,
      activePowerKw: [],
      devicesKw: Array.from({ length: 17 }, (_, step) => (step < 12 ? 600 : -100)),
    })),
  }) as unknown as PlanBody;

async function job(payload: object) {
  const accepted = await rig.ask('POST', '/v1/forecasts', { token: TOKEN, payload });
  assert.equal(accepted.statusCode, 202, accepted.body);
  await rig.jobs.finished(accepted.json().id, PATIENCE);
  const state = (await rig.get(String(accepted.headers['location']))).json();
  return {
    error: state.error,
    forecast: state.result === null ? undefined : (await rig.get(state.result.href)).json(),
  };
}

type Values = Record<string, number[]>;

test('the planned load is the uncontrolled one plus the plan in force, and ends with the plan', async () => {
  rig.plans.set('owd', plan(START));
  for (const target of ['substation:owd', 'feeder:owd-1', 'region:north'] as const) {
    const plain = (await job({ target })).forecast;
    const { forecast } = await job({ target, load: 'planned' });
    assert.equal(forecast.load, 'planned');
    assert.equal(forecast.signConvention, 'consumption-positive');
    assert.equal(forecast.start, plain.start);
    const columns = Object.entries(forecast.values as Values);
    for (const [name, values] of columns) {
      assert.equal(values.length, HOURS * 4);
      for (const [step, value] of values.entries()) {
        const added = value - (plain.values as Values)[name]![step]!;
        assert.ok(Math.abs(added - (step < 4 ? 600 : -100)) < 0.011, `${target} ${name} ${step}: ${added}`);
      }
    }
    assert.ok(forecast.warnings.some((text: string) => text.includes('pl-owd-1')));
    assert.ok(forecast.warnings.some((text: string) => text.includes('up to')));
  }
});

test('a planned forecast is listed only under its load, never the newest, never scored', async () => {
  rig.plans.set('owd', plan(START));
  const { forecast } = await job({ target: 'substation:owd', load: 'planned' });
  assert.notEqual(rig.forecasts.newest('substation:owd')!.id, forecast.id);
  const listed = async (more: string): Promise<string[]> => {
    const answer = await rig.get(
      `/v1/forecasts?target=substation:owd&start=${new Date(START).toISOString()}&end=${new Date(START + QUARTER_MS).toISOString()}&vintages=all${more}`,
    );
    assert.equal(answer.statusCode, 200);
    return answer.json().items.map((row: { forecastId: string }) => row.forecastId);
  };
  assert.ok(!(await listed('')).includes(forecast.id));
  assert.ok((await listed('&load=planned')).includes(forecast.id));
  const explained = await rig.get(`/v1/forecasts/${forecast.id}/explanation`);
  assert.equal(explained.json().code, 'LS-FORECAST-009');
});

test('the planned load without a plan is an error; without devices it equals the uncontrolled load', async () => {
  rig.plans.clear();
  const { error, forecast } = await job({ target: 'substation:owd', load: 'planned' });
  assert.equal(forecast, undefined);
  assert.equal(error.code, 'LS-FORECAST-010');
  assert.equal(error.errors[0].pointer, '/body/load');
  const other = (await job({ target: 'substation:whf', load: 'planned' })).forecast;
  const plain = (await job({ target: 'substation:whf' })).forecast;
  assert.deepEqual(other.values, plain.values);
});

test("the net load follows the plan, then the devices' usual power at that time of day", async () => {
  rig.plans.set('owd', plan(START));
  const plain = (await job({ target: 'substation:owd' })).forecast;
  const { forecast } = await job({ target: 'substation:owd', load: 'net' });
  const median = forecast.values.quantile_P50 as number[];
  assert.equal(median.length, 192);
  for (const [step, value] of median.entries()) {
    const time = START + step * QUARTER_MS;
    const added = value - plain.values.quantile_P50[step];
    if (step < 4) assert.ok(Math.abs(added - 600) < 0.011);
    else if (step < HOURS * 4) assert.ok(Math.abs(added + 100) < 0.011);
    else if (time % 86_400_000 < 43_200_000) assert.ok(added > -301 && added < -199, `${step}: ${added}`);
    else assert.ok(Math.abs(added) < 5, `${step}: ${added}`);
  }
  // The share of the mixture below each quantile equals its level.
  const levels = QUANTILES;
  for (const step of median.keys()) {
    if (step < HOURS * 4) continue;
    const column = levels.map((_, q) => Object.values<number[]>(plain.values)[q]![step]!);
    const days = Array.from({ length: 15 }, (_, back) => START + step * QUARTER_MS - (back + 1) * DAY * QUARTER_MS);
    const past = days.filter((time) => time < START && time >= START - 14 * DAY * QUARTER_MS).map(batteryKw);
    assert.ok(past.length >= 12);
    for (const [q, level] of levels.entries()) {
      const value = Object.values<number[]>(forecast.values)[q]![step]!;
      const below = past.reduce((sum, kw) => sum + levelOf(levels, column, value - kw), 0) / past.length;
      assert.ok(Math.abs(below - level) < 0.01, `${step}: ${below} for ${level}`);
    }
  }
  const columns = Object.values<number[]>(forecast.values);
  for (const step of median.keys())
    for (let q = 1; q < columns.length; q++) assert.ok(columns[q]![step]! >= columns[q - 1]![step]!);
});

test("a sum adds its members' plans; a scenario keeps its own load", async () => {
  rig.plans.set('owd', plan(START));
  const sumOf = { target: { sumOf: ['substation:owd', 'substation:whf'] } };
  const plain = (await job(sumOf)).forecast;
  const { forecast } = await job({ ...sumOf, load: 'planned' });
  const added = forecast.values.quantile_P50[0] - plain.values.quantile_P50[0];
  assert.ok(Math.abs(added - 600) < 0.011, `${added}`);
  const refused = await rig.ask('POST', '/v1/forecasts', {
    token: TOKEN,
    payload: { target: 'substation:owd', load: 'planned', scenario: 'scn_1' },
  });
  assert.equal(refused.statusCode, 422);
  assert.equal(refused.json().errors[0].pointer, '/body/load');
});

test('a forecast of a device is rejected at once', async () => {
  const device = 'device:owd-01/battery-1';
  for (const target of [device, { sumOf: [device, 'substation:whf'] }]) {
    const answer = await rig.ask('POST', '/v1/forecasts', { token: TOKEN, payload: { target } });
    assert.deepEqual([answer.statusCode, answer.json().code], [422, 'LS-API-007']);
    assert.equal(answer.json().errors[0].pointer, '/body/target');
  }
});
