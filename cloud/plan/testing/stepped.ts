import * as fc from 'fast-check';
import type { CapacitorDevice, DispatchProblem, LoadModel, MoveBudget, TapDevice } from '../problem/problem.ts';
import { randomProblem } from './random-problem.ts';

/** A tap changer before the whole network: positions of 1.25 % from 0.95 pu. */
export const tapAt = (bus: string, over: Partial<TapDevice> = {}): TapDevice => ({
  kind: 'tap',
  id: `tap-${bus}`,
  bus,
  levels: Array.from({ length: 9 }, (_, at) => 0.95 + 0.0125 * at),
  start: 4,
  moveEur: 0.5,
  budgets: [],
  bandPu: 0.00625,
  dropPuPerMw: 0,
  ...over,
});

export const bankAt = (bus: string, over: Partial<CapacitorDevice> = {}): CapacitorDevice => ({
  kind: 'capacitor',
  id: `bank-${bus}`,
  bus,
  levels: [0, 300, 600, 900],
  start: 0,
  moveEur: 0.4,
  budgets: [],
  ...over,
});

/** Active power about of constant current, reactive power of constant impedance. */
export const followingAt = (buses: number, pu: number): LoadModel => ({
  active: 0.5,
  reactive: 1,
  voltagePu: new Float64Array(buses).fill(pu),
});

const budgets = (steps: number): fc.Arbitrary<MoveBudget[]> =>
  fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: steps }))
    .map(([today, tomorrow, midnight]) => [
      { fromStep: 0, toStep: midnight - 1, moves: today },
      ...(midnight === steps ? [] : [{ fromStep: midnight, toStep: steps - 1, moves: tomorrow }]),
    ]);

/** Random problems with a tap changer, a capacitor bank, or both. */
export const steppedProblem: fc.Arbitrary<DispatchProblem> = randomProblem.chain((problem) => {
  const steps = problem.horizon.stepsS.length;
  return fc
    .record({
      tap: fc.record({ start: fc.integer({ min: 0, max: 8 }), budgets: budgets(steps) }),
      bank: fc.record({ start: fc.integer({ min: 0, max: 3 }), budgets: budgets(steps), bus: fc.nat() }),
      which: fc.constantFrom('tap', 'bank', 'both'),
      followsVoltage: fc.boolean(),
    })
    .map(({ tap, bank: { bus, ...bank }, which, followsVoltage }) => ({
      ...problem,
      ...(followsVoltage ? { loadModel: followingAt(problem.network.buses.length, 1) } : {}),
      devices: [
        ...problem.devices,
        ...(which === 'bank' ? [] : [tapAt('b0', tap)]),
        ...(which === 'tap' ? [] : [bankAt(`b${1 + (bus % (problem.network.buses.length - 1))}`, bank)]),
      ],
    }));
});
