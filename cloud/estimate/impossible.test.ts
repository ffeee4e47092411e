import type { Sample } from '../../shared/contracts/sample.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Readings } from './readings.ts';
import { addImpossible, judgeImpossible, type Impossibles } from './impossible.ts';
import { testSubstation } from './testing/substation.ts';

const substation = testSubstation();
const pv = substation.devices.find(({ type }) => type === 'pv-inverter')!;
const rated = pv.activePowerKw!;

/** Findings after these readings of the PV plant, one a minute; null: no reading. */
function after(...readings: readonly (number | null)[]): string[] {
  let state: Impossibles = new Map();
  for (const [minute, kw] of readings.entries()) {
    const reading: Sample | undefined =
      kw === null ? undefined : { value: kw, quality: 'good', origin: 'measured', time: 60_000 * (minute + 1) };
    const now: Readings = new Map(reading === undefined ? [] : [[pv.id, { activePowerKw: reading }]]);
    state = addImpossible(substation, state, now);
  }
  return judgeImpossible(substation, state).map(({ device, finding }) => `${device} ${finding}`);
}

test('a PV plant that consumes by day is found reversed, one beyond its rating a gross error', () => {
  const [low, high] = [-0.6 * rated, 0.6 * rated];
  for (const [readings, found] of [
    [[low, low, low, low, low], []],
    [[high, high, high, high], []],
    [[high, high, high, high, high], [`${pv.id} reversed`]],
    [[high, high, 0, null, high, high, high], [`${pv.id} reversed`]],
    [[high, high, low, high, high, high], []],
    [[high, high, high, high, high, low], []],
    [Array.from({ length: 5 }, () => -2 * rated), [`${pv.id} gross-error`]],
    [Array.from({ length: 9 }, () => 0.02 * rated), []],
  ] as const)
    assert.deepEqual(after(...readings), found, readings.join(' '));
});

test('one reading seen repeatedly counts once', () => {
  const once: Readings = new Map([
    [pv.id, { activePowerKw: { value: rated, quality: 'good', origin: 'measured', time: 60_000 } }],
  ]);
  let state: Impossibles = new Map();
  for (let again = 0; again < 20; again++) state = addImpossible(substation, state, once);
  assert.deepEqual(judgeImpossible(substation, state), []);
});
