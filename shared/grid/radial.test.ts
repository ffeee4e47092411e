import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Network } from './network.ts';
import { compileRadial, createWorkspace, nominalInput, solveRadial } from './radial.ts';
import { randomNetwork } from './testing/random-network.ts';

const net = (change: Partial<Network> = {}): Network => ({
  format: 'loadstone-grid',
  version: 1,
  id: 'n',
  name: 'n',
  baseMva: 1,
  topologyVersion: 0,
  buses: ['a', 'b', 'c'].map((id) => ({ id, nominalKv: 10 })),
  lines: [
    { id: 'ab', from: 'a', to: 'b', rOhm: 1, xOhm: 1, ratedKva: 400 },
    { id: 'bc', from: 'c', to: 'b', rOhm: 1, xOhm: 1 },
  ],
  transformers: [],
  sources: [{ id: 's', bus: 'a', voltagePu: 1 }],
  loads: [{ id: 'd', bus: 'c', activePowerKw: 300, reactivePowerKvar: 100 }],
  shunts: [],
  feeders: [],
  ...change,
});

test('a non-radial network is refused with the branch that closes the loop', () => {
  const loop = { id: 'tie', from: 'a', to: 'c', rOhm: 1, xOhm: 1 };
  assert.throws(() => compileRadial(net({ lines: [...net().lines, loop] })), {
    code: 'LS-GRID-001',
    message: 'branch "bc" closes a loop: open it, or another branch of the loop',
  });
  assert.doesNotThrow(() => compileRadial(net({ lines: [...net().lines, { ...loop, closed: false }] })));
  const sources = [...net().sources, { id: 'u', bus: 'c', voltagePu: 1 }];
  assert.throws(() => compileRadial(net({ sources })), {
    code: 'LS-GRID-001',
    message: /source "s" and source "u"|source "u" and source "s"/,
  });
});

test('invalid data is refused with element and field', () => {
  const lines = net().lines;
  const cases: [Partial<Network>, RegExp][] = [
    [{ lines: [{ ...lines[0]!, to: 'x' }] }, /line "ab": to bus "x" does not exist/],
    [{ lines: [lines[0]!, lines[0]!] }, /branch "ab": the id is used twice/],
    [{ lines: [{ ...lines[0]!, rOhm: NaN }] }, /line "ab": rOhm must be a finite number/],
    [
      {
        buses: [
          { id: 'a', nominalKv: 10 },
          { id: 'b', nominalKv: 0.4 },
          { id: 'c', nominalKv: 10 },
        ],
      },
      /use a transformer/,
    ],
    [{ loads: [{ id: 'd', bus: 'x', activePowerKw: 1, reactivePowerKvar: 0 }] }, /"d": bus "x" does not exist/],
    [{ lines: [{ ...lines[0]!, to: 'a' }] }, /same bus/],
  ];
  for (const [change, message] of cases)
    assert.throws(() => compileRadial(net(change)), { code: 'LS-GRID-003', message });
});

test('an island without a source is de-energised, reported and skipped', () => {
  const grid = compileRadial(net({ lines: [net().lines[0]!, { ...net().lines[1]!, closed: false }] }));
  assert.deepEqual(grid.deEnergised, ['c']);
  const solution = solveRadial(grid, nominalInput(grid));
  assert.equal(solution.converged, true);
  assert.equal(solution.vmPu[2], 0);
  assert.equal(solution.fromKw[0], 0);
});

test('consumption lowers the voltage, feed-in raises it, absorbed reactive power lowers it', () => {
  const grid = compileRadial(net());
  const voltage = (kw: number, kvar: number): number =>
    solveRadial(grid, { activePowerKw: Float64Array.of(0, 0, kw), reactivePowerKvar: Float64Array.of(0, 0, kvar) })
      .vmPu[2]!;
  assert.ok(voltage(300, 0) < 1);
  assert.ok(voltage(-300, 0) > 1);
  assert.ok(voltage(0, 100) < 1);
  assert.ok(voltage(0, -100) > 1);
});

test('loading is the current at the worse end over the rating', () => {
  const grid = compileRadial(net());
  const solution = solveRadial(grid, nominalInput(grid));
  const atB = Math.hypot(solution.toKw[0]!, solution.toKvar[0]!) / solution.vmPu[1]!;
  assert.ok(Math.abs(solution.loadingPct[0]! - (100 * atB) / 400) < 1e-9);
  assert.ok(Number.isNaN(solution.loadingPct[1]!));
});

