import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { solveBatch, type BatchInput, type BatchOptions } from '../batch.ts';
import type { Network } from '../network.ts';
import { compileRadial, nominalInput, type RadialGrid } from '../radial.ts';
import { linesOnly, randomNetwork } from '../testing/random-network.ts';
import { batchSolver } from './batch-solver.ts';

const kernel = batchSolver();

function assertSame(grid: RadialGrid, input: BatchInput, options: BatchOptions = {}): void {
  assert.deepStrictEqual(kernel.solve(grid, input, options), solveBatch(grid, input, options));
}

/** The document's loads times each factor, one row per factor. */
function rows(grid: RadialGrid, factors: readonly number[]): BatchInput {
  const { activePowerKw, reactivePowerKvar } = nominalInput(grid);
  const times = (values: Float64Array): Float64Array =>
    Float64Array.from(factors.flatMap((factor) => Array.from(values, (value) => value * factor)));
  return { steps: factors.length, activePowerKw: times(activePowerKw), reactivePowerKvar: times(reactivePowerKvar) };
}

/** Two islands in one grid, the second a copy of the first. */
const twice = (network: Network): Network => {
  const renamed = (id: string): string => `${id}-${network.buses.length}`;
  const branch = <B extends { readonly id: string; readonly from: string; readonly to: string }>(item: B): B => ({
    ...item,
    id: renamed(item.id),
    from: renamed(item.from),
    to: renamed(item.to),
  });
  const atBus = <I extends { readonly id: string; readonly bus: string }>(item: I): I => ({
    ...item,
    id: renamed(item.id),
    bus: renamed(item.bus),
  });
  return {
    ...network,
    buses: [...network.buses, ...network.buses.map((bus) => ({ ...bus, id: renamed(bus.id) }))],
    lines: [...network.lines, ...network.lines.map(branch)],
    transformers: [...network.transformers, ...network.transformers.map(branch)],
    sources: [...network.sources, ...network.sources.map(atBus)],
    loads: [...network.loads, ...network.loads.map(atBus)],
    shunts: [...network.shunts, ...network.shunts.map(atBus)],
  };
};

/** A bus behind an open line. */
const withDeadBus = (network: Network): Network => ({
  ...network,
  buses: [{ id: 'dead', nominalKv: 10 }, ...network.buses],
  lines: [...network.lines, { id: 'open', from: 'b0', to: 'dead', rOhm: 1, xOhm: 1, closed: false }],
  loads: [...network.loads, { id: 'unfed', bus: 'dead', activePowerKw: 10, reactivePowerKvar: 5 }],
});

test('this engine supports the kernel', () => {
  assert.deepEqual([kernel.kernel, kernel.reason], ['wasm-simd', undefined]);
});

test('property: the kernel matches the plain sweep bit for bit, for any network and number of steps', () => {
  let failures = 0;
  fc.assert(
    fc.property(
      randomNetwork,
      fc.record({
        shape: fc.constantFrom('as it is', 'lines only', 'two islands', 'dead bus'),
        factors: fc.array(fc.oneof(fc.double({ min: -2, max: 2, noNaN: true }), fc.integer({ min: 1, max: 9000 })), {
          maxLength: 20,
        }),
        sourceVoltagePu: fc.option(fc.double({ min: 0.9, max: 1.1, noNaN: true }), { nil: undefined }),
        tap: fc.option(fc.double({ min: -5, max: 5, noNaN: true }), { nil: undefined }),
        tolerancePu: fc.constantFrom(1e-6, 1e-8, 1e-11),
        maxIterations: fc.constantFrom(0, 1, 5, 200),
      }),
      (network, { shape, factors, sourceVoltagePu, tap, tolerancePu, maxIterations }) => {
        const shaped = {
          'as it is': network,
          'lines only': linesOnly(network),
          'two islands': twice(network),
          'dead bus': withDeadBus(network),
        }[shape];
        const grid = compileRadial(shaped);
        const input = {
          ...rows(grid, factors),
          ...(sourceVoltagePu === undefined ? {} : { sourceVoltagePu }),
          ...(tap === undefined ? {} : { tapPositions: new Float64Array(grid.transformers.length).fill(tap) }),
        };
        assertSame(grid, input, { tolerancePu, maxIterations });
        if (maxIterations === 200) failures += solveBatch(grid, input).converged.filter((mark) => mark === 0).length;
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(failures > 0, 'no step diverged, so the property tests too little');
});

test('diverging or non-numeric steps do not affect the others', () => {
  const network = twice(fc.sample(randomNetwork, { numRuns: 1, seed: 5 })[0]!);
  for (const grid of [compileRadial(network), compileRadial(linesOnly(network))]) {
    const input = rows(grid, [1, 1e5, 0.5, 1, NaN, 1, Infinity, 0, 1, 2, 1]);
    const buses = grid.busIds.length;
    input.activePowerKw[3 * buses + grid.nodeBus[grid.nodeBus.length - 1]!] = NaN;
    input.activePowerKw[8 * buses + grid.nodeBus[grid.sourceCount]!] = NaN;
    assertSame(grid, input);
    const { converged } = kernel.solve(grid, input);
    assert.deepEqual([...converged], [1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1]);
  }
});

test('handles no steps and a lone source, and refuses powers of the wrong size', () => {
  const [network] = fc.sample(randomNetwork, { numRuns: 1, seed: 6 });
  const grid = compileRadial(network!);
  assertSame(grid, rows(grid, []));
  const lone = compileRadial({
    ...network!,
    buses: [network!.buses[0]!],
    lines: [],
    transformers: [],
    loads: [],
    shunts: [],
  });
  assertSame(lone, rows(lone, [1, 1]));
  assert.throws(() => kernel.solve(grid, { ...rows(grid, [1]), steps: 2 }), RangeError);
});

test('a small grid solved after a larger one sees no stale memory', () => {
  const [small] = fc.sample(randomNetwork, { numRuns: 1, seed: 7 });
  const large = Array.from({ length: 6 }).reduce<Network>((network) => twice(network), small!);
  const grid = compileRadial(large);
  assertSame(grid, rows(grid, [1, 2]));
  const after = compileRadial(withDeadBus(small!));
  assertSame(after, rows(after, [1, 2, 3]));
});

test('without a compiler or SIMD the plain sweep takes over and says why', () => {
  const solver = batchSolver(() => {
    throw new Error('invalid value type 0x7b');
  });
  assert.deepEqual([solver.kernel, solver.reason], ['typescript', 'invalid value type 0x7b']);
  const grid = compileRadial(fc.sample(randomNetwork, { numRuns: 1, seed: 8 })[0]!);
  assert.deepStrictEqual(solver.solve(grid, rows(grid, [1, 0.3])), solveBatch(grid, rows(grid, [1, 0.3])));
});
