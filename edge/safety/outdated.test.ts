import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyGuardState } from '../control/safety-memory.ts';
import { guard } from './guard.ts';
import type { GuardLever, WatchedValue } from './guard-types.ts';

const SETTINGS = { responseS: 3, marginPct: 1, releaseKwPerS: 5, meterErrorPct: 0.25 };
const battery = (value: number): GuardLever => ({
  key: 'battery:q',
  device: 'battery',
  kind: 'q',
  value,
  ageS: 0,
  commanded: value,
  span: { minKw: -500, maxKw: 500 },
  moves: 'both',
  safe: 0,
  goal: 0,
  cost: 0.2,
});

/** A head with a charging site whose meter is slow, and a battery elsewhere that supports its voltage. */
const limits = (headKw: number, { siteAgeS }: { siteAgeS: number }): WatchedValue[] => {
  const voltage = { quantity: 'voltagePu', min: 0.94, max: 1.06, perKw: new Map(), mapped: true } as const;
  const perKvar = new Map([['battery', -0.0001]]);
  return [
    { ...voltage, id: 'battery-voltage', element: 'battery', value: 1.1, perKvar },
    { ...voltage, id: 'site-voltage', element: 'site', value: 0.91, ageS: siteAgeS, perKvar },
    {
      id: 'head',
      element: 'feeder-2',
      quantity: 'activePowerKw',
      min: -3000,
      max: 3000,
      value: headKw,
      perKw: new Map([['site', 1]]),
      perKvar: new Map(),
      mapped: true,
    },
  ];
};

/** The battery's setpoint after the load behind the head has fallen from 4,700 kW. */
function after(headKw: number, siteAgeS: number): number {
  let state = emptyGuardState();
  for (let second = 0; second < 12; second++)
    state = guard(limits(4700, { siteAgeS: second }), [battery(-400)], state, { settings: SETTINGS, stepS: 1 }).state;
  const { ranges } = guard(limits(headKw, { siteAgeS }), [battery(-400)], state, { settings: SETTINGS, stepS: 1 });
  return Math.max(-400, ranges.get('battery:q')?.minKw ?? -Infinity);
}

test('a low voltage read before the load fell does not block relief of a high voltage', () => {
  assert.ok(after(2100, 8) > -100, `${after(2100, 8)} kvar: 1.10 pu is met at once`);
  assert.equal(after(4700, 8), -400, 'while the load is present, the low voltage counts');
  assert.equal(after(2100, 0), -400, 'a newer reading counts too');
});

test('a low voltage counts again when the load is back after one reading', () => {
  let state = emptyGuardState();
  const commandedKvar: number[] = [];
  for (let second = 0; second < 20; second++) {
    const headKw = second === 12 ? 2100 : 4700;
    const { state: next, ranges } = guard(limits(headKw, { siteAgeS: second - 4 }), [battery(-400)], state, {
      settings: SETTINGS,
      stepS: 1,
    });
    state = next;
    commandedKvar.push(Math.max(-400, ranges.get('battery:q')?.minKw ?? -Infinity));
  }
  assert.ok(
    commandedKvar.at(-1)! <= commandedKvar[12]!,
    `one wrong reading of the head moves ${commandedKvar[12]} kvar, then ${commandedKvar.at(-1)}`,
  );
});
