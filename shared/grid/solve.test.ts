import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Line, Network } from './network.ts';
import { solveNetwork } from './solve.ts';
import { randomNetwork } from './testing/random-network.ts';

const near = (actual: number, expected: number, tolerance: number, what: string): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} is not ${expected} within ${tolerance}`);

const line = (id: string, from: string, to: string, more: Partial<Line> = {}): Line => ({
  id,
  from,
  to,
  rOhm: 0.5,
  xOhm: 0.4,
  ...more,
});

/** A ring a-b-c-a at 10 kV with 600 kW at c. */
const ring: Network = {
  format: 'loadstone-grid',
  version: 1,
  id: 'ring',
  name: 'ring',
  baseMva: 1,
  topologyVersion: 0,
  buses: ['a', 'b', 'c'].map((id) => ({ id, nominalKv: 10 })),
  lines: [line('ab', 'a', 'b'), line('bc', 'b', 'c'), line('ca', 'c', 'a')],
  transformers: [],
  sources: [{ id: 's', bus: 'a', voltagePu: 1.02 }],
  loads: [{ id: 'd', bus: 'c', activePowerKw: 600, reactivePowerKvar: 200 }],
  shunts: [],
  feeders: [],
};
const vm = (network: Network, bus: string): number => solveNetwork(network).buses.find(({ id }) => id === bus)!.vmPu;

test('Newton and the sweep agree on every radial network', () => {
  fc.assert(
    fc.property(randomNetwork, (network) => {
      const sweep = solveNetwork(network);
      if (!sweep.converged) return;
      const newton = solveNetwork(network, { method: 'newton' });
      assert.deepEqual([sweep.islands[0]!.method, newton.islands[0]!.method], ['sweep', 'newton']);
      assert.equal(newton.converged, true);
      for (const [at, bus] of sweep.buses.entries()) {
        near(newton.buses[at]!.vmPu, bus.vmPu, 1e-9, bus.id);
        const apart = Math.abs(newton.buses[at]!.vaDeg - bus.vaDeg);
        near(Math.min(apart, 360 - apart), 0, 1e-7, `angle of ${bus.id}`);
      }
      for (const [at, branch] of sweep.branches.entries()) {
        near(newton.branches[at]!.fromKw, branch.fromKw, 1e-5, `${branch.id} from`);
        near(newton.branches[at]!.toKvar, branch.toKvar, 1e-5, `${branch.id} to`);
      }
      near(newton.sources[0]!.activePowerKw, sweep.sources[0]!.activePowerKw, 1e-5, 'supply');
      near(newton.sources[0]!.reactivePowerKvar, sweep.sources[0]!.reactivePowerKvar, 1e-5, 'reactive supply');
    }),
  );
});

test('topology chooses the solver, island by island', () => {
  const split: Network = {
    ...ring,
    buses: [...ring.buses, ...['x', 'y', 'lone'].map((id) => ({ id, nominalKv: 10 }))],
    lines: [...ring.lines, line('xy', 'x', 'y')],
    sources: [...ring.sources, { id: 't', bus: 'x', voltagePu: 1 }],
  };
  const solution = solveNetwork(split);
  assert.deepEqual(
    solution.islands.map(({ method, buses, converged }) => [method, buses, converged]),
    [
      ['newton', 3, true],
      ['sweep', 2, true],
    ],
  );
  assert.deepEqual(solution.deEnergised, ['lone']);
  assert.equal(solution.buses.at(-1)!.vmPu, 0);
});

test("an opened switch leaves its branch's charging, a closed one joins two buses", () => {
  const charged = [line('ab', 'a', 'b', { bUs: 2000 }), line('bc', 'b', 'c'), line('ca', 'c', 'a')];
  const open = solveNetwork({
    ...ring,
    lines: charged,
    switches: [{ id: 'k', bus: 'b', branch: 'ab', closed: false }],
  });
  assert.equal(open.islands[0]!.method, 'sweep');
  assert.equal(open.buses.length, 3);
  const flow = open.branches.find(({ id }) => id === 'ab')!;
  near(flow.fromKvar, -2000e-6 * 1.02 ** 2 * 100 * 1000, 0.5, 'charging of the open line');
  near(flow.toKw, 0, 1e-6, 'at its open end');
  const joined = solveNetwork({ ...ring, switches: [{ id: 'k', bus: 'a', toBus: 'c', closed: true }] });
  assert.equal(joined.buses[2]!.vmPu, 1.02);
  near(joined.branches[2]!.fromKw, 0, 1e-9, 'a line beside a closed switch');
});

test('a line without impedance in a ring joins its buses and has a known flow', () => {
  const joined: Network = {
    ...ring,
    lines: [line('ab', 'a', 'b'), line('bc', 'b', 'c', { rOhm: 0, xOhm: 0 }), line('ca', 'c', 'a')],
  };
  const solution = solveNetwork(joined);
  const switched = solveNetwork({
    ...ring,
    lines: [ring.lines[0]!, ring.lines[2]!],
    switches: [{ id: 'sw', bus: 'b', toBus: 'c', closed: true }],
  });
  assert.equal(solution.converged, true);
  for (const [at, { vmPu }] of switched.buses.entries()) near(solution.buses[at]!.vmPu, vmPu, 1e-7, `bus ${at}`);
  const flow = solution.branches.find(({ id }) => id === 'bc')!;
  near(flow.fromKw, -switched.branches[0]!.toKw, 0.01, 'the flow over a-b continues to c');
});

test('a voltage-dependent load draws less at low voltage', () => {
  const load = ring.loads[0]!;
  const constant = vm(ring, 'c');
  const current = vm({ ...ring, loads: [{ ...load, activeCurrentPct: 100, reactiveCurrentPct: 100 }] }, 'c');
  const impedance = vm({ ...ring, loads: [{ ...load, activeImpedancePct: 100, reactiveImpedancePct: 100 }] }, 'c');
  const shunt = vm({ ...ring, loads: [], shunts: [{ id: 'h', bus: 'c', gKw: 600, bKvar: -200 }] }, 'c');
  assert.ok(constant > 1 && current > 1 && current < constant && impedance < current);
  near(impedance, shunt, 1e-12, 'a load of constant impedance is a shunt');
});

test('a generator holds its voltage, and yields at its reactive limit if configured', () => {
  const held: Network = {
    ...ring,
    generators: [
      { id: 'g', bus: 'c', activePowerKw: -300, voltagePu: 1.02, reactiveMinKvar: -500, reactiveMaxKvar: 500 },
    ],
  };
  const solution = solveNetwork(held);
  near(solution.buses[2]!.vmPu, 1.02, 1e-12, 'held voltage');
  assert.ok(solution.heldBuses[0]!.reactivePowerKvar < -300, 'reactive power that raises the voltage is negative');
  const limited = { ...held, generators: [{ ...held.generators![0]!, reactiveMinKvar: -100 }] };
  near(solveNetwork(limited).buses[2]!.vmPu, 1.02, 1e-12, 'voltage first by default');
  const atLimit = solveNetwork(limited, { reactiveLimits: true });
  assert.deepEqual(atLimit.atLimit, ['c']);
  near(atLimit.heldBuses[0]!.reactivePowerKvar, -100, 1e-6, 'at its limit');
  const same = { ...ring, generators: [{ id: 'g', bus: 'c', activePowerKw: -300, reactivePowerKvar: -100 }] };
  near(atLimit.buses[2]!.vmPu, vm(same, 'c'), 1e-9, 'as a generator of that power');
});

test('sources behind an impedance share the load of one bus', () => {
  const weak = { bus: 'a', voltagePu: 1.02, shortCircuitMva: 50, rxRatio: 0.1 };
  const solution = solveNetwork({
    ...ring,
    sources: [
      { id: 's', ...weak },
      { id: 't', ...weak },
    ],
  });
  near(solution.sources[0]!.activePowerKw, solution.sources[1]!.activePowerKw, 1e-6, 'shares');
  assert.ok(solution.sources[0]!.activePowerKw < -300 && solution.buses[0]!.vmPu < 1.02);
});

test('a three-winding transformer equals its star, with vector group and tap', () => {
  const network: Network = {
    ...ring,
    buses: [110, 20, 10].map((nominalKv, at) => ({ id: 'hml'[at]!, nominalKv })),
    lines: [],
    sources: [{ id: 's', bus: 'h', voltagePu: 1 }],
    loads: [{ id: 'd', bus: 'm', activePowerKw: 10_000, reactivePowerKvar: 3000 }],
    threeWindingTransformers: [
      {
        id: 't',
        highBus: 'h',
        mediumBus: 'm',
        lowBus: 'l',
        ratedHighKv: 110,
        ratedMediumKv: 20,
        ratedLowKv: 10,
        ratedHighKva: 40_000,
        ratedMediumKva: 25_000,
        ratedLowKva: 15_000,
        rHighOhm: 1,
        xHighOhm: 30,
        rMediumOhm: 1,
        xMediumOhm: 10,
        rLowOhm: 1,
        xLowOhm: 20,
        shiftMediumDeg: 150,
        shiftLowDeg: 0,
        tapPosition: -4,
        tapStepPct: 1.25,
      },
    ],
  };
  const { buses, branches, converged } = solveNetwork(network);
  assert.equal(converged, true);
  near(buses[2]!.vaDeg, buses[1]!.vaDeg + 150, 1, 'the shift of the medium winding');
  assert.ok(buses[2]!.vmPu > 1.03 && buses[1]!.vmPu > 1.02, 'a lower tap raises the voltage');
  assert.deepEqual(
    branches.map(({ id }) => id),
    ['t:high', 't:medium', 't:low'],
  );
  near(branches[1]!.fromKw, -10_000, 1e-6, 'the medium winding feeds the load');
});

test('without a solution the worst bus is named, and other islands keep theirs', () => {
  const network: Network = {
    ...ring,
    buses: [...ring.buses, ...['x', 'y'].map((id) => ({ id, nominalKv: 10 }))],
    lines: [...ring.lines, line('xy', 'x', 'y')],
    sources: [...ring.sources, { id: 't', bus: 'x', voltagePu: 1 }],
    loads: [{ ...ring.loads[0]!, activePowerKw: 200_000 }],
  };
  const solution = solveNetwork(network);
  assert.equal(solution.converged, false);
  assert.equal(solution.worstBus, 'c');
  assert.equal(solution.islands[1]!.converged, true);
});

test('invalid data is refused with element and field', () => {
  const refused: [Partial<Network>, RegExp][] = [
    [
      { switches: [{ id: 'k', bus: 'b', branch: 'ca', closed: true }] },
      /switch "k": branch "ca" does not end at bus "b"/,
    ],
    [{ switches: [{ id: 'k', bus: 'b', closed: true }] }, /switch "k": set either toBus or branch/],
    [{ generators: [{ id: 'g', bus: 'z', activePowerKw: 0 }] }, /generator "g": bus "z" does not exist/],
    [{ storages: [{ id: 'w', bus: 'a', activePowerKw: NaN, reactivePowerKvar: 0 }] }, /storage "w": activePowerKw/],
  ];
  for (const [part, message] of refused)
    assert.throws(() => solveNetwork({ ...ring, ...part }), { code: 'LS-GRID-003', message });
});
