import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import { valuesOf } from '../problem/device-cost.ts';
import { evaluate, newBench, violationEur } from './evaluate.ts';
import { HighsSolver } from './highs-solver.ts';
import { optimise } from './optimise.ts';
import type { Optimised } from './optimised.ts';
import type { DispatchDevice } from '../problem/problem.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { batteryAt, pvPlant, smallProblem } from '../testing/small-feeder.ts';
import { tapAt } from '../testing/stepped.ts';
import { verify } from './verify.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

test('a plant is curtailed only when and as far as it raises the voltage beyond its limit', () => {
  const { layout, best, nothing } = optimise(
    smallProblem({ loadKw: [50, 50], devices: [pvPlant('b5', [3500, 500])] }),
    solver,
  );
  assert.ok(verify(layout, nothing).maxVoltageViolationPu > 0.005);
  assert.ok(verify(layout, best).maxVoltageViolationPu < 3e-5);
  const [noon, evening] = valuesOf(layout, best.x)[0]!;
  assert.ok(noon!.feedIn < 3.4 && noon!.feedIn > 2, `${noon!.feedIn} MW`);
  assert.ok(Math.abs(evening!.feedIn - 0.5) < 1e-6, 'nothing is curtailed needlessly');
});

test('an inverter absorbs at high and injects at low voltage (load convention), before curtailment', () => {
  const pv = pvPlant('b5', [2600, 0], 1200);
  const { layout, best } = optimise(smallProblem({ loadKw: [50, 900], devices: [pv] }), solver);
  const [high, low] = valuesOf(layout, best.x)[0]!;
  assert.ok(high!.reactive > 0.1, `${high!.reactive} Mvar at high voltage`);
  assert.ok(low!.reactive < -0.1, `${low!.reactive} Mvar at low voltage`);
  assert.ok(high!.feedIn > 2.59);
});

test('a battery discharges at a peak beyond the import limit, and keeps within its levels', () => {
  const devices = [batteryAt('b3')];
  const { layout, best, binding } = optimise(
    smallProblem({ loadKw: [200, 200, 450, 200], devices, importKw: 1600 }),
    solver,
  );
  const values = valuesOf(layout, best.x)[0]!;
  assert.ok(values[2]!.discharge > 0.2, `${values[2]!.discharge} MW`);
  assert.ok(best.importMw[2]! <= 1.6 + 1e-5);
  assert.ok(values.every((one) => one.charge * one.discharge < 1e-9));
  assert.ok(
    binding.some(({ row }) => row.kind === 'power' && row.step === 2 && 'side' in row && row.side === 'imported'),
  );
});

test('a battery relieves the head of its feeder, and a head that loads alone overload is paid for', () => {
  const problem = smallProblem({ loadKw: [200, 200, 450, 200], devices: [batteryAt('b3')] });
  const limited = (importKw: number) =>
    optimise({ ...problem, limits: { ...problem.limits, heads: [{ feeder: 'f', importKw, exportKw: 900 }] } }, solver);
  const kept = limited(1600);
  assert.ok(valuesOf(kept.layout, kept.best.x)[0]![2]!.discharge > 0.2);
  assert.ok(kept.best.importMw[2]! <= 1.6 + 1e-5, `${kept.best.importMw[2]} MW through the head`);
  assert.equal(violationEur(kept.layout, kept.best, kept.prices), 0);
  const passed = limited(1000);
  assert.ok(valuesOf(passed.layout, passed.best.x)[0]![2]!.discharge > 0.499, 'it gives all it can');
  assert.ok(passed.best.converged && violationEur(passed.layout, passed.best, passed.prices) > 0);
});

test('an EV site keeps its floor, meets its deadline and yields at the peak', () => {
  const ev: DispatchDevice = {
    kind: 'ev',
    id: 'ev',
    bus: 'b4',
    wishedKw: [400, 400, 0, 0],
    minKw: [50, 50, 0, 0],
    maxKw: [400, 400, 400, 400],
    floorKw: 50,
    sessions: [{ id: 'car', energyKwh: 800, lastStep: 3, maxKw: 400, minKw: 50 }],
    unservedEurPerKwh: 1,
    delayEurPerKwh: 0.003,
  };
  const { layout, best } = optimise(
    smallProblem({ loadKw: [500, 300, 200, 200], devices: [ev], importKw: 2150 }),
    solver,
  );
  const power = valuesOf(layout, best.x)[0]!.map((value) => value.power);
  assert.ok(power[0]! >= 0.05 - 1e-9 && power[0]! < 0.2, `${power[0]} MW at the peak`);
  assert.ok(Math.abs(power.reduce((sum, mw) => sum + mw, 0) - 0.8) < 1e-4, `energy ${power.join(' ')}`);
});

