import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import { textOf } from '../../../shared/sentences/said.ts';
import { valuesOf } from './device-cost.ts';
import { envelopes } from '../envelopes/envelopes.ts';
import { HighsSolver } from '../search/highs-solver.ts';
import { LpBuilder } from './lp.ts';
import { optimise } from '../search/optimise.ts';
import type { DispatchProblem, EvDevice, EvSession } from './problem.ts';
import { reasonsOf } from '../reasons/reasons.ts';
import { hoursOf, sessionFlow } from './session-flow.ts';
import { setKwh } from './sessions.ts';
import { smallNetwork, smallProblem } from '../testing/small-feeder.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const STEPS = 5;
const ONE_HOUR = new Float64Array(STEPS).fill(1);
const double = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const session: fc.Arbitrary<EvSession> = fc.record({
  id: fc.constantFrom('a', 'b', 'c'),
  energyKwh: fc.oneof(double(1, 120), fc.constant(Infinity)),
  lastStep: fc.integer({ min: -1, max: STEPS - 1 }),
  lastShare: fc.constantFrom(undefined, 0.4),
  maxKw: double(1, 50),
  minKw: fc.constant(0),
});
const sessions = fc.array(session, { minLength: 1, maxLength: 6 });
/** Some with a first step and with floors in some steps, within their energy. */
const steady = fc
  .tuple(session, fc.integer({ min: 0, max: STEPS - 1 }), double(0, 1), fc.array(fc.boolean(), { minLength: STEPS }))
  .map(([one, firstStep, share, floors]): EvSession => {
    const kw = share * Math.min(one.maxKw, one.energyKwh / STEPS);
    const steps = Uint8Array.from({ length: STEPS }, (_, step) => Number(floors[step]));
    return { ...one, firstStep, uninterrupted: { kw, charging: false, steps } };
  });
const mixed = fc.array(fc.oneof(session, steady), { minLength: 1, maxLength: 6 });
const perStep = (min: number, max: number): fc.Arbitrary<number[]> =>
  fc.array(double(min, max), { minLength: STEPS, maxLength: STEPS });

const site = (over: Partial<EvDevice>): EvDevice => ({
  kind: 'ev',
  id: 'site',
  bus: 'b3',
  wishedKw: [],
  minKw: Array.from({ length: STEPS }, () => 0),
  maxKw: [],
  floorKw: 0,
  sessions: [],
  unservedEurPerKwh: 1,
  delayEurPerKwh: 0.003,
  ...over,
});

const subsets = Array.from({ length: 2 ** STEPS }, (_, bits) =>
  Uint8Array.from({ length: STEPS }, (_, step) => (bits >> step) & 1),
);
const within = (kwh: readonly number[], steps: Uint8Array): number =>
  kwh.reduce((sum, one, step) => sum + one * steps[step]!, 0);

test('property: missing and surplus energy equal the worst step set, which the flow returns', () => {
  fc.assert(
    fc.property(mixed, perStep(0, 120), perStep(0.1, 1), (behind, kwh, lengths) => {
      const hours = Float64Array.from(lengths);
      const flow = sessionFlow(behind, { hours, kwh: Float64Array.from(kwh) });
      const device = site({ sessions: behind });
      const due = (steps: Uint8Array): number => setKwh(device, hours, 'due', steps) - within(kwh, steps);
      const most = (steps: Uint8Array): number => within(kwh, steps) - setKwh(device, hours, 'most', steps);
      assert.ok(Math.abs(flow.missingKwh - Math.max(...subsets.map(due))) < 1e-6, 'missing');
      assert.ok(Math.abs(flow.leftKwh - Math.max(...subsets.map(most))) < 1e-6, 'left');
      assert.ok(Math.abs(flow.missingKwh - due(flow.tooLittle)) < 1e-6, 'the set with the largest shortage');
      assert.ok(Math.abs(flow.leftKwh - most(flow.tooMuch)) < 1e-6, 'the set with the largest surplus');
    }),
    { numRuns: 500 },
  );
});

/** The same site with a column for each session and step: EUR of energy, delay and unserved energy. */
function bySession(device: EvDevice, prices: readonly number[]): number {
  const builder = new LpBuilder();
  const x = device.sessions.map(({ lastStep, lastShare, maxKw }) =>
    prices.map((_, step) => builder.column(0, (maxKw * hoursOf({ lastStep, lastShare }, ONE_HOUR, step)) / 1000, 0)),
  );
  const power = prices.map((price, step) => builder.column(0, device.maxKw[step]! / 1000, price));
  const late = prices.map(() => builder.column(0, Infinity, device.delayEurPerKwh * 1000));
  const missing = device.sessions.map(() => builder.column(0, Infinity, device.unservedEurPerKwh * 1000));
  for (const [step, column] of power.entries()) {
    builder.row(0, 0);
    builder.entry(column, 1);
    for (const columns of x) builder.entry(columns[step]!, -1);
    builder.row(device.wishedKw[step]! / 1000, Infinity);
    builder.entry(column, 1);
    builder.entry(late[step]!, 1);
  }
  for (const [at, { energyKwh }] of device.sessions.entries()) {
    if (!Number.isFinite(energyKwh)) continue;
    builder.row(energyKwh / 1000, energyKwh / 1000);
    for (const column of x[at]!) builder.entry(column, 1);
    builder.entry(missing[at]!, 1);
  }
  return solver.solve(builder.pack()).objective;
}

