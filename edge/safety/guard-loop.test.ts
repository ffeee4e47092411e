import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { compileRadial, nominalInput } from '../../shared/grid/radial.ts';
import type { Network } from '../../shared/grid/network.ts';
import { BAND, PHASE, runLoop, type LoopPhase, type LoopWorld } from './testing/closed-loop.ts';
import { goldenNetworks } from './testing/golden-networks.ts';

type World = Omit<LoopWorld, 'network'>;

function worldsOn(network: Network): fc.Arbitrary<World> {
  const grid = compileRadial(network);
  const { activePowerKw } = nominalInput(grid);
  const total = activePowerKw.reduce((sum, kw) => sum + Math.abs(kw), 0);
  const buses = [...activePowerKw.keys()].filter((bus) => activePowerKw[bus] !== 0 && grid.busNode[bus]! >= 0);
  const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
  return fc.record({
    devices: fc.array(
      fc.record({
        bus: fc.constantFrom(...buses),
        kind: fc.constantFrom('battery', 'battery', 'pv', 'ev'),
        ratedKw: between(0.03, 0.4).map((share) => share * total),
        wish: between(0, 1),
        dead: fc.integer({ min: 0, max: 3 }),
        believed: between(0.6, 1.7),
        fate: fc.constantFrom('well', 'well', 'well', 'well', 'lost', 'stuck', 'boasting'),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    load: between(0.1, 0.8),
    spike: between(1, 2.5),
    sourceStep: between(0.94, 1.07),
    importShare: between(-0.2, 0.4),
    widthShare: between(0, 1),
    meterDelay: fc.integer({ min: 0, max: 2 }),
    mapped: fc.boolean(),
  });
}

/** How often a series changes direction by more than `least`. */
function turns(series: readonly number[], least: number): number {
  let [count, direction, from] = [0, 0, series[0]!];
  for (const value of series) {
    if (Math.sign(value - from) === direction) from = value;
    else if (Math.abs(value - from) > least) {
      if (direction !== 0) count++;
      direction = Math.sign(value - from);
      from = value;
    }
  }
  return count;
}

function settled({ devices }: World, { commanded }: LoopPhase): void {
  for (const [at, { ratedKw }] of devices.entries()) {
    const tail = commanded.slice(PHASE / 2).map((cycle) => cycle[at]!);
    for (const key of ['kw', 'kvar'] as const) {
      const count = turns(
        tail.map((each) => each[key]),
        0.02 * ratedKw,
      );
      assert.ok(count <= 1, `d${at} ${key} still turns ${count} times`);
    }
  }
}

function relieved(world: World, { terminalPu, limits, commanded }: LoopPhase): void {
  for (const [at, { fate, kind, ratedKw }] of world.devices.entries()) {
    if (fate !== 'well') continue;
    const pu = terminalPu[at]!;
    const { kw, kvar } = commanded.at(-1)![at]!;
    if (pu <= BAND[1] + 1e-4) continue;
    if (kind === 'ev') continue;
    const others = limits.filter(
      ({ id, value, quantity }) => quantity === 'voltagePu' && id !== `d${at}-voltage` && value! < BAND[0] + 0.005,
    );
    if (others.length > 0 && world.mapped) continue;
    assert.ok(kvar >= 0.44 * ratedKw - 1e-6, `d${at} at ${pu} pu absorbs ${kvar} kvar only`);
    const end = kind === 'pv' ? 0 : ratedKw;
    assert.ok(kw >= end - 1e-6, `d${at} at ${pu} pu gets ${kw} kW`);
  }
}

for (const { name, network } of goldenNetworks())
  test(`property: in closed loop on ${name} the guard settles and pushes no terminal out of its band`, () => {
    let solved = 0;
    fc.assert(
      fc.property(worldsOn(network), (world) => {
        const phases = runLoop({ network, ...world });
        if (phases === null) return;
        solved++;
        for (const phase of phases) {
          settled(world, phase);
          relieved(world, phase);
        }
      }),
      { numRuns: 25 },
    );
    assert.ok(solved >= 10, `only ${solved} of the worlds have a solution`);
  });