test('a load that the line cannot supply, or NaN, diverges and names its bus', () => {
  const grid = compileRadial(net());
  for (const kw of [60_000, NaN]) {
    const solution = solveRadial(grid, {
      activePowerKw: Float64Array.of(0, 0, kw),
      reactivePowerKvar: new Float64Array(3),
    });
    assert.equal(solution.converged, false);
    assert.ok(['b', 'c'].includes(solution.worstBus!));
  }
});

test('a higher tap lowers the voltage behind it, and the phase shift turns the angle back', () => {
  const transformer = {
    id: 't',
    from: 'a',
    to: 'b',
    ratedKva: 400,
    ratedFromKv: 10,
    ratedToKv: 10,
    rOhm: 0,
    xOhm: 0,
    tapStepPct: 1,
    shiftDeg: 30,
  };
  const grid = compileRadial(net({ lines: [net().lines[1]!], transformers: [transformer] }));
  const none = { activePowerKw: new Float64Array(3), reactivePowerKvar: new Float64Array(3) };
  const solution = solveRadial(grid, { ...none, tapPositions: Float64Array.of(2) });
  assert.ok(Math.abs(solution.vmPu[1]! - 1 / 1.02) < 1e-12);
  assert.ok(Math.abs(solution.vaDeg[2]! + 30) < 1e-9);
});

test('property: power balances at every bus of any radial network, and a warm start finds the same state', () => {
  fc.assert(
    fc.property(randomNetwork, (network) => {
      const grid = compileRadial(network);
      const input = nominalInput(grid);
      const workspace = createWorkspace(grid);
      const solution = solveRadial(grid, input, workspace);
      if (!solution.converged) return;
      const out = new Float64Array(grid.busIds.length);
      for (const branch of grid.branchIds.keys()) {
        out[grid.branchFromBus[branch]!]! += solution.fromKw[branch]!;
        out[grid.branchToBus[branch]!]! += solution.toKw[branch]!;
      }
      for (const bus of grid.busIds.keys()) {
        if (bus === 0) continue;
        const shunt = network.shunts[bus - 1]!.gKw * solution.vmPu[bus]! ** 2;
        assert.ok(Math.abs(out[bus]! + input.activePowerKw[bus]! + shunt) < 1e-6, `bus ${bus}`);
      }
      const cold = Float64Array.from(solution.vmPu);
      const again = solveRadial(grid, input, workspace, { warmStart: true });
      assert.ok(again.iterations <= 2);
      for (const [bus, value] of cold.entries()) assert.ok(Math.abs(value - again.vmPu[bus]!) < 1e-10);
    }),
    { numRuns: 100, seed: 1 },
  );
});

test('property: consumption of constant impedance is what constant power would be at the solved voltage', () => {
  fc.assert(
    fc.property(randomNetwork, fc.double({ min: 0, max: 0.2, noNaN: true }), (network, share) => {
      const grid = compileRadial(network);
      const { activePowerKw, reactivePowerKvar } = nominalInput(grid);
      const conductanceKw = activePowerKw.map((kw) => share * kw);
      const capacitorKvar = reactivePowerKvar.map((kvar) => -share * kvar);
      const own = solveRadial(grid, { activePowerKw, reactivePowerKvar, conductanceKw, capacitorKvar });
      fc.pre(own.converged);
      const at = (extra: Float64Array): Float64Array => extra.map((kw, bus) => kw * own.vmPu[bus]! ** 2);
      const [kw, kvar] = [at(conductanceKw), at(capacitorKvar)];
      const other = solveRadial(grid, {
        activePowerKw: activePowerKw.map((each, bus) => each + kw[bus]!),
        reactivePowerKvar: reactivePowerKvar.map((each, bus) => each - kvar[bus]!),
      });
      for (const [bus, pu] of own.vmPu.entries()) assert.ok(Math.abs(pu - other.vmPu[bus]!) < 1e-9, `${bus}`);
      assert.ok(Math.abs(own.lossesKw - other.lossesKw) < 1e-6 * Math.max(1, own.lossesKw));
    }),
  );
});
