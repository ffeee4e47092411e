import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussian, SeededRandom } from '../../../shared/ports/random.ts';
import type { Table } from '../../../shared/forecast/learn/table.ts';
import { quantileRidge, type QuantileRidge } from './quantile-ridge.ts';

/** Value of the quantile `q` (an index of levels) for the row at `at`; the fit clips inputs at 5 deviations. */
function quantileOfRow(
  { columns, mean, scale, weights }: QuantileRidge,
  q: number,
  rows: Float32Array,
  at: number,
): number {
  const clipped = (value: number): number => Math.max(-5, Math.min(5, value));
  return columns.reduce(
    (sum, column, i) => sum + weights[q]![i + 1]! * clipped((rows[at + column]! - mean[i]!) * scale[i]!),
    weights[q]![0]!,
  );
}

const options = { levels: [0.1, 0.5, 0.9], penalty: 1e-4, tailPenalty: 1e-4 };

function normal(rows: number, columns: number): Table {
  const random = new SeededRandom(4);
  return { rows, columns, values: Float32Array.from({ length: rows * columns }, () => gaussian(random)) };
}

test('the median follows most rows when some targets are outliers', () => {
  const table = normal(600, 3);
  const targets = Float64Array.from({ length: table.rows }, (_, i) => {
    const line = 5 + 2 * table.values[i * 3]! - 3 * table.values[i * 3 + 1]!;
    return i % 10 === 0 ? line + 400 : line;
  });
  const model = quantileRidge(table, targets, options);
  for (const [row, line] of [
    [[0, 0, 0], 5],
    [[1, 0, 0], 7],
    [[0, 1, 1], 2],
  ] as const) {
    const said = quantileOfRow(model, 1, Float32Array.from(row), 0);
    assert.ok(Math.abs(said - line) < 0.3, `${said} where the line is at ${line}`);
  }
});

test('each quantile covers its share of unseen targets when the spread depends on a column', () => {
  const table = normal(8000, 2);
  const random = new SeededRandom(6);
  const targets = Float64Array.from(
    { length: table.rows },
    (_, i) => table.values[i * 2]! + Math.max(0.2, 2 + table.values[i * 2 + 1]!) * gaussian(random),
  );
  const learnt = { ...table, rows: 6000, values: table.values.subarray(0, 12_000) };
  const model = quantileRidge(learnt, targets.subarray(0, 6000), options);
  const widths: number[] = [];
  for (const [q, level] of options.levels.entries()) {
    let below = 0;
    for (let row = 6000; row < table.rows; row++)
      if (targets[row]! <= quantileOfRow(model, q, table.values, row * 2)) below++;
    assert.ok(Math.abs(below / 2000 - level) < 0.03, `${below} of 2000 below ${level}`);
  }
  for (const spread of [-1, 1]) {
    const row = Float32Array.from([0, spread]);
    widths.push(quantileOfRow(model, 2, row, 0) - quantileOfRow(model, 0, row, 0));
  }
  assert.ok(widths[1]! > 2 * widths[0]!, `widths ${widths.join(', ')}`);
});

test('a constant column contributes nothing, and a value beyond its range counts as the edge', () => {
  const { rows, values } = normal(300, 1);
  const table: Table = {
    rows,
    columns: 2,
    values: Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 ? 7 : values[i >> 1]!)),
  };
  const targets = Float64Array.from(values, (value) => 10 * value);
  const model = quantileRidge(table, targets, options);
  const say = (value: number, constant: number): number =>
    quantileOfRow(model, 1, Float32Array.from([value, constant]), 0);
  assert.equal(say(1, 7), say(1, 900));
  assert.ok(say(1000, 7) < 80, `${say(1000, 7)}`);
  assert.equal(say(1000, 7), say(50, 7));
});

test('constant targets are predicted for every row', () => {
  const model = quantileRidge(normal(50, 2), new Float64Array(50).fill(3), options);
  for (const q of [0, 1, 2]) assert.ok(Math.abs(quantileOfRow(model, q, Float32Array.from([2, -1]), 0) - 3) < 1e-6);
});
