import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { arbitrate, type TargetContext } from './arbitrate.ts';
import { defaultShares, jointly, narrowed, released } from './envelope.ts';
import type { QuantileForecast } from '../../shared/forecast/naive.ts';
import type { Image } from './image.ts';
import { ownPlan } from './own-plan.ts';
import { elementId, planStep } from './plan-follower.ts';
import { device, image, START } from './testing/images.ts';
import { batterySpec, evSpec, pvSpec } from './testing/specs.ts';
import { planDocument } from '../cycle/testing/documents.ts';

const obeying = (devices: Image['devices'], ...uncommanded: string[]) => ({
  image: image({ devices }),
  uncommanded: new Set(uncommanded),
});

test('default envelopes are shared by rating, after subtracting the worst case of uncontrolled devices', () => {
  const specs = [batterySpec(), pvSpec(), evSpec()];
  const all = new Map([device('battery-1'), device('pv-1'), device('ev-1')]);
  const budget = { minKw: -175, maxKw: 94 };
  const heard = defaultShares(specs, obeying(all), budget);
  assert.deepEqual(
    [...heard].map(([id, { minKw, maxKw }]) => [id, minKw, maxKw]),
    [
      ['battery-1', -50, 50],
      ['pv-1', -125, 0],
      ['ev-1', 0, 44],
    ],
  );
  const silent = new Map([device('battery-1', { fresh: false }), device('pv-1'), device('ev-1')]);
  for (const now of [obeying(silent), obeying(all, 'battery-1')]) {
    const rest = defaultShares(specs, now, budget);
    assert.deepEqual([rest.has('battery-1'), rest.get('pv-1')?.minKw, rest.get('ev-1')?.maxKw], [false, -75, 0]);
  }
});

test('a joint limit first narrows envelopes beyond the wishes; a silent device counts at its worst', () => {
  const each = (minKw: number, maxKw: number, wishedKw: number, fixed = false) => ({
    range: { minKw, maxKw },
    wishedKw,
    fixed,
  });
  const maxima = (most: number, ...devices: ReturnType<typeof each>[]): number[] =>
    [...jointly(new Map(devices.map((one, at) => [`d${at}`, one])), { minKw: -1000, maxKw: most }).values()].map(
      ({ maxKw }) => maxKw,
    );
  assert.deepEqual(maxima(300, each(-100, 100, 50), each(-100, 200, 0)), [100, 200], 'all fits');
  assert.deepEqual(
    maxima(175, each(-100, 100, 50), each(-100, 200, 0)),
    [75, 100],
    'half of the excess over the wishes',
  );
  assert.deepEqual(
    maxima(120, each(-100, 100, 50), each(-100, 100, 20, true)),
    [20, 100],
    'the silent one is at its worst',
  );
  assert.deepEqual(maxima(50, each(0, 100, 100), each(0, 100, 100)), [25, 25], 'the wishes alone exceed the limit');
  const exports = jointly(
    new Map([
      ['pv', each(-100, 0, -80)],
      ['battery', each(-100, 100, 0)],
    ]),
    { minKw: -120, maxKw: 100 },
  );
  assert.deepEqual(
    [...exports.values()].map(({ minKw }) => Math.round(minKw)),
    [-87, -33],
    'two thirds of the excess over the wishes',
  );
});

test('property: narrowed envelopes lie within their own, and together in the common one where possible', () => {
  const device = fc
    .record({
      a: fc.integer({ min: -500, max: 500 }),
      b: fc.integer({ min: -500, max: 500 }),
      wishedKw: fc.integer({ min: -600, max: 600 }),
      fixed: fc.boolean(),
    })
    .map(({ a, b, wishedKw, fixed }) => ({
      range: { minKw: Math.min(a, b), maxKw: Math.max(a, b) },
      wishedKw,
      fixed,
    }));
  fc.assert(
    fc.property(
      fc.array(device, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: -2000, max: 0 }),
      fc.integer({ min: 0, max: 2000 }),
      (devices, minKw, maxKw) => {
        const drawn = [...jointly(new Map(devices.map((one, at) => [`d${at}`, one])), { minKw, maxKw }).values()];
        const sum = (values: readonly number[]): number => values.reduce((whole, kw) => whole + kw, 0);
        for (const [at, range] of drawn.entries()) {
          const own = devices[at]!.range;
          assert.ok(range.minKw >= own.minKw - 1e-9 && range.maxKw <= own.maxKw + 1e-9);
        }
        const least = sum(devices.map(({ range, fixed }) => (fixed ? range.maxKw : range.minKw)));
        assert.ok(sum(drawn.map((range) => range.maxKw)) <= Math.max(maxKw, least) + 1e-6);
      },
    ),
  );
});

