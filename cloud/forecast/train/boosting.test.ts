import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pinball } from '../../../shared/forecast/quantiles.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import type { Table } from '../../../shared/forecast/learn/table.ts';
import { binned, binningOf } from './bins.ts';
import { boostQuantile, predictBoosted, type BoostOptions } from './boosting.ts';

const options = (level: number, rounds: number): BoostOptions => ({
  level,
  rounds,
  rate: 0.2,
  leaves: 8,
  leastRows: 20,
  l2: 1,
  rowShare: 0.7,
  columnShare: 1,
  random: new SeededRandom(5),
});

function uniform(rows: number, columns: number): Table {
  const random = new SeededRandom(3);
  return { rows, columns, values: Float32Array.from({ length: rows * columns }, () => random.next()) };
}

test('boosting finds a step in one of several columns', () => {
  const table = uniform(2000, 4);
  const targets = Float64Array.from({ length: table.rows }, (_, i) => (table.values[i * 4 + 2]! > 0.6 ? 10 : 0));
  const model = boostQuantile(table, targets, options(0.5, 40));
  const forecast = predictBoosted(model, table);
  const wrong = forecast.filter((value, i) => Math.abs(value - targets[i]!) > 0.5).length;
  assert.ok(wrong < 20, `${wrong} of 2000 rows are off`);
});

test('each quantile covers its share of targets when the spread depends on a column', () => {
  const table = uniform(6000, 2);
  const random = new SeededRandom(8);
  const targets = Float64Array.from({ length: table.rows }, (_, i) => table.values[i * 2]! * 10 * random.next());
  for (const level of [0.1, 0.9]) {
    const forecast = predictBoosted(boostQuantile(table, targets, options(level, 60)), table);
    for (const wide of [false, true]) {
      const rows = [...targets.keys()].filter((i) => table.values[i * 2]! > 0.5 === wide);
      const share = rows.filter((i) => targets[i]! <= forecast[i]!).length / rows.length;
      assert.ok(Math.abs(share - level) < 0.06, `${share} lie below the quantile ${level}`);
    }
  }
});

test('the loss falls with each round', () => {
  const table = uniform(2000, 3);
  const random = new SeededRandom(4);
  const targets = Float64Array.from(
    { length: table.rows },
    (_, i) => 5 * Math.sin(6 * table.values[i * 3]!) + random.next(),
  );
  const lossOf = (rounds: number): number =>
    predictBoosted(boostQuantile(table, targets, options(0.5, rounds)), table).reduce(
      (sum, value, i) => sum + pinball(0.5, targets[i]!, value),
      0,
    );
  const losses = [1, 5, 20, 60].map(lossOf);
  assert.deepEqual(
    losses,
    losses.toSorted((a, b) => b - a),
  );
});

test('targets that are zero half the time still get an upper quantile and a split', () => {
  const table = uniform(3000, 2);
  const random = new SeededRandom(2);
  const targets = Float64Array.from({ length: table.rows }, (_, i) =>
    table.values[i * 2]! > 0.5 ? 5 + random.next() : 0,
  );
  const forecast = predictBoosted(boostQuantile(table, targets, options(0.1, 60)), table);
  for (const [i, value] of forecast.entries())
    if (table.values[i * 2]! > 0.55) assert.ok(value > 4, `${value} where it is at least 5`);
});

test('a binned and a raw value fall on the same side of every edge', () => {
  const table = uniform(4000, 1);
  const binning = binningOf(table);
  const bins = binned(table, binning);
  assert.ok(binning[0]!.length > 200 && binning[0]!.length < 255);
  for (let row = 0; row < table.rows; row += 7)
    for (const [bin, edge] of binning[0]!.entries()) assert.equal(bins[row]! <= bin, table.values[row]! <= edge);
});

test('the same seed gives the same trees', () => {
  const table = uniform(500, 3);
  const targets = Float64Array.from({ length: table.rows }, (_, i) => table.values[i * 3]!);
  assert.deepEqual(boostQuantile(table, targets, options(0.5, 5)), boostQuantile(table, targets, options(0.5, 5)));
});
