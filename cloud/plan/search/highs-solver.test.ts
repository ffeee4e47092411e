import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../../shared/ports/random.ts';
import type { LpBasis, LpProblem } from '../problem/lp.ts';
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

test('a useless basis does not change the solution, and no HiGHS error escapes', async () => {
  const solver = await HighsSolver.load();
  // All basic: more than there are rows.
  const wrong = { columnStatus: Int32Array.of(1, 1), rowStatus: Int32Array.of(1) };
  const result = solver.solve(oneRow(1.5), wrong);
  assert.equal(result.status, 'optimal');
  assert.ok(Math.abs(result.objective - 2) < 1e-9);
  assert.equal(solver.solve(oneRow(3)).status, 'infeasible');
  assert.equal(solver.solve(oneRow(1)).status, 'optimal');
});

test('a solution does not depend on programmes solved before, whatever their outcome', async () => {
  const random = new SeededRandom(1, 'programmes');
  const whole = (least: number, most: number): number => least + Math.floor(random.next() * (most - least + 1));
  const statuses = (count: number): Int32Array => Int32Array.from({ length: count }, () => whole(0, 2));
  const programmes = Array.from({ length: 24 }, (_, at): { problem: LpProblem; start: LpBasis | undefined } => {
    const problem = someProgramme(whole(20, 60), whole(10, 40), random);
    const start = { columnStatus: statuses(problem.columns), rowStatus: statuses(problem.rows) };
    return { problem, start: at % 2 === 0 ? undefined : start };
  });
  const answers = [];
  for (const { problem, start } of programmes) {
    const fresh = await HighsSolver.load({ iterationLimit: 40 });
    answers.push(fresh.solve(problem, start));
    fresh.close();
  }
  const found = new Set(answers.map(({ status }) => status));
  for (const status of ['optimal', 'infeasible', 'iteration-limit'] as const) assert.ok(found.has(status), status);
  const reused = await HighsSolver.load({ iterationLimit: 40 });
  for (let solve = 0; solve < 200; solve++) {
    const at = whole(0, programmes.length - 1);
    const { problem, start } = programmes[at]!;
    assert.deepEqual(reused.solve(problem, start), answers[at], `programme ${at} at solve ${solve}`);
  }
});

function someProgramme(columns: number, rows: number, random: SeededRandom): LpProblem {
  const index: number[] = [];
  const value: number[] = [];
  const rowStart = [0];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (random.next() >= 0.2) continue;
      index.push(column);
      value.push(Math.ceil(20 * random.next()) - 10.5);
    }
    rowStart.push(index.length);
  }
  const each = (count: number, make: () => number): Float64Array => Float64Array.from({ length: count }, make);
  return {
    columns,
    rows,
    cost: each(columns, () => Math.round(10 * random.next()) - 3),
    lower: each(columns, () => 0),
    upper: each(columns, () => (random.next() < 0.8 ? 10 : Infinity)),
    rowLower: each(rows, () => (random.next() < 0.7 ? -Infinity : -20 * random.next())),
    rowUpper: each(rows, () => (random.next() < 0.1 ? -5 : 5 + 20 * random.next())),
    rowStart: Int32Array.from(rowStart),
    index: Int32Array.from(index),
    value: Float64Array.from(value),
  };
}
