import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importMatpower } from './matpower.ts';
import type { NetworkSolution } from './solution.ts';
import { solveNetwork } from './solve.ts';

/** A ring of transformers whose ratios multiply to 0.52, so that the no-load voltages disagree where both ways around it meet. */
function ring(voltages: readonly (readonly [pu: number, deg: number])[] = []): NetworkSolution {
  const drawn = [
    [0, 0],
    [-15, 8],
    [33, 4],
    [21, 6],
    [8, 7],
  ];
  const bus = drawn.map(([mw, mvar], at) => {
    const [pu, deg] = voltages[at] ?? [1, 0];
    return `${at + 1} ${at === 0 ? 3 : 1} ${mw} ${mvar} 0 0 1 ${pu} ${deg} 110 1 1.1 0.9;`;
  });
  const branch = [0.94, 0.79, 0.74, 1.16, 0.81].map(
    (ratio, at) => `${at + 1} ${((at + 1) % 5) + 1} 0.005 0.05 0 0 0 0 ${ratio} 0 1 -360 360;`,
  );
  const text = `mpc.baseMVA = 100;
mpc.bus = [${bus.join('\n')}];
mpc.gen = [1 0 0 9999 -9999 1 100 1 9999 0];
mpc.branch = [${branch.join('\n')}];`;
  return solveNetwork(importMatpower(text).network);
}

const rounded = ({ buses }: NetworkSolution): [number, number][] =>
  buses.map(({ vmPu, vaDeg }) => [Number(vmPu.toFixed(2)), Number(vaDeg.toFixed(1))]);
const solution: [number, number][] = [
  [1, 0],
  [0.87, -0.5],
  [0.95, -1.4],
  [1.17, -1.4],
  [0.89, -0.7],
];

test('a network that fails from the no-load voltages is solved from a DC power flow', () => {
  const solved = ring();
  assert.equal(solved.converged, true);
  assert.equal(solved.islands[0]!.start, 'dc');
  assert.deepEqual(rounded(solved), solution);
});

test('the voltages in the file come before the DC power flow', () => {
  const solved = ring(solution);
  assert.equal(solved.islands[0]!.start, 'stated');
  assert.deepEqual(rounded(solved), solution);
  assert.ok(solved.iterations < ring().iterations, `${solved.iterations} iterations`);
});

test('stated voltages that are far off do not prevent the DC start', () => {
  const solved = ring(solution.map(([pu], at) => (at === 0 ? [1, 0] : [pu * 0.3, 70 * at])));
  assert.equal(solved.converged, true);
  assert.equal(solved.islands[0]!.start, 'dc');
  assert.deepEqual(rounded(solved), solution);
});
