import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { LoadSource } from '../../forecast/serve/inputs.ts';
import { issuedForecast } from '../../forecast/serve/testing/issued-forecast.ts';
import type { ScenarioBody } from './contract.ts';
import { climateC, evLoad } from './profiles.ts';
import { opened, smallRegion } from '../../api/testing/api-fixture.ts';
import { runScenario, type ActingChange, type ScenarioInput } from './run-scenario.ts';
import { scenarioJob, type ScenarioParts, type ScenarioResult } from './scenario-job.ts';
import { SqliteScenarioStore } from './sqlite-scenario-store.ts';

const START = Date.UTC(2021, 0, 4);
const YEAR = { start: START, stepS: 3600, count: 365 * 24 };
const options = { zone: 'Europe/Amsterdam', seed: 1, stream: 'a' };
const total = (series: Float64Array): number => series.reduce((sum, value) => sum + value, 0);
const most = (series: Float64Array): number => series.reduce((a, b) => Math.max(a, b), 0);

const input = (changes: readonly ActingChange[], more: Partial<ScenarioInput> = {}): ScenarioInput => ({
  grid: YEAR,
  base: Float64Array.from({ length: YEAR.count }, (_, i) => 1000 + 200 * Math.sin((i / 24) * 2 * Math.PI)),
  changes,
  seed: 1,
  zone: options.zone,
  place: { latitude: 53, longitude: 5 },
  ghi: null,
  temperature: null,
  deltaK: 0,
  importLimitKw: 1500,
  exportLimitKw: null,
  ...more,
});

test('the simultaneous share of charging at the peak falls as the fleet grows', () => {
  const shares = [1, 10, 400].map((chargers) => {
    const load = evLoad(YEAR, { chargers, ratedKw: 11, profile: 'home-evening' }, options);
    return most(load) / (chargers * 11);
  });
  assert.ok(shares[0]! > 0.9 && shares[1]! < shares[0]! && shares[2]! < 0.4, shares.join(' '));
  const load = evLoad(YEAR, { chargers: 400, ratedKw: 11, profile: 'home-evening' }, options);
  const perCarDay = total(load) / 400 / 365;
  // 0.51 visits a day of 9 kWh exp(0.6^2 / 2) = 10.8 kWh.
  assert.ok(Math.abs(perCarDay - 5.5) < 0.4, `${perCarDay}`);
  assert.deepEqual(load, evLoad(YEAR, { chargers: 400, ratedKw: 11, profile: 'home-evening' }, options));
});

test('cars arrive once on a day of 25 hours, wherever the span begins', () => {
  // From local midnight in summer time; the clocks go back on the third day.
  const grid = { start: Date.UTC(2021, 9, 28, 22), stepS: 3600, count: 24 * 5 };
  const load = evLoad(grid, { chargers: 4000, ratedKw: 11, profile: 'public' }, options);
  const midday = (day: number): number => total(load.subarray(24 * day + 9, 24 * day + 20));
  assert.ok(midday(2) < 1.2 * midday(1), `${midday(2)} kWh after ${midday(1)} kWh`);
});

const context = { id: 'job_1', progress: () => undefined, check: () => undefined };

/** A stored scenario and the parts that its job needs. */
async function partsFor(body: ScenarioBody, more: Partial<ScenarioParts> = {}) {
  const scenarios = opened(new SqliteScenarioStore(':memory:'));
  await scenarios.add({ id: 'sc_1', owner: 'anna', body, createdAt: START });
  const inputs: ScenarioInput[] = [];
  const parts: ScenarioParts = {
    region: smallRegion(),
    service: { newest: () => undefined },
    load: { intervals: async () => ({ values: Array.from({ length: 96 }, () => 1), substitution: null }) },
    weather: undefined,
    compute: {
      run: async (_name, given) => {
        inputs.push(given);
        return runScenario(given) as never;
      },
      close: async () => undefined,
    },
    scenarios,
    ...more,
  };
  return { parts, scenarios, inputs };
}

const history = { kind: 'history', start: '2021-01-04T00:00:00Z', end: '2021-01-05T00:00:00Z' } as const;

/** A forecast of two days from `start`, constant at the median, kW. */
const forecastOf = (target: string, kw: number, start = START) =>
  issuedForecast(target, start, {
    values: [kw - 10, kw, kw + 10].map((value) => Array.from({ length: 192 }, () => value)),
  });

