import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { SeededRandom, gaussian } from '../../../shared/ports/random.ts';
import { errorsByDay, meanScore, naiveAt, scaleOf, scoreOf, skillOf, type Pair } from './scorecard.ts';

/** Quantiles of the standard normal distribution at 0.05 to 0.95 (table). */
const HALF = [1.6449, 1.2816, 1.0364, 0.8416, 0.6745, 0.5244, 0.3853, 0.2533, 0.1257];
const NORMAL = [...HALF.map((z) => -z), 0, ...HALF.toReversed()];
const SIGMA = 100;

function world(days: number, widen = 1, shift = 0): Pair[] {
  const random = new SeededRandom(7);
  return Array.from({ length: days * 96 }, (_, i) => {
    const center = 2000 + 500 * Math.sin((i / 96) * 2 * Math.PI);
    return {
      start: i * 900_000,
      day: Math.floor(i / 96),
      actual: center + SIGMA * gaussian(random),
      values: NORMAL.map((z) => center + shift + widen * SIGMA * z),
      isFallback: i % 4 === 0,
    };
  });
}

test('a forecast with the true error distribution scores as theory predicts', () => {
  const pairs = world(200);
  const scale = { levels: QUANTILES, ...scaleOf(pairs.map(({ actual }) => actual)), importLimitKw: 2600 };
  const row = scoreOf(pairs, scale);
  assert.equal(row.n, 200 * 96);
  assert.equal(row.fallbackShare, 0.25);
  // E|x| of a normal is sigma sqrt(2 / pi); its CRPS is sigma / sqrt(pi), of which the levels 0.05 to 0.95 contain most.
  assert.ok(Math.abs(row.maeKw - SIGMA * Math.sqrt(2 / Math.PI)) < 2, `${row.maeKw}`);
  assert.ok(Math.abs(row.rmseKw - SIGMA) < 2);
  assert.ok(Math.abs(row.biasKw) < 3);
  assert.ok(Math.abs((row.rCrps * scale.range) / (SIGMA / Math.sqrt(Math.PI)) - 1) < 0.06);
  for (const [name, share] of Object.entries({ P5: 0.05, P10: 0.1, P50: 0.5, P90: 0.9, P95: 0.95 }))
    assert.ok(Math.abs(row.coverage[name]! - share) < 0.02, name);
  const { hits, misses, falseAlarms } = row.peak.limit!;
  // The median peaks at 2,500, so each day on which the load exceeds 2,600 is missed.
  const passed = new Set(pairs.filter(({ actual }) => actual > 2600).map(({ day }) => day));
  assert.deepEqual([hits, falseAlarms], [0, 0]);
  assert.ok(passed.size > 100);
  assert.equal(misses, passed.size);
});

test('the peak-weighted score weighs errors at the peak more; the plain score weighs all equally', () => {
  const pairs = [100, 1000].map((actual, i) => ({
    start: i,
    day: 0,
    actual,
    values: QUANTILES.map(() => actual),
    isFallback: false,
  }));
  const scale = { levels: QUANTILES, meanAbsolute: 550, range: 900, high: 1000, importLimitKw: undefined };
  const moved = (at: number) =>
    scoreOf(
      pairs.map((pair, i) => (i === at ? { ...pair, values: QUANTILES.map(() => pair.actual + 90) } : pair)),
      scale,
    );
  // Half of 90 kW over the range, weighted by 0.1 and by 1.
  assert.ok(Math.abs(moved(0).rCrpsPeakWeighted - (0.1 / 1.1) * 0.1) < 1e-9, `${moved(0).rCrpsPeakWeighted}`);
  assert.ok(Math.abs(moved(1).rCrpsPeakWeighted - (1 / 1.1) * 0.1) < 1e-9);
  assert.ok(Math.abs(moved(0).rCrps - moved(1).rCrps) < 1e-12);
});

test('a load that hardly varies is scored over a hundredth of its peak, not over what it varies by', () => {
  const [pair] = world(1);
  const scale = scaleOf(Float64Array.of(2000, Number.NaN, 2000.1));
  assert.ok(Math.abs(scale.range - 20) < 0.01, `${scale.range} kW`);
  const wrong = { ...pair!, actual: 2000, values: QUANTILES.map(() => 2010) };
  const { rMae } = scoreOf([wrong], { levels: QUANTILES, ...scale, importLimitKw: undefined });
  assert.ok(Math.abs(rMae - 0.5) < 1e-3, `${rMae}`);
});

