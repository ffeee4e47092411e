import { solveBatch, type BatchInput } from '../../shared/grid/batch.ts';
import { batchSolver } from '../../shared/grid/kernel/batch-solver.ts';
import { compileRadial, createWorkspace, solveRadial, type RadialGrid } from '../../shared/grid/radial.ts';
import type { Network } from '../../shared/grid/network.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import type { BenchOptions } from './options.ts';

const tolerancePu = 1e-8;

/**
 * The batch sweep in TypeScript and in its WebAssembly kernel against the single solver called step by step (the baseline), all from a flat
 * start to 1e-8 pu. The single solver also computes angles and branch flows for its callers.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const buses = 1000;
  const steps = quick ? 100 : 1000;
  const grid = compileRadial(feeder(buses));
  const input = profiles(grid, steps);
  const repeats = quick ? 3 : 9;
  const solver = batchSolver();
  if (solver.kernel !== 'wasm-simd') throw new Error(`this machine cannot run the kernel: ${solver.reason}`);

  say(`plain sweep, ${buses} buses by ${steps} steps, best of ${repeats}`);
  const typescript = best(repeats, () => sum(solveBatch(grid, input, { tolerancePu }).iterations));
  say('kernel, same problem');
  const kernel = best(repeats, () => sum(solver.solve(grid, input, { tolerancePu }).iterations));
  say('single solver, step by step');
  const single = best(quick ? 1 : 2, () => stepByStep(grid, input));
  const figures = ({ ms, iterations }: Timed): Record<'nsPerBusIteration' | 'ms' | 'iterations', number> => ({
    nsPerBusIteration: round((ms * 1e6) / (iterations * buses)),
    ms: round(ms),
    iterations,
  });
  return {
    buses,
    steps,
    tolerancePu,
    iterationsPerStep: kernel.iterations / steps,
    typescript: figures(typescript),
    kernel: figures(kernel),
    baseline: { what: 'solveRadial per step', ...figures(single) },
    ratio: round(single.ms / kernel.ms),
  };
}

interface Timed {
  readonly ms: number;
  readonly iterations: number;
}

function best(repeats: number, work: () => number): Timed {
  work();
  let ms = Infinity;
  let iterations = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const start = performance.now();
    iterations = work();
    ms = Math.min(ms, performance.now() - start);
  }
  return { ms, iterations };
}

function stepByStep(grid: RadialGrid, input: BatchInput): number {
  const workspace = createWorkspace(grid);
  const buses = grid.busIds.length;
  let iterations = 0;
  for (let step = 0; step < input.steps; step++) {
    const row = { begin: step * buses, end: (step + 1) * buses };
    const solution = solveRadial(
      grid,
      {
        activePowerKw: input.activePowerKw.subarray(row.begin, row.end),
        reactivePowerKvar: input.reactivePowerKvar.subarray(row.begin, row.end),
      },
      workspace,
      { tolerancePu },
    );
    iterations += solution.iterations;
  }
  return iterations;
}

/** A seeded radial network: a trunk with laterals, loaded to a lowest voltage near 0.93 pu. */
function feeder(buses: number): Network {
  const random = new SeededRandom(1, 'bench-powerflow');
  const parentOf = (bus: number): number => Math.max(0, bus - 1 - Math.floor(random.next() ** 3 * 30));
  return {
    format: 'loadstone-grid',
    version: 1,
    id: 'bench',
    name: 'bench',
    baseMva: 10,
    topologyVersion: 0,
    buses: Array.from({ length: buses }, (_, bus) => ({ id: `b${bus}`, nominalKv: 12.66 })),
    lines: Array.from({ length: buses - 1 }, (_, at) => ({
      id: `l${at + 1}`,
      from: `b${parentOf(at + 1)}`,
      to: `b${at + 1}`,
      rOhm: 0.02 * (0.5 + random.next()),
      xOhm: 0.015 * (0.5 + random.next()),
    })),
    transformers: [],
    sources: [{ id: 'source', bus: 'b0', voltagePu: 1 }],
    loads: Array.from({ length: buses - 1 }, (_, at) => ({
      id: `d${at + 1}`,
      bus: `b${at + 1}`,
      activePowerKw: 6 * random.next(),
      reactivePowerKvar: 3 * random.next(),
    })),
    shunts: [],
    feeders: [],
  };
}

function profiles(grid: RadialGrid, steps: number): BatchInput {
  const random = new SeededRandom(2, 'bench-powerflow');
  const buses = grid.busIds.length;
  const activePowerKw = new Float64Array(steps * buses);
  const reactivePowerKvar = new Float64Array(steps * buses);
  for (let step = 0; step < steps; step++)
    for (let bus = 0; bus < buses; bus++) {
      const factor = 0.7 + 0.3 * Math.sin((2 * Math.PI * step) / 96) + 0.2 * (random.next() - 0.5);
      activePowerKw[step * buses + bus] = grid.nominalKw[bus]! * factor;
      reactivePowerKvar[step * buses + bus] = grid.nominalKvar[bus]! * factor;
    }
  return { steps, activePowerKw, reactivePowerKvar };
}

function sum(values: Int32Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

const round = (value: number): number => Math.round(value * 100) / 100;
