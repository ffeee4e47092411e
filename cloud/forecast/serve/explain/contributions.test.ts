import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { LocalCalendar } from '../../../../shared/forecast/calendar.ts';
import { featureNames, FeatureSource, type FeatureSchema } from '../../../../shared/forecast/features.ts';
import { gaussian, SeededRandom } from '../../../../shared/ports/random.ts';
import { memberNames, predictEnsemble } from '../../train/ensemble.ts';
import { fitEnsemble } from '../../train/fit-ensemble.ts';
import { predictRidge, stepFits, trainRidge } from '../../train/ridge-member.ts';
import { contributionsOf, type RunRows } from './contributions.ts';
import { GROUPS, groupOfFeature } from './feature-groups.ts';
import { shapleyValues } from './shapley.ts';
import { explainedInWords } from './words.ts';

const schema: FeatureSchema = { steps: 24, stepS: 3600, weather: true };
const levels = [0.1, 0.5, 0.9];
const HOURS = 24 * 80;
const random = new SeededRandom(5, 'explain');
const weather = {
  ghi: Float64Array.from({ length: HOURS + 24 }, (_, i) =>
    Math.max(0, 700 * Math.sin(((i % 24) / 24 - 0.25) * 2 * Math.PI) * (0.3 + 0.7 * random.next())),
  ),
  wind: Float64Array.from({ length: HOURS + 24 }, (_, i) => 6 + 4 * Math.sin(i / 37)),
};
const load = {
  start: Date.UTC(2021, 5, 1),
  stepS: 3600,
  values: Float64Array.from(
    { length: HOURS },
    (_, i) => 2000 + 400 * Math.sin((i % 24) / 4) - 1.5 * weather.ghi[i]! + 40 * gaussian(random),
  ),
};
const common = { load, weather, schema, zone: 'Europe/Amsterdam', levels };
const source = new FeatureSource(schema, load, new LocalCalendar(common.zone), weather);
const manifest = { features: featureNames(schema), steps: 24, quantiles: levels };
const row = source.row(HOURS);
const background = [1, 2, 3].map((day) => source.row(HOURS - 24 * day));
const runOf =
  (predict: (row: Float32Array) => Float64Array): RunRows =>
  async (rows, batch) => {
    const each = Array.from({ length: batch }, (_, i) => predict(rows.subarray(i * row.length, (i + 1) * row.length)));
    return Float32Array.from(each.flatMap((output) => [...output]));
  };

test('Shapley values add up, and equal players get equal shares', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 16, maxLength: 16 }),
      (worth) => {
        const sum = shapleyValues(worth, 4).reduce((all, each) => all + each, 0);
        assert.ok(Math.abs(sum - (worth[15]! - worth[0]!)) < 1e-9 * 1e3);
      },
    ),
  );
  // The glove game: one left, two right hands.
  const glove = Array.from({ length: 8 }, (_, c) => Number((c & 1) !== 0 && (c & 6) !== 0));
  assert.deepEqual(
    shapleyValues(glove, 3).map((each) => Math.round(each * 6)),
    [4, 1, 1],
  );
});

test('contributions of the linear member are coefficients times deviations from the mean', async () => {
  const trained = trainRidge(common);
  // The median includes a share of the spread, which has a lower bound; only the point is linear.
  const model = { ...trained, groups: trained.groups.map((each) => ({ ...each, shape: [0, 0, 0] })) };
  const { groups } = await contributionsOf(
    manifest,
    { row, background },
    runOf((each) => predictRidge(model, each)),
  );
  const mean = row.map((_, i) => background.reduce((sum, other) => sum + other[i]!, 0) / background.length);
  for (const step of [0, 7, 23]) {
    const { point } = stepFits(model).get(step)!;
    const at = source.originCount + step * source.stepCount;
    const column = (i: number): number => (i < source.originCount ? i : at + i - source.originCount);
    for (const group of GROUPS) {
      let exact = 0;
      for (const [i, weight] of point.weights.entries())
        if (groupOfFeature(manifest.features[column(i)]!) === group)
          exact += weight * (row[column(i)]! - mean[column(i)]!);
      assert.ok(Math.abs(groups[group][step]! - exact) < 0.02, `${group} ${step} ${groups[group][step]} ${exact}`);
    }
  }
});

test('contributions of a blend with trees add up to the forecast minus its base, and solar dominates', async () => {
  const { shipped } = fitEnsemble({
    ...common,
    members: ['ridge', 'boosting'],
    from: HOURS - 24 * 14,
    keepHeldBack: false,
  }).ship();
  assert.deepEqual(memberNames(shipped), ['ridge', 'boosting']);
  const { base, groups, median } = await contributionsOf(
    manifest,
    { row, background },
    runOf((each) => predictEnsemble(shipped, each)),
  );
  const issued = predictEnsemble(shipped, row);
  for (let step = 0; step < 24; step++) {
    const sum = GROUPS.reduce((all, group) => all + groups[group][step]!, base[step]!);
    assert.ok(Math.abs(sum - issued[step * 3 + 1]!) < 1e-2, `${step}: ${sum} ${issued[step * 3 + 1]}`);
    assert.ok(Math.abs(sum - median[step]!) < 1e-6);
  }
  const size = (group: (typeof GROUPS)[number]): number => Math.max(...groups[group].map(Math.abs));
  assert.ok(size('sun') > size('wind') && size('sun') > size('calendar'));
});

test('every column of the schema has a group, and the text names the groups that matter', () => {
  assert.deepEqual(
    [
      'last1',
      'mean24h',
      'anomaly1h',
      'day1@3',
      'free@9',
      'sin2@1',
      'ghiSin@2',
      'ghiAnomaly24h',
      'turbine1',
      'wind@4',
    ].map(groupOfFeature),
    ['recentLoad', 'recentLoad', 'recentLoad', 'pastDays', 'calendar', 'calendar', 'sun', 'sun', 'wind', 'wind'],
  );
  const none = [0, 0];
  const contributions = {
    recentLoad: none,
    pastDays: [3, 3],
    calendar: none,
    sun: [-900, -1100],
    wind: none,
    temperature: none,
    adjustment: none,
  };
  const words = explainedInWords({ base: [2000, 2000], contributions, stepS: 43_200 }, (step) => `step ${step}`);
  assert.deepEqual(
    words.map(({ text }) => text),
    [
      'Over the next day on average: 1000 kW; 2000 kW with the inputs of the last seven days, -1000 kW by the sun.',
      'Most unusual at step 1: 903 kW; 2000 kW with the inputs of the last seven days, -1100 kW by the sun.',
    ],
  );
  assert.deepEqual([words[0]!.code, words[0]!.parameters?.['usual']], ['forecast.mean', '2000']);
});