test('the skill interval excludes 0 for a worse forecast, and is 0 for an equal one', () => {
  const of = (pairs: readonly Pair[]) => new Map(pairs.map((pair) => [pair.start, pair]));
  const good = world(28);
  const biased = world(28, 1, 150);
  const skillOver = (own: readonly Pair[], other: readonly Pair[]) =>
    skillOf(errorsByDay(of(own), of(other), { levels: QUANTILES, unit: 1 }));
  const better = skillOver(good, biased)!;
  assert.ok(better.skill > 0.3 && better.ci95[0] > 0 && better.ci95[1] > better.skill);
  const same = skillOver(good, good)!;
  assert.deepEqual([same.skill, ...same.ci95], [0, 0, 0]);
  assert.equal(skillOver(good.slice(0, 50), good), null);
});

test('forecasts of a day from several lead times each have a peak of their own', () => {
  const pairsOf = (series: string, values: readonly number[]): Pair[] =>
    values.map((value, i) => ({
      start: i * 3_600_000,
      day: 0,
      series,
      actual: [1000, 2000, 1000][i]!,
      values: QUANTILES.map(() => value),
      isFallback: false,
    }));
  const scale = { levels: QUANTILES, meanAbsolute: 1000, range: 1000, high: 2000, importLimitKw: 1900 };
  const [early, late] = [pairsOf('PT48H', [1000, 1000, 2500]), pairsOf('PT1H', [1000, 2000, 1000])];
  const [a, b] = [scoreOf(early, scale).peak, scoreOf(late, scale).peak];
  const both = scoreOf([...early, ...late], scale).peak;
  assert.deepEqual([a.dailyPeakErrorPct, b.dailyPeakErrorPct, both.dailyPeakErrorPct], [25, 0, 12.5]);
  assert.deepEqual([a.dailyPeakTimeErrorH, b.dailyPeakTimeErrorH, both.dailyPeakTimeErrorH], [1, 0, 0.5]);
  assert.deepEqual(both.limit, { hits: 2, misses: 0, falseAlarms: 0 });
});

test('a naive forecast uses nothing after its issue', () => {
  const load = Float64Array.from({ length: 20 * 96 }, (_, i) => i);
  const index = 15 * 96 + 40;
  for (const lead of [1, 24, 95, 96, 97, 192]) {
    for (const name of ['seasonalNaive24', 'seasonalNaive168', 'persistence', 'sameHourMean7'] as const)
      assert.ok(naiveAt(name, load, index, lead) <= index - lead, `${name} ${lead}`);
  }
  assert.equal(naiveAt('seasonalNaive24', load, index, 96), index - 96);
  assert.equal(naiveAt('seasonalNaive24', load, index, 97), index - 192);
  assert.equal(naiveAt('sameHourMean7', load, index, 96), index - 4 * 96);
  assert.ok(Number.isNaN(naiveAt('seasonalNaive168', load, 10, 1)));
});

test('the mean score weighs each target equally whatever its size, and omits missing scores', () => {
  const [small, large] = [
    world(7),
    world(7).map((pair) => ({ ...pair, actual: 10 * pair.actual, values: pair.values.map((v) => 10 * v + 900) })),
  ];
  const row = (pairs: readonly Pair[], importLimitKw?: number) =>
    scoreOf(pairs, { levels: QUANTILES, ...scaleOf(pairs.map(({ actual }) => actual)), importLimitKw });
  const [a, b] = [row(small, 2600), row(large)];
  const both = meanScore([a, b]);
  assert.equal(both.n, 2 * 7 * 96);
  for (const name of ['nMae', 'pinball', 'rCrps', 'rCrpsPeakWeighted', 'rmseKw', 'biasKw'] as const)
    assert.ok(Math.abs(both[name] - (a[name] + b[name]) / 2) < 1e-9, name);
  assert.ok(Math.abs(both.coverage['P90']! - (a.coverage['P90']! + b.coverage['P90']!) / 2) < 1e-12);
  assert.deepEqual(both.peak.limit, a.peak.limit);
});
