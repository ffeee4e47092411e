import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { SeededRandom } from '../../../shared/ports/random.ts';
import type { Layout } from '../problem/layout.ts';
import type { DispatchDevice } from '../problem/problem.ts';
import { batteryAt, pvPlant, smallProblem } from '../testing/small-feeder.ts';
import { calmed } from './calm.ts';
import { evaluate, meritOf, newBench, violationEur } from './evaluate.ts';
import { freed } from './freed.ts';
import { HighsSolver } from './highs-solver.ts';
import { optimise } from './optimise.ts';
import type { Optimised } from './optimised.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const TOLERANCE = 1e-3;
const SEEDS = [1, 2, 3, 4, 5, 6];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const sun = HOURS.map((hour) => 2400 * Math.max(0, Math.sin(((hour - 6) * Math.PI) / 12)));
const loadKw = HOURS.map((hour) => 400 + 200 * Math.sin(((hour - 12) * Math.PI) / 12));
const rated = (device: DispatchDevice, apparentPowerKva: number): DispatchDevice =>
  ({ ...device, apparentPowerKva }) as DispatchDevice;
const devices = [
  rated(pvPlant('b5', sun, 900), 2400),
  batteryAt('b5', { maxReactiveKvar: 400, apparentPowerKva: 600 }),
  batteryAt('b3', { id: 'other', maxReactiveKvar: 400, apparentPowerKva: 600 }),
];
const options = { maxRounds: 10, tolerance: TOLERANCE };
const found = (): Optimised => optimise(smallProblem({ loadKw, devices, spread: 0.2, options }), solver);

const reactives = ({ controls }: Layout): number[] =>
  controls.flatMap(({ role }, index) => (role === 'reactive' ? [index] : []));

/** Steps in which reactive power differs from the step before, over all devices. */
function moves(layout: Layout, x: Float64Array): number {
  const width = layout.controls.length;
  let count = 0;
  for (let at = width; at < x.length; at++)
    if (reactives(layout).includes(at % width) && x[at] !== x[at - width]) count++;
  return count;
}

/** Another result that a search may end with: reactive power up to `kvar` elsewhere in each step. */
function unsettled(optimised: Optimised, kvar: number, seed: number): Optimised {
  const { layout, prices } = optimised;
  const random = new SeededRandom(seed, 'unsettled');
  const width = layout.controls.length;
  const x = optimised.best.x.map((value, at) =>
    reactives(layout).includes(at % width) ? value + (kvar / 1000) * (2 * random.next() - 1) : value,
  );
  const best = evaluate(layout, x, newBench(layout));
  return { ...optimised, best, merit: meritOf(layout, best, prices) };
}

test('reactive power stays constant between steps if moving it gains almost nothing', () => {
  const optimised = found();
  const { layout, prices } = optimised;
  for (const seed of SEEDS) {
    const before = unsettled(optimised, 20, seed);
    const after = calmed(before) ?? assert.fail('no reactive power stays constant');
    assert.equal(moves(layout, before.best.x), 23 * 3);
    assert.ok(moves(layout, after.best.x) < 40, `${moves(layout, after.best.x)} moves`);
    assert.ok(after.merit <= before.merit * (1 + 0.3 * TOLERANCE) + 1e-6, `${after.merit} after ${before.merit}`);
    assert.ok(violationEur(layout, after.best, prices) <= violationEur(layout, before.best, prices));
    const width = layout.controls.length;
    for (const [at, value] of after.best.x.entries())
      if (!reactives(layout).includes(at % width)) assert.equal(value, before.best.x[at], 'everything else stays');
  }
});

/** One inverter of 1000 kVA whose sun is limited to `held` of what there is, with reactive power at the edge of its circle. */
function atTheEdge(held: number): Optimised & { readonly sizes: (x: Float64Array) => number[] } {
  const steps = [600, 1000, 600, 1000, 700, 1000];
  const pv = rated(pvPlant('b5', steps, 900), 1000);
  const optimised = optimise(
    smallProblem({ loadKw: steps.map(() => 700), devices: [pv], options: { ...options, tolerance: 1 } }),
    solver,
  );
  const { layout, prices } = optimised;
  const width = layout.controls.length;
  const [feedIn, reactive] = ['feed-in', 'reactive'].map((role) =>
    layout.controls.findIndex((control) => control.role === role),
  ) as [number, number];
  const x = optimised.best.x.slice();
  for (let at = 0; at < x.length; at += width) {
    x[at + feedIn]! *= held;
    x[at + reactive] = -0.99 * Math.sqrt(Math.max(0, 1 - x[at + feedIn]! ** 2));
  }
  const best = evaluate(layout, x, newBench(layout));
  const sizes = (of: Float64Array): number[] =>
    steps.map((_, step) => Math.hypot(of[step * width + feedIn]!, of[step * width + reactive]!));
  return { ...optimised, best, merit: meritOf(layout, best, prices), sizes };
}

test('calming and releasing keep every inverter within its apparent-power circle', () => {
  for (const [held, pass] of [
    [1, calmed],
    [0.8, freed],
  ] as const) {
    const { sizes, ...found } = atTheEdge(held);
    const after = (pass(found) ?? found).best.x;
    for (const size of sizes(after)) assert.ok(size <= 1 + 1e-5, `${pass.name}: ${size} of the rating`);
  }
});

test('reactive power moves where staying would break a limit', () => {
  const steps = HOURS.slice(0, 8);
  const isSunny = (hour: number): boolean => hour % 2 === 0;
  const pv = pvPlant(
    'b5',
    steps.map((hour) => (isSunny(hour) ? 2800 : 0)),
    1200,
  );
  const calmLoads = { loadKw: steps.map((hour) => (isSunny(hour) ? 50 : 650)), devices: [pv] };
  // At this tolerance cost alone would hold nothing back.
  const { layout, best, prices } = optimise(
    smallProblem({ ...calmLoads, options: { maxRounds: 20, tolerance: 0.2 } }),
    solver,
  );
  const [reactive] = reactives(layout) as [number];
  const kvar = steps.map((hour) => Math.round(1000 * best.x[hour * layout.controls.length + reactive]!));
  assert.equal(violationEur(layout, best, prices), 0, kvar.join(' '));
  assert.equal(new Set(kvar.map(Math.sign)).size, 2, `absorbs by sun, injects by load: ${kvar.join(' ')}`);
});