test('growth and a feeder transfer apply to the forecast of the next two days', async () => {
  const forecasts = new Map([
    ['substation:owd', forecastOf('substation:owd', 1000)],
    ['feeder:whf-1', forecastOf('feeder:whf-1', 300)],
  ]);
  const unmeasured: LoadSource = {
    intervals: async ({ start, end }) => ({
      values: new Float64Array((end - start) / 900_000).fill(Number.NaN),
      substitution: null,
    }),
  };
  const changes: ScenarioBody['changes'] = [
    { type: 'scale', target: 'region:north', factor: 1.1 },
    { type: 'transfer', feeder: 'feeder:whf-1', to: 'substation:owd', from: '2021-01-05T00:00:00Z' },
  ];
  const { parts, scenarios } = await partsFor(
    { name: 'soon', base: { kind: 'forecast' }, changes },
    { service: { newest: (target) => forecasts.get(target) }, load: unmeasured },
  );
  await scenarioJob(parts, { scenario: 'sc_1', target: 'substation:owd', importLimitKw: null }, context);
  const result = JSON.parse((await scenarios.result('scf_job_1'))!.json) as ScenarioResult;
  assert.deepEqual(
    [0, 95, 96, 191].map((step) => result.changed['quantile_P50']![step]),
    [1100, 1100, 1400, 1400],
  );
  assert.equal(result.summary.scenario.energyMwh, 24 * 1.1 + 24 * 1.4);
});

test('a change based on a load without data fails with the reason', async () => {
  const transfer = { type: 'transfer', feeder: 'feeder:whf-1', to: 'substation:owd' } as const;
  const { parts } = await partsFor(
    { name: 'dark', base: history, changes: [transfer] },
    {
      load: {
        intervals: async ({ target }) => ({
          values: Array.from({ length: 96 }, () => (target === 'feeder:whf-1' ? null : 1)),
          substitution: null,
        }),
      },
    },
  );
  const task = { scenario: 'sc_1', target: 'substation:owd', importLimitKw: null };
  await assert.rejects(scenarioJob(parts, task, context), /feeder:whf-1 has no data in that span/);
});

test('steps unknown only in a change are left out of both sums, with a warning', () => {
  const grid = { start: START, stepS: 3600, count: 4 };
  const load = Float64Array.of(100, Number.NaN, Number.NaN, 100);
  const { summary, warnings } = runScenario(
    input([{ type: 'series', factor: 1, load, from: 0 }], { grid, base: new Float64Array(4).fill(1000) }),
  );
  assert.deepEqual([summary.base.energyMwh, summary.scenario.energyMwh], [2, 2.2]);
  assert.deepEqual(warnings, ['2 of 4 steps are unknown: energy, hours and the duration curve leave them out']);
});

test('a summary counts feed-in above the export limit; without a limit it is unknown, not zero', async () => {
  const grid = { start: START, stepS: 900, count: 4 };
  const base = Float64Array.of(-900, -1100, -1200, 50);
  const flat = (kw: number): ActingChange => ({ type: 'connection', kw, profile: 'flat' });
  const { base: before, scenario } = runScenario(input([flat(-100)], { grid, base, exportLimitKw: 1000 })).summary;
  assert.deepEqual([before.hoursAboveExportLimit, scenario.hoursAboveExportLimit], [0.5, 0.5]);
  assert.deepEqual([before.energyAboveExportLimitMwh, scenario.energyAboveExportLimitMwh], [0.075, 0.125]);
  assert.equal(scenario.hoursAboveLimit, 0);
  const without = runScenario(input([flat(-100)], { grid, base: base.subarray(0, 3), exportLimitKw: null })).summary;
  assert.deepEqual([without.base.hoursAboveExportLimit, without.base.energyAboveExportLimitMwh], [null, null]);
  // Nothing consumes.
  assert.deepEqual([without.base.simultaneity, without.scenario.simultaneity], [null, null]);

  const { parts, inputs } = await partsFor({
    name: 'sun',
    base: history,
    changes: [{ type: 'pv', target: 'substation:owd', addedKwp: 1 }],
  });
  const task = { scenario: 'sc_1', target: 'substation:owd', importLimitKw: 5 };
  await scenarioJob(parts, task, { ...context, id: 'of an older version' });
  await scenarioJob(parts, { ...task, exportLimitKw: 7 }, context);
  assert.deepEqual(
    inputs.map(({ exportLimitKw }) => exportLimitKw),
    [null, 7],
  );
});

test('the cars of a substation are the same alone and as a part of its region', async () => {
  const ev = { type: 'ev', chargers: 50, ratedKw: 11, profile: 'home-evening' } as const;
  const { parts, scenarios } = await partsFor({
    name: 'cars',
    base: history,
    changes: [
      { ...ev, target: 'substation:owd' },
      { ...ev, target: 'substation:whf' },
    ],
  });
  const added = async (target: string) => {
    await scenarioJob(
      parts,
      { scenario: 'sc_1', target, importLimitKw: null },
      { ...context, id: target.replace(':', '_') },
    );
    const { json } = (await scenarios.result(`scf_${target.replace(':', '_')}`))!;
    const { changed } = JSON.parse(json) as ScenarioResult;
    return changed['quantile_P50']!.map((kw) => Math.round(kw! - 1));
  };
  const [owd, whf, both] = await Promise.all(['substation:owd', 'substation:whf', 'region:north'].map(added));
  assert.notDeepEqual(owd, whf);
  assert.ok(both!.every((kw, step) => Math.abs(kw - owd![step]! - whf![step]!) <= 1));
});

