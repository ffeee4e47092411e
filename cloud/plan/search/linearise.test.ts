import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRadial, createWorkspace, solveRadial } from '../../../shared/grid/radial.ts';
import { flowOf, importOf, type Solved } from '../problem/ac.ts';
import { flowDerivative, importDerivative, linearise } from './linearise.ts';
import { smallNetwork } from '../testing/small-feeder.ts';

test('derivatives match finite differences of the power flow, across a transformer with tap and shift', () => {
  const line = smallNetwork(6);
  const network = {
    ...line,
    lines: line.lines.slice(1).map((one, at) => ({ ...one, bUs: at === 1 ? 40 : 0 })),
    transformers: [
      {
        id: 't1',
        from: 'b1',
        to: 'b2',
        ratedKva: 8000,
        ratedFromKv: 12.66,
        ratedToKv: 12.66,
        rOhm: 0.12,
        xOhm: 1.9,
        ironKw: 8,
        tapPosition: 2,
        tapStepPct: 1.25,
        shiftDeg: 30,
      },
    ],
    feeders: [],
  };
  const grid = compileRadial(network);
  const buses = ['b4', 'b6'];
  const nodes = Int32Array.from(buses, (bus) => grid.busNode[grid.busIndex.get(bus)!]!);
  const solveAt = (change: readonly number[]): Solved => {
    const activePowerKw = Float64Array.from([0, 300, 400, 500, 200, 350]);
    const reactivePowerKvar = Float64Array.from([0, 100, 150, 80, 60, 90]);
    for (const [at, bus] of buses.entries()) {
      activePowerKw[grid.busIndex.get(bus)!]! += change[at]! * 1000;
      reactivePowerKvar[grid.busIndex.get(bus)!]! += change[2 + at]! * 1000;
    }
    const workspace = createWorkspace(grid);
    const solution = solveRadial(
      grid,
      { activePowerKw, reactivePowerKvar, sourceVoltagePu: 1.01 + change[4]! },
      workspace,
    );
    assert.ok(solution.converged);
    return { grid, workspace };
  };
  const here = solveAt([0, 0, 0, 0, 0]);
  const lin = linearise(here, nodes);
  const step = 1e-4;
  for (let input = 0; input < lin.inputs; input++) {
    const at = (by: number): Solved => solveAt(Array.from({ length: 5 }, (_, k) => (k === input ? by : 0)));
    const [above, below] = [at(step), at(-step)];
    for (let node = 0; node < lin.nodes; node++) {
      const vm = ({ workspace }: Solved): number => Math.hypot(workspace.vRe[node]!, workspace.vIm[node]!);
      close(lin.dvm[input * lin.nodes + node]!, (vm(above) - vm(below)) / (2 * step), `voltage ${node} ${input}`);
    }
    for (let node = 1; node < lin.nodes; node++)
      for (const end of ['near', 'far'] as const) {
        const exact = flowDerivative(here, lin, { node, end, offset: input * lin.nodes });
        const [high, low] = [flowOf(above, node, end), flowOf(below, node, end)];
        close(exact.mw, (high.mw - low.mw) / (2 * step), `flow ${node} ${end} ${input}`);
        close(exact.mvar, (high.mvar - low.mvar) / (2 * step), `reactive flow ${node} ${end} ${input}`);
      }
    close(
      importDerivative(here, lin, input).mw,
      (importOf(above).mw - importOf(below).mw) / (2 * step),
      `import ${input}`,
    );
  }
});

function close(found: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(found - expected) < 1e-6 * Math.max(1, Math.abs(expected)) + 2e-7,
    `${what}: ${found} against ${expected}`,
  );
}
