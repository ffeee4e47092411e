import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { solveBatch } from './batch.ts';
import { compileRadial, createWorkspace, nominalInput, solveRadial } from './radial.ts';
import { linesOnly, randomNetwork } from './testing/random-network.ts';

test('the batch matches the single solver, step by step, to 1e-10 pu', () => {
  fc.assert(
    fc.property(randomNetwork, fc.boolean(), (network, plain) => {
      const grid = compileRadial(plain ? linesOnly(network) : network);
      const base = nominalInput(grid);
      const factors = [0, 0.4, 1, 1.3];
      const scaled = (values: Float64Array, factor: number): Float64Array => values.map((value) => value * factor);
      const all = (values: Float64Array): Float64Array =>
        Float64Array.from(factors.flatMap((factor) => [...scaled(values, factor)]));
      const batch = solveBatch(
        grid,
        {
          steps: factors.length,
          activePowerKw: all(base.activePowerKw),
          reactivePowerKvar: all(base.reactivePowerKvar),
        },
        { tolerancePu: 1e-12 },
      );
      const workspace = createWorkspace(grid);
      for (const [step, factor] of factors.entries()) {
        const single = solveRadial(
          grid,
          {
            activePowerKw: scaled(base.activePowerKw, factor),
            reactivePowerKvar: scaled(base.reactivePowerKvar, factor),
          },
          workspace,
          { tolerancePu: 1e-12 },
        );
        assert.equal(batch.converged[step], single.converged ? 1 : 0);
        if (!single.converged) continue;
        for (const [bus, value] of single.vmPu.entries())
          assert.ok(Math.abs(value - batch.vmPu[step * grid.busIds.length + bus]!) < 1e-10);
        assert.ok(Math.abs(single.lossesKw - batch.lossesKw[step]!) < 1e-7);
      }
    }),
    { numRuns: 100, seed: 4 },
  );
});

test('a diverging step is marked, and the others keep their results', () => {
  const grid = compileRadial({
    ...linesOnly({
      format: 'loadstone-grid',
      version: 1,
      id: 'n',
      name: 'n',
      baseMva: 1,
      topologyVersion: 0,
      buses: [
        { id: 'a', nominalKv: 10 },
        { id: 'b', nominalKv: 10 },
      ],
      lines: [{ id: 'ab', from: 'a', to: 'b', rOhm: 1, xOhm: 1 }],
      transformers: [],
      sources: [{ id: 's', bus: 'a', voltagePu: 1 }],
      loads: [],
      shunts: [],
      feeders: [],
    }),
  });
  const batch = solveBatch(grid, {
    steps: 3,
    activePowerKw: Float64Array.of(0, 100, 0, 90_000, 0, NaN),
    reactivePowerKvar: new Float64Array(6),
  });
  assert.deepEqual([...batch.converged], [1, 0, 0]);
});