test('a flexible load recovers what it sheds', () => {
  const flexible: DispatchDevice = {
    kind: 'flexible',
    id: 'flex',
    bus: 'b4',
    wishedKw: [300, 300, 300, 300],
    minKw: [60, 60, 60, 60],
    maxKw: [400, 400, 400, 400],
    paybackSteps: 4,
    bufferKwh: 600,
    shiftEurPerKwh: 0.06,
  };
  const { layout, best } = optimise(
    smallProblem({ loadKw: [200, 480, 200, 200], devices: [flexible], importKw: 2150 }),
    solver,
  );
  const power = valuesOf(layout, best.x)[0]!.map((value) => value.power);
  assert.ok(power[1]! < 0.25);
  assert.ok(Math.abs(power.reduce((sum, mw) => sum + mw, 0) - 1.2) < 1e-4);
});

test("the tap changer's target moves before curtailment, as little as possible", () => {
  const tap = tapAt('b1', { start: 7 });
  const problem = smallProblem({ loadKw: [50, 50, 50], devices: [tap, pvPlant('b5', [1500, 1500, 0])] });
  const { layout, best } = optimise(problem, solver);
  const [targets, plant] = valuesOf(layout, best.x);
  assert.deepEqual(
    targets!.map(({ position }) => position),
    [5, 5, 5],
  );
  const higher = best.x.map((value, at) => (at % layout.controls.length === 0 ? value + 1 : value));
  assert.ok(verify(layout, evaluate(layout, higher, newBench(layout))).maxVoltageViolationPu > 1e-3);
  assert.ok(plant![0]!.feedIn > 1.4999);
  assert.ok(verify(layout, best).maxVoltageViolationPu < 3e-5);
});

test('an infeasible problem gets a plan of least violation with the conflicting limits', () => {
  const { layout, best, nothing, prices, binding } = optimise(
    smallProblem({ loadKw: [1500], devices: [batteryAt('b5')] }),
    solver,
  );
  assert.ok(verify(layout, best).maxVoltageViolationPu > 1e-3);
  assert.ok(violationEur(layout, best, prices) < violationEur(layout, nothing, prices));
  assert.ok(valuesOf(layout, best.x)[0]![0]!.discharge > 0.49, 'all devices that can relieve do');
  assert.ok(binding.length > 0);
});

test('at negative prices the battery fills, PV is curtailed, and no battery charges and discharges at once', () => {
  const problem = smallProblem({ loadKw: [100, 100], devices: [pvPlant('b3', [800, 0]), batteryAt('b4')] });
  const { layout, best, nothing } = optimise(
    { ...problem, prices: { ...problem.prices, importEurPerMwh: [-150, 60], exportEurPerMwh: [-90, 36] } },
    solver,
  );
  const [pv, battery] = valuesOf(layout, best.x);
  assert.ok(pv![0]!.feedIn < 1e-6 && battery![0]!.charge > 0.499);
  assert.ok(best.costEur < nothing.costEur - 10);
});

test('a plan keeps reserve for the corners of the forecast', () => {
  const small = { loadKw: [250, 250], devices: [pvPlant('b5', [3300, 3300])] };
  const certain = optimise(smallProblem(small), solver);
  const roomy = optimise(smallProblem({ ...small, spread: 0.5 }), solver);
  const fed = (one: typeof certain): number => valuesOf(one.layout, one.best.x)[0]![0]!.feedIn;
  assert.ok(fed(roomy) < fed(certain) - 0.05);
  for (const scenario of [0, 1, 2]) assert.ok(verify(roomy.layout, roomy.best, scenario).maxVoltageViolationPu < 3e-5);
});

test('property: a plan is never worse than doing nothing, and deterministic', () => {
  const device = fc.oneof(
    fc
      .record({
        bus: fc.integer({ min: 2, max: 5 }),
        kw: fc.integer({ min: 0, max: 4000 }),
        q: fc.integer({ min: 0, max: 1500 }),
      })
      .map(({ bus, kw, q }) => pvPlant(`b${bus}`, [kw, kw / 2, 0], q)),
    fc
      .record({
        bus: fc.integer({ min: 2, max: 5 }),
        kw: fc.integer({ min: 10, max: 1500 }),
        soc: fc.double({ min: 0, max: 1, noNaN: true }),
      })
      .map(({ bus, kw, soc }) =>
        batteryAt(`b${bus}`, { chargeKw: kw, dischargeKw: kw, socStart: soc, maxReactiveKvar: kw / 2 }),
      ),
  );
  fc.assert(
    fc.property(
      fc.array(device, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: -200, max: 1200 }), { minLength: 3, maxLength: 3 }),
      fc.integer({ min: 300, max: 5000 }),
      fc.option(fc.double({ min: 0, max: 0.5, noNaN: true }), { nil: undefined }),
      (devices, loadKw, importKw, spread) => {
        const unique = devices.map((one, at) => ({ ...one, id: `${one.id}-${at}` }));
        const problem = smallProblem({
          loadKw,
          devices: unique,
          importKw,
          ...(spread === undefined ? {} : { spread }),
        });
        const found = optimise(problem, solver);
        const again = optimise(problem, solver);
        assert.ok(found.best.converged || !found.nothing.converged);
        assert.ok(!(found.merit > found.nothingMerit));
        if (found.nothing.converged)
          assert.ok(
            violationEur(found.layout, found.best, found.prices) <=
              violationEur(found.layout, found.nothing, found.prices) +
                Math.max(0, found.nothing.costEur - found.best.costEur) +
                1e-6,
          );
        assert.deepEqual(again.best.x, found.best.x);
        for (let at = 0; at < found.best.x.length; at++)
          assert.ok(
            found.best.x[at]! >= found.layout.lower[at]! && found.best.x[at]! <= found.layout.upper[at]!,
            'ratings are hard',
          );
      },
    ),
    { numRuns: 60, seed: 20261124 },
  );
});

