import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceSpec } from '../control/model.ts';
import type { GuardLever } from './guard-types.ts';
import type { GuardState } from '../control/safety-memory.ts';
import { inSpans, withReserve } from './reserve.ts';

const spec = {
  rating: { minKw: -500, maxKw: 400 },
  battery: { socMinPct: 10, socMaxPct: 90, capacityKwh: 2000, efficiency: 0.9 },
} as DeviceSpec;
const near = (found: number, wanted: number): void => assert.ok(Math.abs(found - wanted) < 1e-9, `${found} ${wanted}`);

test('the reserve is a quarter of an hour at rated power, at most a quarter of the range at each end', () => {
  const { battery } = withReserve(spec, 900);
  near(((battery!.socMinPct - 10) / 100) * 2000 * 0.9, 125);
  near((((90 - battery!.socMaxPct) / 100) * 2000) / 0.9, 100);
  const small = withReserve({ ...spec, battery: { ...spec.battery!, capacityKwh: 100 } }, 900).battery!;
  near(small.socMinPct, 30);
  near(small.socMaxPct, 70);
  assert.deepEqual(withReserve(spec, 0).battery, spec.battery);
  const none = { ...spec, battery: null };
  assert.equal(withReserve(none, 900), none);
});

test("a bound beyond its lever's present range is clipped to it; others stay", () => {
  const bound = { min: null, max: -300, minBy: null, maxBy: 'grid-limit', missS: 0 };
  const state: GuardState = { bounds: { 'a:p': bound, 'b:p': { ...bound, max: 20 } }, pending: {} };
  const lever = (key: string, minKw: number) => ({ key, span: { minKw, maxKw: 100 } }) as GuardLever;
  const pulled = inSpans(state, [lever('a:p', -40), lever('b:p', -40)]);
  assert.deepEqual([pulled.bounds['a:p']!.max, pulled.bounds['b:p']!.max], [-40, 20]);
  assert.equal(state.bounds['a:p']!.max, -300, 'the input is not changed');
  const charging = inSpans({ bounds: { 'a:p': { ...bound, max: null, min: 400 } }, pending: {} }, [lever('a:p', -40)]);
  assert.equal(charging.bounds['a:p']!.min, 100);
});
