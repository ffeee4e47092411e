import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HighsSolver } from './highs-solver.ts';

const oneRow = (rowLower: number) => ({
  columns: 2,
  rows: 1,
  cost: Float64Array.of(1, 2),
  lower: Float64Array.of(0, 0),
  upper: Float64Array.of(1, 1),
  rowLower: Float64Array.of(rowLower),
  rowUpper: Float64Array.of(Infinity),
  rowStart: Int32Array.of(0, 2),
  index: Int32Array.of(0, 1),
  value: Float64Array.of(1, 1),
});

test('a useless basis does not change the answer, and no HiGHS error escapes', async () => {
  const solver = await HighsSolver.load();
  // All basic: more than there are rows.
  const wrong = { columnStatus: Int32Array.of(1, 1), rowStatus: Int32Array.of(1) };
  const result = solver.solve(oneRow(1.5), wrong);
  assert.equal(result.status, 'optimal');
  assert.ok(Math.abs(result.objective - 2) < 1e-9);
  assert.equal(solver.solve(oneRow(3)).status, 'infeasible');
  assert.equal(solver.solve(oneRow(1)).status, 'optimal');
});
