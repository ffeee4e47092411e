import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pinball, QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { gaussian, SeededRandom, type Random } from '../../../shared/ports/random.ts';
import { adjusted, Coherence, type Columns } from './coherent.ts';
import { meanOf } from './quantile-function.ts';
import { jointRanks } from './sum-quantiles.ts';

const NORMAL = (() => {
  const random = new SeededRandom(1, 'normal');
  const sample = Float64Array.from({ length: 40_000 }, () => gaussian(random)).sort();
  return QUANTILES.map((level) => sample[Math.floor(level * sample.length)]!);
})();

/** A region (0) of three substations (1, 5, 9), each with two feeders and a rest. */
const SUBSTATIONS = [1, 5, 9];
const FAMILIES = [
  ...SUBSTATIONS.map((whole) => ({ whole, parts: [whole + 1, whole + 2, whole + 3], rest: whole + 3 })),
  { whole: 0, parts: SUBSTATIONS },
];
const COUNT = 13;
const LEVELS = [[0], SUBSTATIONS, SUBSTATIONS.flatMap((at) => [at + 1, at + 2]), SUBSTATIONS.map((at) => at + 3)];

/** Forecast errors: a part from the weather, which all share, and a part of each model; both grow with the load. */
const SIZES = [1800, ...SUBSTATIONS.flatMap((_, at) => [700 + 200 * at, 120, 90, 600 + 150 * at])];
const errorsOf = (random: Random): number[] => {
  const weather = gaussian(random);
  return SIZES.map((size) => size * (0.5 * weather + Math.sqrt(0.75) * gaussian(random)));
};

const columnsAround = (said: readonly number[]): Columns[] =>
  said.map((mean, series) => NORMAL.map((z) => [mean + SIZES[series]! * z]));

function jointOf(past: readonly (readonly number[])[]) {
  const ranks = jointRanks(
    SIZES.map((_, series) => past.map((errors) => errors[series]!)),
    1,
  )!.ranks;
  return { ranks: [ranks], independent: past.length, areOwn: true };
}

test('reconciliation worsens no level of a known world, bands cover as stated, and means add up', () => {
  const random = new SeededRandom(5, 'coherent');
  const losses = LEVELS.map(() => ({ before: 0, after: 0, inside: 0, n: 0 }));
  for (let turn = 0; turn < 400; turn++) {
    const past = Array.from({ length: 84 }, () => errorsOf(random));
    const truth = new Float64Array(COUNT);
    for (const { parts } of FAMILIES.slice(0, -1)) for (const part of parts) truth[part] = 1000 * gaussian(random);
    for (const { whole, parts } of FAMILIES) truth[whole] = parts.reduce((sum, part) => sum + truth[part]!, 0);
    const errors = errorsOf(random);
    const columns = columnsAround(errors.map((error, series) => truth[series]! - error));
    const coherence = new Coherence(columns, FAMILIES, { levels: QUANTILES, joint: jointOf(past) });
    coherence.step(0, 0);
    for (const { whole, parts } of FAMILIES) {
      const sum = parts.reduce((all, part) => all + coherence.adjustments[part]!.mean[0]!, 0);
      assert.ok(Math.abs(coherence.adjustments[whole]!.mean[0]! - sum) < 1e-6);
    }
    for (const [level, series] of LEVELS.entries()) {
      for (const each of series) {
        const account = losses[level]!;
        const after = columns[each]!.map(([value]) => adjusted(value!, coherence.adjustments[each]!, 0));
        for (let q = 1; q < after.length; q++) assert.ok(after[q]! >= after[q - 1]!);
        for (const [q, quantile] of QUANTILES.entries()) {
          account.before += pinball(quantile, truth[each]!, columns[each]![q]![0]!);
          account.after += pinball(quantile, truth[each]!, after[q]!);
        }
        account.inside += Number(truth[each]! >= after[1]! && truth[each]! <= after[17]!);
        account.n++;
      }
    }
  }
  const report = losses.map(({ before, after, inside, n }) => ({ ratio: after / before, coverage80: inside / n }));
  const text = JSON.stringify(report);
  for (const { ratio, coverage80 } of report) {
    assert.ok(ratio <= 1, text);
    assert.ok(coverage80 > 0.76 && coverage80 < 0.87, text);
  }
  assert.ok(report[0]!.ratio < 0.97 && report[1]!.ratio < 0.97, text);
});

test('a certain and coherent forecast stays unchanged; without joint paths the spreads stay', () => {
  const exact: Columns[] = [10, 4, 6].map((value) => QUANTILES.map(() => [value]));
  const alone = new Coherence(exact, [{ whole: 0, parts: [1, 2] }], { levels: QUANTILES, joint: undefined });
  alone.step(0, 0);
  assert.deepEqual(
    alone.adjustments.map(({ mean }) => Math.round(mean[0]! * 1e9) / 1e9),
    [10, 4, 6],
  );
  const wide = columnsAround(SIZES.map(() => 100));
  const plain = new Coherence(wide, FAMILIES, { levels: QUANTILES, joint: undefined });
  plain.step(0, 47);
  assert.ok(plain.adjustments.every(({ spread }) => spread[0] === 1));
  const [whole, ...parts] = [0, ...SUBSTATIONS].map((series) => plain.adjustments[series]!.mean[0]!);
  assert.ok(Math.abs(whole! - parts.reduce((sum, part) => sum + part, 0)) < 1e-6);
});

test('192 steps of 10 substations with 4 feeders each take far less than two seconds of CPU', () => {
  const substations = Array.from({ length: 10 }, (_, at) => 1 + 6 * at);
  const families = [
    ...substations.map((whole) => ({ whole, parts: [1, 2, 3, 4, 5].map((part) => whole + part), rest: whole + 5 })),
    { whole: 0, parts: substations },
  ];
  const random = new SeededRandom(2, 'cost');
  const columns = Array.from({ length: 61 }, (): Columns => {
    const mean = 1000 * gaussian(random);
    return NORMAL.map((z) => Array.from({ length: 192 }, () => mean + 100 * z));
  });
  const ranks = Array.from(
    { length: 48 },
    () =>
      jointRanks(
        columns.map(() => Array.from({ length: 224 }, () => gaussian(random))),
        1,
      )!.ranks,
  );
  const from = process.cpuUsage();
  const coherence = new Coherence(columns, families, {
    levels: QUANTILES,
    joint: { ranks, independent: 28, areOwn: true },
  });
  for (let step = 0; step < 192; step++) coherence.step(step, Math.floor(step / 4));
  const { user, system } = process.cpuUsage(from);
  assert.ok((user + system) / 1e6 < 20, `${(user + system) / 1e6} s`);
});

test('the mean of quantiles includes the tails', () => {
  assert.ok(Math.abs(meanOf(QUANTILES, NORMAL)) < 0.01);
  assert.equal(
    Math.round(
      1e9 *
        meanOf(
          QUANTILES,
          QUANTILES.map(() => 7),
        ),
    ),
    7e9,
  );
  const exponential = QUANTILES.map((level) => -Math.log(1 - level));
  assert.ok(Math.abs(meanOf(QUANTILES, exponential) - 1) < 0.01);
});
