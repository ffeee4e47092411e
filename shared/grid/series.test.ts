import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { batchSolver } from './kernel/batch-solver.ts';
import type { Network } from './network.ts';
import { readProfiles } from './profile.ts';
import { solveSeries } from './series.ts';
import { prepareNetwork } from './solve.ts';
import { randomNetwork } from './testing/random-network.ts';

const solver = batchSolver();
const plain = batchSolver(() => {
  throw new Error('none');
});

/** Adds an island behind a second source, a bus without a source, a source impedance, and generation beside the loads. */
const enriched = (network: Network): Network => ({
  ...network,
  buses: [
    { id: 'dark', nominalKv: 10 },
    ...network.buses,
    { id: 'far', nominalKv: 20 },
    { id: 'farther', nominalKv: 20 },
  ],
  lines: [...network.lines, { id: 'ff', from: 'far', to: 'farther', rOhm: 1, xOhm: 2, bUs: 20 }],
  sources: [
    ...network.sources.map((source) => ({ ...source, shortCircuitMva: 80, rxRatio: 0.4 })),
    { id: 'other', bus: 'far', voltagePu: 0.99 },
  ],
  loads: [
    ...network.loads.map((load) => ({ ...load, profile: 'home' })),
    { id: 'there', bus: 'farther', activePowerKw: 900, reactivePowerKvar: 100, profile: 'works' },
    { id: 'unfed', bus: 'dark', activePowerKw: 9, reactivePowerKvar: 1, profile: 'home' },
  ],
  generators: [{ id: 'sun', bus: 'b1', activePowerKw: -70, profile: 'works' }],
  storages: [{ id: 'store', bus: 'b2', activePowerKw: 15, reactivePowerKvar: -3 }],
});

const csv = (rows: readonly (readonly number[])[]): string =>
  ['time,home_pload,home_qload,works,store:kw', ...rows.map((row, at) => [`t${at}`, ...row].join(','))].join('\n');

const near = (actual: number, expected: number, tolerance: number, what: string): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} is not ${expected} within ${tolerance}`);

test('a batched series matches the single power flow of each step, with and without the kernel', () => {
  const factor = fc.double({ min: -1, max: 1.5, noNaN: true });
  fc.assert(
    fc.property(
      randomNetwork,
      fc.array(fc.tuple(factor, factor, factor, fc.double({ min: -50, max: 50, noNaN: true })), {
        minLength: 1,
        maxLength: 11,
      }),
      (network, rows) => {
        const prepared = prepareNetwork(enriched(network));
        assert.equal(prepared.radial?.length, 2);
        const profiles = readProfiles(prepared.network, [{ name: 'p.csv', text: csv(rows) }]);
        const { steps, last } = solveSeries(prepared, profiles, { solver });
        assert.deepEqual(solveSeries(prepared, profiles, { solver: plain }).steps, steps);
        assert.equal(steps.length, rows.length);
        for (const [at, step] of steps.entries()) {
          const single = prepared.solve(profiles.at(at));
          assert.equal(step.converged, single.converged);
          if (!single.converged) continue;
          for (const [bus, { id, vmPu }] of single.buses.entries()) near(step.vmPu[bus]!, vmPu, 1e-10, `bus ${id}`);
          near(step.lossesKw, single.lossesKw, 1e-6, 'losses');
          near(
            step.sourceKw,
            -single.sources.reduce((sum, { activePowerKw }) => sum + activePowerKw, 0),
            1e-6,
            'supply',
          );
          near(step.iterations, single.iterations, 1, 'iterations');
        }
        assert.deepEqual(last, prepared.solve(profiles.at(rows.length - 1)));
      },
    ),
    { numRuns: 60 },
  );
});

const base = fc.sample(randomNetwork, { numRuns: 1, seed: 3 })[0]!;

test('a diverging step names its worst bus, and the others keep their results', () => {
  const prepared = prepareNetwork(enriched(base));
  const rows = [1, 400_000, 1].map((works) => [1, 1, works, 0]);
  const { steps } = solveSeries(prepared, readProfiles(prepared.network, [{ name: 'p.csv', text: csv(rows) }]), {
    solver,
  });
  assert.deepEqual(
    steps.map(({ converged }) => converged),
    [true, false, true],
  );
  assert.equal(steps[1]!.worstBus !== undefined, true);
  assert.equal(steps[0]!.worstBus, undefined);
});

test('a long series reports progress; a meshed network runs step by step', () => {
  const rows = Array.from({ length: 1100 }, (_, at) => [1, 1, at / 1100, 0]);
  const meshed = enriched({
    ...base,
    lines: base.lines.map((line) => ({ ...line, closed: true })),
  });
  for (const [network, length] of [
    [enriched(base), 1100],
    [meshed, 600],
  ] as const) {
    const prepared = prepareNetwork(network);
    assert.equal(prepared.radial === undefined, network === meshed);
    const profiles = readProfiles(network, [{ name: 'p.csv', text: csv(rows.slice(0, length)) }]);
    const progress: number[] = [];
    const { steps } = solveSeries(prepared, profiles, { solver, progress: (done) => progress.push(done) });
    assert.deepEqual(progress, length === 600 ? [512, 600] : [512, 1024, 1100]);
    assert.equal(steps.length, length);
    for (const at of [0, 511, 512, length - 1])
      near(steps[at]!.vmPu[1]!, prepared.solve(profiles.at(at)).buses[1]!.vmPu, 1e-10, `step ${at}`);
  }
});