/** Hourly steps with an energy price each, on a network with negligible losses. */
function priced(device: EvDevice, prices: readonly number[], over: Partial<DispatchProblem> = {}): DispatchProblem {
  const network = smallNetwork();
  const thick = { ...network, lines: network.lines.map((line) => ({ ...line, rOhm: 1e-6, xOhm: 1e-6 })) };
  const problem = smallProblem({ network: thick, loadKw: prices.map(() => 0), devices: [device] });
  return { ...problem, prices: { ...problem.prices, importEurPerMwh: prices, lossesEurPerMwh: 0 }, ...over };
}

/** Unhindered: all at once, up to the site's rating, the first to leave first. */
function wishing(behind: readonly EvSession[], siteKw: number): EvDevice {
  const left = behind.map(({ energyKwh }) => energyKwh);
  const order = [...behind.keys()].sort((a, b) => behind[a]!.lastStep - behind[b]!.lastStep);
  const wishedKw = Array.from({ length: STEPS }, (_, step) => {
    let room = siteKw;
    for (const at of order) {
      if (behind[at]!.lastStep < step) continue;
      const kw = Math.min(room, behind[at]!.maxKw * hoursOf(behind[at]!, ONE_HOUR, step), left[at]!);
      left[at]! -= kw;
      room -= kw;
    }
    return siteKw - room;
  });
  return site({ sessions: behind, wishedKw, maxKw: Array.from({ length: STEPS }, () => siteKw) });
}

test('sessions planned as one site cost the same as planned one by one', () => {
  fc.assert(
    fc.property(sessions, perStep(-100, 400), double(5, 120), (behind, prices, siteKw) => {
      const device = wishing(behind, siteKw);
      const { best } = optimise(priced(device, prices, { options: { tolerance: 1e-7, maxInner: 20 } }), solver);
      const least = bySession(device, prices);
      assert.ok(best.costEur >= least - 1e-4 - 1e-4 * Math.abs(least), `${best.costEur} EUR below ${least}`);
      assert.ok(best.costEur <= least + 1e-2 + 1e-3 * Math.abs(least), `${best.costEur} EUR, one by one ${least}`);
    }),
    { numRuns: 150 },
  );
});

test('a site charges in cheap hours, and a deadline that forces a dear hour is its reason', () => {
  const early = { id: 'early', energyKwh: 20, lastStep: 1, maxKw: 22, minKw: 0, departure: 2 * 3_600_000 };
  const late = { id: 'late', energyKwh: 40, lastStep: 4, maxKw: 22, minKw: 0, departure: 5 * 3_600_000 };
  const optimised = optimise(priced(wishing([early, late], 44), [400, 300, 200, 50, 60]), solver);
  const power = valuesOf(optimised.layout, optimised.best.x)[0]!.map((value) => 1000 * value.power);
  for (const [step, kw] of [0, 20, 0, 22, 18].entries())
    assert.ok(Math.abs(power[step]! - kw) < 0.1, power.map((one) => one.toFixed(1)).join(' '));
  const reasons = reasonsOf(optimised, 0);
  assert.ok(
    reasons.some(
      ({ constraint, element }) => element === 'site' && textOf(constraint) === 'energy of early due by 02:00Z',
    ),
    JSON.stringify(reasons),
  );
  assert.ok(
    reasons.some(({ counterfactual }) => counterfactual?.text.includes('20.0 kWh more of site missing') === true),
  );
});

test('where the network has room, an envelope allows the full site rating for cars still to come', () => {
  const limit = (over: Partial<EvDevice>, importKw: number): number => {
    const problem = priced(
      site({ ...wishing([], 0), maxKw: Array.from({ length: STEPS }, () => 0), ...over }),
      [50, 50, 50, 50, 50],
    );
    const limits = { ...problem.limits, importKw: problem.limits.importKw.map(() => importKw) };
    const { devices, gateway } = envelopes(optimise({ ...problem, limits }, solver));
    return Math.min(devices[0]![2]!.maxKw, gateway[2]!.maxKw);
  };
  assert.ok(Math.abs(limit({ ratedKw: 90 }, Infinity) - 90) < 0.1);
  assert.ok(limit({ ratedKw: 90 }, 60) <= 60);
  assert.ok(Math.abs(limit({}, Infinity)) < 0.1);
});

test('unserved energy costs more than any energy and less than a network limit', () => {
  const car = { id: 'car', energyKwh: 300, lastStep: 4, maxKw: 100, minKw: 0 };
  const device = wishing([car], 100);
  const dear = optimise(priced(device, [900, 900, 900, 900, 900]), solver);
  assert.ok(Math.abs(dear.best.deviceEur) < 2, 'everything is served while energy costs less than missing energy');
  const problem = priced(device, [50, 50, 50, 50, 50]);
  const limits = { ...problem.limits, importKw: problem.limits.importKw.map(() => 40) };
  const { best, layout } = optimise({ ...problem, limits }, solver);
  const power = valuesOf(layout, best.x)[0]!.map((value) => 1000 * value.power);
  assert.ok(
    power.every((kw) => kw <= 40 + 1e-3),
    power.join(' '),
  );
  assert.ok(Math.abs(power.reduce((sum, kw) => sum + kw, 0) - 200) < 0.1, 'and everything within the limit is served');
});