test('a part that peaks where the total is unknown does not lower the simultaneity', () => {
  const grid = { start: START, stepS: 3600, count: 3 };
  const load = Float64Array.of(100, 5000, 100);
  const base = Float64Array.of(1000, Number.NaN, 1000);
  const { summary } = runScenario(input([{ type: 'series', factor: 1, load, from: 0 }], { grid, base }));
  assert.equal(summary.scenario.simultaneity, 1);
});

test('a scenario whose loads are never known together fails with the reason', async () => {
  const transfer = { type: 'transfer', feeder: 'feeder:whf-1', to: 'substation:owd' } as const;
  const { parts } = await partsFor(
    { name: 'apart', base: history, changes: [transfer] },
    {
      load: {
        intervals: async ({ target }) => ({
          values: Array.from({ length: 96 }, (_, step) => (step < 48 === (target === 'feeder:whf-1') ? 1 : null)),
          substitution: null,
        }),
      },
    },
  );
  const task = { scenario: 'sc_1', target: 'substation:owd', importLimitKw: null };
  await assert.rejects(scenarioJob(parts, task, context), /never known at the same time/);
});

test('solar at a feeder uses the place of its own substation', async () => {
  const changes = [{ type: 'pv', target: 'feeder:whf-1', addedKwp: 10 } as const];
  const { parts, inputs } = await partsFor({ name: 'sun', base: history, changes });
  for (const target of ['feeder:whf-1', 'substation:whf', 'region:north'])
    await scenarioJob(parts, { scenario: 'sc_1', target, importLimitKw: null }, { ...context, id: target });
  assert.deepEqual(
    inputs.map(({ place }) => place),
    [
      { latitude: 52.7, longitude: 5 },
      { latitude: 52.7, longitude: 5 },
      { latitude: 53, longitude: 5 },
    ],
  );
});

test('solar reduces load by day only, a colder year adds heating, a connection adds its contracted power', () => {
  const base = input([]).base;
  const added = (changes: readonly ActingChange[], more: Partial<ScenarioInput> = {}): Float64Array =>
    runScenario(input(changes, more)).scenario.map((value, step) => value - base[step]!);
  const sun = added([{ type: 'pv', addedKwp: 1000 }]);
  assert.ok(sun.every((value) => value <= 0) && sun[0] === 0);
  assert.ok(total(sun) < -700_000 && total(sun) > -1_300_000, `${total(sun)} kWh a year of 1 MWp`);
  assert.deepEqual(
    added([{ type: 'pv', addedKwp: 1000 }], { ghi: new Float64Array(YEAR.count) }).every((value) => value === 0),
    true,
  );
  const heat: ActingChange[] = [{ type: 'heatPump', units: 900, designKw: 3.5 }];
  assert.ok(total(added(heat, { deltaK: -3 })) > 1.3 * total(added(heat)));
  // An uploaded temperature is used, plus the change: half of the design power at 3 °C, more at 0 °C.
  const temperature = new Float64Array(YEAR.count).fill(3);
  assert.ok(added(heat, { temperature }).every((value) => Math.abs(value - 0.5 * 900 * 3.5) < 1e-6));
  assert.ok(added(heat, { temperature, deltaK: -3 }).every((value) => Math.abs(value - (16 / 26) * 900 * 3.5) < 1e-6));
  assert.deepEqual(runScenario(input(heat, { temperature })).warnings, []);
  assert.ok(added([{ type: 'connection', kw: 2000, profile: 'flat' }]).every((value) => Math.abs(value - 2000) < 1e-9));
  const mean = total(climateC(YEAR, 1)) / YEAR.count;
  assert.ok(mean > 8.5 && mean < 13, `${mean}`);
});

test('a summary matches a plain count, and unknown stays unknown', () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.integer({ min: -500, max: 3000 })), { minLength: 2, maxLength: 200 }),
      (values) => {
        const known = values.filter((value) => value !== null);
        if (known.length === 0) return;
        const grid = { start: START, stepS: 900, count: values.length };
        const base = Float64Array.from(values, (value) => value ?? Number.NaN);
        const { scenario, summary } = runScenario(
          input([{ type: 'connection', kw: 100, profile: 'flat' }], { grid, base }),
        );
        const peak = Math.max(...known) + 100;
        assert.equal(summary.scenario.peakKw, peak);
        assert.equal(summary.scenario.peakAt, START + values.indexOf(peak - 100) * 900_000);
        assert.ok(
          Math.abs(summary.scenario.energyMwh - known.reduce((sum, value) => sum + value + 100, 0) / 4000) < 1e-9,
        );
        assert.equal(summary.scenario.hoursAboveLimit, known.filter((value) => value + 100 > 1500).length / 4);
        assert.equal(summary.scenario.durationCurve[0]![1], peak);
        for (const [step, value] of values.entries()) assert.equal(Number.isNaN(scenario[step]!), value === null);
      },
    ),
  );
});
