import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { violationEur } from '../search/evaluate.ts';
import { spreadPct } from './fairness.ts';
import { HighsSolver } from '../search/highs-solver.ts';
import { optimise } from '../search/optimise.ts';
import type { Optimised } from '../search/optimised.ts';
import type { Fairness } from './problem.ts';
import { pvPlant, smallProblem } from '../testing/small-feeder.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const sunny = (fairness: Fairness | undefined): Optimised =>
  optimise(
    {
      ...smallProblem({
        loadKw: [50, 50, 100],
        devices: [pvPlant('b2', [300, 300, 200]), pvPlant('b5', [2700, 2700, 200])],
        options: { maxRounds: 30, tolerance: 1e-6 },
      }),
      fairness,
    },
    solver,
  );
const broken = ({ layout, best, prices }: Optimised): number => violationEur(layout, best, prices);

test('without a bound the far customer bears all curtailment; with one the spread is kept at a stated cost', () => {
  const without = sunny(undefined);
  const [near, far] = [0, 1].map((control) => without.best.x[control]!);
  assert.ok(near! > 0.2999 && far! < 2.5, `${near} MW near, ${far} MW far`);
  assert.ok(spreadPct(without.layout, without.best.x) > 5);
  const bounded = sunny({ maxSpreadPct: 2, excessEurPerPct: 50 });
  assert.ok(spreadPct(bounded.layout, bounded.best.x) < 2.01);
  assert.equal(broken(bounded), 0);
  const extraEur = bounded.merit - without.merit;
  assert.ok(extraEur > 0.5 && extraEur < 50, `${extraEur} EUR more`);
});

test('if fairness is too expensive, each percent beyond the bound costs its weight', () => {
  const cheap = sunny({ maxSpreadPct: 2, excessEurPerPct: 0.01 });
  const spread = spreadPct(cheap.layout, cheap.best.x);
  assert.ok(spread > 4);
  assert.ok(Math.abs(cheap.merit - sunny(undefined).merit - 0.01 * (spread - 2)) < 0.01);
});

test('plants behind one connection point count as one customer, and a single customer is always fair', () => {
  const devices = [pvPlant('b2', [1000]), pvPlant('b5', [3000])].map((one) => ({ ...one, customer: 'farm' }));
  const problem = { ...smallProblem({ loadKw: [50], devices }), fairness: { maxSpreadPct: 0, excessEurPerPct: 50 } };
  const { layout, best } = optimise(problem, solver);
  assert.equal(spreadPct(layout, best.x), 0);
});