test('an envelope narrows with age and widens slowly', () => {
  const wide = { minKw: -100, maxKw: 80 };
  const share = { minKw: -20, maxKw: 90 };
  const at = (ageS: number) => narrowed(wide, share, { ageS, narrowAfterS: 900 });
  assert.deepEqual([at(900), at(1350), at(5000)], [wide, { minKw: -60, maxKw: 80 }, { minKw: -20, maxKw: 80 }]);
  assert.deepEqual(released(undefined, wide, 5), wide);
  assert.deepEqual(released({ minKw: -10, maxKw: 10 }, wide, 5), { minKw: -15, maxKw: 15 });
  assert.deepEqual(released(wide, share, 5), { minKw: -20, maxKw: 85 }, 'narrower at once, wider by 5');
});

test('plan steps have growing durations and apply only within validity; elements go by either name', () => {
  const plan = planDocument(START, {}, { validUntil: START + 1_000_000 });
  const steps = [-1, 0, 899_999, 900_000, 999_999, 1_000_000].map((ms) => planStep(plan, START + ms));
  assert.deepEqual(steps, [null, 0, 0, 1, 1, null]);
  assert.deepEqual(
    ['owd', 'owd-t1', 'owd-2', 'feeder-1', 'owd-1-b18', 'battery-1'].map((name) => elementId(name, 'owd')),
    ['transformer', 'transformer', 'feeder-2', 'feeder-1', 'owd-1-b18', 'battery-1'],
  );
});

const forecast = (kw: readonly number[]): QuantileForecast => ({
  start: START,
  stepS: 900,
  levels: [0.1, 0.5, 0.9],
  values: [kw.map((each) => each - 20), kw, kw.map((each) => each + 20)],
});

test('the own plan discharges at the peak, charges in the valley and absorbs excess feed-in', () => {
  const day = (at: (hour: number) => number): number[] => Array.from({ length: 96 }, (_, step) => at(step / 4));
  const evening = day((hour) => (hour >= 17 && hour < 19 ? 520 : hour < 6 ? 100 : 300));
  const limit = { minKw: -400, maxKw: 600 };
  const kwAt = (kw: number[], hour: number, socPct = 90): number | undefined =>
    ownPlan(
      forecast(kw),
      [batterySpec()],
      image({ time: START + hour * 3_600_000, devices: new Map([device('battery-1', { socPct })]) }),
      limit,
    ).get('battery-1');
  assert.ok(kwAt(evening, 17.5)! < -50, `in the peak it gives ${kwAt(evening, 17.5)}`);
  assert.equal(kwAt(evening, 12, 95), 0);
  assert.ok(kwAt(evening, 3, 20)! > 10, `in the valley it takes ${kwAt(evening, 3, 20)}`);
  assert.ok(
    Math.abs(
      kwAt(
        day(() => -400),
        12,
      )! - 40,
    ) < 1,
    'the excess over nine tenths of the export limit',
  );
  assert.equal(kwAt(evening, 30), undefined, 'beyond the forecast');
  assert.equal(kwAt(evening, 17.5, 10) ?? 0, 0, 'an empty battery gives nothing');
});

test('property: the own plan is finite and within the rating for any forecast', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 96 }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      (kw, socPct) => {
        const plan = ownPlan(
          forecast(kw),
          [batterySpec()],
          image({ devices: new Map([device('battery-1', { socPct })]) }),
          { minKw: -400, maxKw: 600 },
        );
        const value = plan.get('battery-1') ?? 0;
        assert.ok(Number.isFinite(value) && value >= -100 && value <= 100);
      },
    ),
  );
});

test('an override of reactive power keeps the target of active power, and vice versa', () => {
  const plan = planDocument(START, {
    devices: [{ device: 'pv-1', activePowerLimitKw: [60, 60, 60, 60], reactivePowerKvar: [9, 9, 9, 9], reasons: [] }],
  });
  const judged = { plan: plan.body.id, verdict: 'approved', user: 'bert' } as const;
  const of = (setpoint: Record<string, number>, more: Partial<TargetContext> = {}) => {
    const override = { id: 'c-1', device: 'pv-1', setpoint, expiresAt: START + 1, reason: 'test', user: 'anna' };
    const { source, kw, kvar, powerBy } = arbitrate(pvSpec({ maxReactiveKvar: 100 }), {
      time: START,
      mode: 'automatic',
      state: { stopped: { gateway: false, devices: [] }, tagged: [], manual: [], overrides: [override], judged },
      plan: { document: plan, step: 0 },
      ownPlan: new Map(),
      ...more,
    });
    return [source, kw, kvar, powerBy];
  };
  assert.deepEqual(of({ reactivePowerKvar: -30 }), ['override', -60, -30, 'cloud-plan']);
  assert.deepEqual(of({ activePowerLimitKw: 20 }), ['override', -20, 9, 'override']);
  assert.deepEqual(
    of({ reactivePowerKvar: -30 }, { plan: null }),
    ['override', -100, -30, 'safe-default'],
    'without a plan the safe default',
  );
  // The plan's envelope still applies: see decide.ts.
  assert.deepEqual(of({ reactivePowerKvar: -30 }, { mode: 'manual' }), ['override', -60, -30, 'cloud-plan']);
});