test('no battery charges and discharges at once to burn energy at negative prices', () => {
  const flat = (value: number): number[] => [value, value, value, value];
  const battery = { wearEurPerKwh: 0, socStart: 0.85, efficiencyCharge: 0.9, efficiencyDischarge: 0.9 };
  const small = smallProblem({ loadKw: flat(100), devices: [batteryAt('b4', battery)] });
  const problem = { ...small, prices: { ...small.prices, importEurPerMwh: flat(-200), exportEurPerMwh: flat(-200) } };
  const found = optimise(problem, solver);
  const atOnce = valuesOf(found.layout, found.best.x)[0]!.map(({ charge, discharge }) => Math.min(charge, discharge));
  assert.ok(Math.max(...atOnce) < 1e-9, `${Math.max(...atOnce)} MW both ways`);
  assert.equal(violationEur(found.layout, found.best, found.prices), 0);
});

/** The most that any storage charges and discharges at once, MW. */
const bothMw = ({ layout, best }: Optimised): number =>
  Math.max(0, ...valuesOf(layout, best.x).flatMap((steps) => steps.map((at) => Math.min(at.charge, at.discharge))));

test('property: at any price no full battery burns sun against a limit of feed-in or voltage, and all limits are kept', () => {
  const sun = fc.integer({ min: 1500, max: 4500 });
  const price = fc.constantFrom(0, 0, 40, -30);
  let pressed = 0;
  fc.assert(
    fc.property(
      fc.tuple(sun, sun, sun),
      fc.integer({ min: 500, max: 6000 }),
      fc.double({ min: 0.75, max: 0.9, noNaN: true }),
      fc.tuple(fc.constantFrom(0, 0.002, 0.02), price),
      (availableKw, exportKw, efficiency, [wearEurPerKwh, eurPerMwh]) => {
        const battery = batteryAt('b5', {
          chargeKw: 1500,
          dischargeKw: 1500,
          socStart: 0.9,
          socEndMin: 0.9,
          wearEurPerKwh,
          efficiencyCharge: efficiency,
          efficiencyDischarge: efficiency,
        });
        const small = smallProblem({ loadKw: [20, 20, 20], devices: [pvPlant('b5', availableKw), battery] });
        const flat = [eurPerMwh, eurPerMwh, eurPerMwh];
        const found = optimise(
          {
            ...small,
            limits: { ...small.limits, exportKw: [exportKw, exportKw, exportKw] },
            prices: { ...small.prices, importEurPerMwh: flat, exportEurPerMwh: flat },
          },
          solver,
        );
        assert.ok(bothMw(found) < 1e-9, `${bothMw(found)} MW both ways`);
        assert.equal(violationEur(found.layout, found.best, found.prices), 0);
        assert.ok(!(found.merit > found.nothingMerit));
        if (violationEur(found.layout, found.nothing, found.prices) > 0) pressed++;
      },
    ),
    { numRuns: 40, seed: 20261130 },
  );
  assert.ok(pressed > 20, `only ${pressed} problems press against a limit`);
});

test('the cheapest plan in which each storage only charges or discharges is kept', () => {
  const random = new SeededRandom(47, 'apart');
  const between = (low: number, high: number): number => Math.round(low + (high - low) * random.next());
  const series = (low: number, high: number): number[] => Array.from({ length: 8 }, () => between(low, high));
  const devices = ['one', 'two', 'three'].map((id) =>
    batteryAt(`b${between(2, 5)}`, {
      id,
      chargeKw: 500,
      dischargeKw: 500,
      maxReactiveKvar: 100 * between(0, 2),
      wearEurPerKwh: 0,
      socStart: 0.1 * between(2, 9),
      efficiencyCharge: 0.8,
      efficiencyDischarge: 0.8,
    }),
  );
  devices.push(pvPlant(`b${between(3, 5)}`, series(0, 2500), 100 * between(0, 4)));
  const small = smallProblem({ loadKw: series(-100, 700), devices, importKw: between(1000, 3000) });
  const prices = { ...small.prices, importEurPerMwh: series(-200, 20), exportEurPerMwh: series(-200, 50) };
  const found = optimise({ ...small, prices }, solver);
  assert.ok(found.merit < -508, `${found.merit} EUR`);
});
