import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRadial, createWorkspace, solveRadial } from '../../../shared/grid/radial.ts';
import { flowOf, importOf, type Solved } from '../problem/ac.ts';
import { combined, flowDerivativeInto, importGradient, linearise } from './linearise.ts';
import { impedanceGradient, impedanceMw } from './loads.ts';
import { flowModel, voltageModel } from './model.ts';
import { smallNetwork } from '../testing/small-feeder.ts';

for (const [how, share] of [
  ['of constant power', 0],
  ['half of constant impedance', 0.5],
] as const)
  test(`derivatives match finite differences of the power flow, across a transformer, with loads ${how}`, () =>
    matches(share));

/** `share`: of the loads, of constant impedance. */
function matches(share: number): void {
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
  const loadKw = Float64Array.from([0, 300, 400, 500, 200, 350]);
  const loadKvar = Float64Array.from([0, 100, 150, 80, 60, 90]);
  const conductanceKw = loadKw.map((kw) => share * kw);
  const solveAt = (change: readonly number[]): Solved => {
    const activePowerKw = loadKw.map((kw) => (1 - share) * kw);
    const reactivePowerKvar = loadKvar.map((kvar) => (1 - share) * kvar);
    for (const [at, bus] of buses.entries()) {
      activePowerKw[grid.busIndex.get(bus)!]! += change[at]! * 1000;
      reactivePowerKvar[grid.busIndex.get(bus)!]! += change[2 + at]! * 1000;
    }
    const workspace = createWorkspace(grid);
    const solution = solveRadial(
      grid,
      {
        activePowerKw,
        reactivePowerKvar,
        conductanceKw,
        capacitorKvar: loadKvar.map((kvar) => -share * kvar),
        sourceVoltagePu: 1.01 + change[4]!,
      },
      workspace,
    );
    assert.ok(solution.converged);
    return { grid, workspace };
  };
  const here = solveAt([0, 0, 0, 0, 0]);
  const lin = linearise(here, nodes);
  const model = { lin, solved: here, flows: new Map(), voltages: new Map() };
  const [active, reactive] = [importGradient(here, lin), importGradient(here, lin, 'reactive')];
  const drawn = impedanceGradient(here, lin, conductanceKw)!;
  const step = 1e-4;
  for (let input = 0; input < lin.inputs; input++) {
    const at = (by: number): Solved => solveAt(Array.from({ length: 5 }, (_, k) => (k === input ? by : 0)));
    const [above, below] = [at(step), at(-step)];
    for (let node = 0; node < lin.nodes; node++) {
      const vm = ({ workspace }: Solved): number => Math.hypot(workspace.vRe[node]!, workspace.vIm[node]!);
      close(voltageModel(model, node)[input]!, (vm(above) - vm(below)) / (2 * step), `voltage ${node} ${input}`);
    }
    for (let node = 1; node < lin.nodes; node++)
      for (const end of ['near', 'far'] as const) {
        const column = new Float64Array(lin.inputs);
        column[input] = 1;
        const exact = new Float64Array(2);
        flowDerivativeInto(here, combined(lin, column), { node, end }, exact);
        const { dMw, dMvar } = flowModel(model, node, end);
        close(dMw[input]!, exact[0]!, `row and column ${node} ${end} ${input}`);
        close(dMvar[input]!, exact[1]!, `row and column ${node} ${end} ${input}`);
        const [high, low] = [flowOf(above, node, end), flowOf(below, node, end)];
        close(exact[0]!, (high.mw - low.mw) / (2 * step), `flow ${node} ${end} ${input}`);
        close(exact[1]!, (high.mvar - low.mvar) / (2 * step), `reactive flow ${node} ${end} ${input}`);
      }
    const [high, low] = [importOf(above), importOf(below)];
    close(active[input]!, (high.mw - low.mw) / (2 * step), `import ${input}`);
    close(reactive[input]!, (high.mvar - low.mvar) / (2 * step), `reactive import ${input}`);
    const [most, least] = [impedanceMw(above, conductanceKw), impedanceMw(below, conductanceKw)];
    close(drawn[input]!, (most - least) / (2 * step), `constant impedance ${input}`);
  }
}

function close(found: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(found - expected) < 1e-6 * Math.max(1, Math.abs(expected)) + 2e-7,
    `${what}: ${found} against ${expected}`,
  );
}
