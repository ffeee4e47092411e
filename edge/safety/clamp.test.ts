import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { batterySpec, evSpec, pvSpec } from '../control/testing/specs.ts';
import { clampPower, clampReactive, type ClampInput } from './clamp.ts';
import { intersect, type Layer } from './limits.ts';

const layer = (name: Layer['name'], minKw: number, maxKw: number): Layer => ({
  name,
  range: { minKw, maxKw },
  reason: name,
});

const clamp = (more: Partial<ClampInput>) =>
  clampPower({ spec: batterySpec(), wishedKw: 0, lastKw: null, stepS: 1, socPct: 50, run: null, layers: [], ...more });

test('limits intersect in order; on an empty intersection the earlier wins and the loser is named', () => {
  const guard = layer('guard', -Infinity, -40);
  const cases: [string, Partial<ClampInput>, number, string | null, string[]][] = [
    ['free', { wishedKw: 60 }, 60, null, []],
    ['rating', { wishedKw: 160 }, 100, 'rating', []],
    ['contract', { wishedKw: 90, spec: batterySpec({ contract: { minKw: -50, maxKw: 50 } }) }, 50, 'contract', []],
    ['guard pulls past zero', { wishedKw: 60, layers: [guard] }, -40, 'guard', []],
    [
      'envelope inside guard',
      { wishedKw: 60, layers: [layer('guard', -100, 50), layer('envelope', -20, 20)] },
      20,
      'envelope',
      [],
    ],
    ['guard beats envelope', { wishedKw: 0, layers: [guard, layer('envelope', -10, 10)] }, -40, 'guard', ['envelope']],
    ['empty battery beats guard', { wishedKw: 0, socPct: 10, layers: [guard] }, 0, null, ['guard']],
    ['unknown charge moves nothing', { wishedKw: 60, socPct: null }, 0, 'state-of-charge', []],
    ['full battery', { wishedKw: 60, socPct: 95 }, 0, 'state-of-charge', []],
    ['almost full: held for a minute', { wishedKw: 100, socPct: 94.9 }, 12.632, 'state-of-charge', []],
    [
      'floor stands above guard',
      { spec: evSpec(), wishedKw: 88, layers: [layer('guard', 0, 5)] },
      17,
      'guard',
      ['guard'],
    ],
    [
      'floor leaves other limits alone',
      { spec: evSpec(), wishedKw: 88, layers: [layer('guard', 0, 30)] },
      30,
      'guard',
      [],
    ],
    ['PV limit', { spec: pvSpec(), wishedKw: -250, layers: [layer('guard', -80, 0)] }, -80, 'guard', []],
    ['not a number', { spec: pvSpec(), wishedKw: Number.NaN }, -100, null, []],
  ];
  for (const [why, input, kw, by, losers] of cases) {
    const result = clamp(input);
    const got = [Math.round(result.kw * 1000) / 1000, result.limitedBy, result.losers.map(({ name }) => name)];
    assert.deepEqual(got, [kw, by, losers], why);
  }
});

test('ramps limit what adds stress, never relief', () => {
  const spec = batterySpec({ rampKwPerS: 20 });
  const rows: [last: number, wish: number, layers: Layer[], expect: number, by: string | null][] = [
    [0, 100, [], 20, 'ramp'],
    [20, 100, [], 40, 'ramp'],
    [90, 100, [], 100, null],
    [100, 0, [], 0, null],
    [100, -100, [], -20, 'ramp'],
    [0, 0, [layer('guard', -100, -80)], -80, 'guard'],
    [-80, 0, [layer('guard', -100, -75)], -75, 'guard'],
  ];
  for (const [lastKw, wishedKw, layers, kw, by] of rows) {
    const result = clamp({ spec, lastKw, wishedKw, layers });
    assert.deepEqual([result.kw, result.limitedBy], [kw, by], `from ${lastKw} to ${wishedKw}`);
  }
});

const wild = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 1e308, -1e308, 5e-324),
  fc.double({ min: -300, max: 300 }),
);
const wildLayers = fc.array(
  fc.record({
    name: fc.constantFrom('guard' as const, 'grid-limit' as const, 'envelope' as const),
    range: fc.record({ minKw: wild, maxKw: wild }),
    reason: fc.constant('any'),
  }),
  { maxLength: 5 },
);

test('property: the result is a number within rating, charge and floor', () => {
  const specs = [batterySpec({ rampKwPerS: 20 }), batterySpec(), pvSpec(), evSpec()];
  fc.assert(
    fc.property(
      fc.constantFrom(...specs),
      fc.record({ wishedKw: wild, lastKw: fc.option(wild), stepS: wild, socPct: fc.option(wild), layers: wildLayers }),
      (spec, input) => {
        const { kw } = clampPower({ spec, run: null, ...input });
        assert.ok(Number.isFinite(kw) && !Object.is(kw, -0), `is ${kw}`);
        assert.ok(kw >= spec.rating.minKw && kw <= spec.rating.maxKw, `${kw} outside the rating`);
        const { socPct } = input;
        if (spec.battery !== null && (socPct === null || !Number.isFinite(socPct))) assert.equal(kw, 0);
        if (spec.battery !== null && socPct !== null && socPct >= 95) assert.ok(kw <= 0);
        if (spec.battery !== null && socPct !== null && socPct <= 10) assert.ok(kw >= 0);
      },
    ),
    { numRuns: 3000 },
  );
});

test('property: a charging customer gets the floor, whatever guard, grid limit and envelope say', () => {
  fc.assert(
    fc.property(wildLayers, (layers) => {
      const { kw } = clampPower({
        spec: evSpec(),
        wishedKw: 88,
        lastKw: null,
        stepS: 1,
        socPct: null,
        run: null,
        layers,
      });
      assert.ok(kw >= 17, `limited to ${kw}`);
    }),
    { numRuns: 2000 },
  );
});

test('reactive power respects its own limit and the rating left by active power', () => {
  assert.equal(clampReactive(batterySpec(), 0, 80, null), 50);
  assert.equal(Math.round(clampReactive(batterySpec(), 100, 80, null) * 10) / 10, 45.8);
  assert.equal(clampReactive(batterySpec(), 110, 80, null), 0);
  assert.equal(clampReactive(batterySpec(), 0, Number.NaN, { minKw: -50, maxKw: -10 }), -10);
  fc.assert(
    fc.property(wild, wild, wild, wild, (kw, kvar, minKw, maxKw) => {
      const result = clampReactive(batterySpec(), kw, kvar, { minKw, maxKw });
      assert.ok(Number.isFinite(result) && Math.abs(result) <= 50);
    }),
  );
});

test('property: an intersection is never empty and always within the first layer', () => {
  fc.assert(
    fc.property(wildLayers, (layers) => {
      const { range } = intersect([layer('rating', -10, 20), ...layers]);
      assert.ok(range.minKw >= -10 && range.maxKw <= 20 && range.minKw <= range.maxKw);
    }),
    { numRuns: 2000 },
  );
});
