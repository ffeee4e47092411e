import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { valuesOf } from '../problem/device-cost.ts';
import type { DispatchProblem } from '../problem/problem.ts';
import { batteryAt, smallProblem } from '../testing/small-feeder.ts';
import { followingAt, tapAt } from '../testing/stepped.ts';
import { HighsSolver } from './highs-solver.ts';
import { optimise } from './optimise.ts';
import type { Optimised } from './optimised.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const loadKw = [250, 250, 250, 250];
const found = (over: Partial<DispatchProblem>, importKw?: number): Optimised =>
  optimise(
    {
      ...smallProblem({
        loadKw,
        devices: [tapAt('b1', { moveEur: 0.01 }), batteryAt('b3')],
        ...(importKw === undefined ? {} : { importKw }),
      }),
      ...over,
    },
    solver,
  );
const follows = { loadModel: followingAt(5, 1) };
const positions = ({ layout, best }: Optimised): number[] =>
  valuesOf(layout, best.x)[0]!.map(({ position }) => position);
const discharged = ({ layout, best }: Optimised): number =>
  valuesOf(layout, best.x)[1]!.reduce((sum, { discharge }) => sum + discharge, 0);

test('a plan does not raise the voltage to save losses where the loads would then draw more', () => {
  const [constant, following] = [found({}), found(follows)];
  assert.ok(
    positions(constant).every((position) => position > 4),
    positions(constant).join(' '),
  );
  assert.ok(
    positions(following).every((position) => position <= 4),
    positions(following).join(' '),
  );
});

test('where the import is limited a plan lowers the voltage within its band, and takes less from the battery', () => {
  const free = found(follows);
  const most = 0.97 * Math.max(...free.best.importMw) * 1000;
  const [constant, following] = [found({}, most), found(follows, most)];
  assert.ok(
    positions(following).every((position) => position < 4),
    positions(following).join(' '),
  );
  assert.ok(discharged(following) < discharged(constant), `${discharged(following)} ${discharged(constant)}`);
});

test('the losses of a plan do not count what its loads draw more', () => {
  const { layout, best } = found(follows);
  for (const [step, solved] of best.solved[0]!.entries()) {
    const { r, jRe, jIm } = solved.workspace;
    const heat = r.reduce((sum, ohm, node) => sum + ohm * (jRe[node]! ** 2 + jIm[node]! ** 2), 0);
    assert.ok(Math.abs(best.lossMw[step]! - (heat * layout.grid.baseKva) / 1000) < 1e-6);
  }
});
