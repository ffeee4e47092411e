import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Line } from '../../shared/grid/network.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { keptSolver, loadSolver } from './compose-solver.ts';
import type { LpProblem, LpSolver } from './problem/lp.ts';
import { evaluate, newBench, violationEur } from './search/evaluate.ts';
import { optimise } from './search/optimise.ts';
import { curtailed } from './search/restore.ts';
import { dispatchTasks } from './tasks.ts';
import { feasibleProblem } from './testing/feasible-problem.ts';
import { batteryAt, smallNetwork, smallProblem } from './testing/small-feeder.ts';

const plan = { substation: 's', substitutions: [], bandKw: 100 };

/** How every module of this process requests memory; the types of Node lack it. */
const { WebAssembly: wasm } = globalThis as unknown as {
  readonly WebAssembly: { readonly Memory: { readonly prototype: { grow(pages: number): number } } };
};

const refuseMemory = (t: TestContext) =>
  t.mock.method(wasm.Memory.prototype, 'grow', () => {
    throw new RangeError('no memory');
  });

/** Every column in every row: more than the solver's initial memory holds. */
function dense(size: number): LpProblem {
  return {
    columns: size,
    rows: size,
    cost: new Float64Array(size).fill(1),
    lower: new Float64Array(size),
    upper: new Float64Array(size).fill(Infinity),
    rowLower: new Float64Array(size).fill(1),
    rowUpper: new Float64Array(size).fill(Infinity),
    rowStart: Int32Array.from({ length: size + 1 }, (_, row) => row * size),
    index: Int32Array.from({ length: size * size }, (_, at) => at % size),
    value: new Float64Array(size * size).fill(1),
  };
}

test('a solver that runs out of memory aborts without throwing, and fails from then on', async (t) => {
  const solver = await loadSolver();
  const small = dense(2);
  assert.equal(solver.solve(small).status, 'optimal');
  assert.equal(solver.aborted, undefined);
  const grow = refuseMemory(t);
  assert.equal(solver.solve(dense(1500)).status, 'failed');
  assert.ok(grow.mock.callCount() > 0);
  assert.ok(solver.aborted !== undefined);
  grow.mock.restore();
  assert.equal(solver.solve(small).status, 'failed');
});

test('a network that no plan can be made for is named in the fault', async () => {
  const { dispatch } = dispatchTasks(keptSolver());
  const faultOf = async (lines: (open: Line[]) => Line[]): Promise<string> => {
    const network = smallNetwork();
    const problem = smallProblem({
      loadKw: [100],
      devices: [batteryAt('b5')],
      network: { ...network, lines: lines(network.lines) },
    });
    const answer = await dispatch({ problem, plan });
    return answer.ok ? 'none' : `${answer.fault.code} ${answer.fault.detail}`;
  };
  assert.match(
    await faultOf((lines) => lines.map((line) => ({ ...line, closed: line.id !== 'l3' }))),
    /^LS-OPT-002 device battery-b5 is at bus b5, which is de-energised/,
  );
  assert.match(await faultOf((lines) => [...lines, { ...lines[0]!, id: 'tie', from: 'b5' }]), /^LS-OPT-002 plans need/);
});

test('after an abort the plan is the best found before and names the abort; the next has a new solver', async (t) => {
  const problem = feasibleProblem({ buses: 60, pv: 14, batteries: 6, steps: 24, seed: 2, known: 'zero' });
  const solver = keptSolver();
  const { dispatch } = dispatchTasks(solver);
  const first = await solver();
  const grow = refuseMemory(t);
  const cut = unwrap(await dispatch({ problem, plan }));
  grow.mock.restore();
  assert.ok(first.aborted !== undefined);
  assert.equal(cut.fault?.code, 'LS-OPT-006');
  assert.equal(cut.content.cost.violationEur, 0);
  assert.notEqual(await solver(), first);
  const whole = unwrap(await dispatch({ problem, plan }));
  assert.equal(whole.fault, undefined);
  assert.equal(whole.content.cost.violationEur, 0);
  assert.ok(whole.content.cost.totalEur <= cut.content.cost.totalEur);
});

test('after an abort anywhere in the search the plan keeps all limits and costs no more than curtailment', async () => {
  const solver = await loadSolver();
  const problem = feasibleProblem({ buses: 60, pv: 12, batteries: 4, steps: 8, seed: 1, known: 'zero' });
  for (const large of [0, Infinity])
    for (const at of [1, 2, 3, 5, 8, 13, 21, 34]) {
      let solves = 0;
      const aborting: LpSolver = {
        solve(posed, start) {
          const result = solver.solve(posed, start);
          return ++solves < at ? result : { ...result, status: 'failed' };
        },
      };
      const { layout, best, prices } = optimise({ ...problem, options: { large } }, aborting);
      assert.equal(violationEur(layout, best, prices), 0, `${at}, large ${large}`);
      const known = evaluate(layout, curtailed(layout), newBench(layout));
      assert.ok(
        best.objectiveEur <= known.objectiveEur,
        `${at}, large ${large}: ${best.objectiveEur} of ${known.objectiveEur} EUR`,
      );
    }
});
