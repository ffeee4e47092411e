import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyGuardState, type GuardState } from '../control/safety-memory.ts';
import { guard } from './guard.ts';
import type { GuardLever, GuardResult, WatchedValue } from './guard-types.ts';

const settings = { responseS: 3, marginPct: 0, releaseKwPerS: 5 };

const power = (element: string, value: number | null, more: Partial<WatchedValue> = {}): WatchedValue => ({
  id: `${element}-power`,
  element,
  quantity: 'activePowerKw',
  min: -400,
  max: 600,
  value,
  perKw: new Map([
    ['battery-1', 1],
    ['pv-1', 1],
  ]),
  perKvar: new Map(),
  mapped: true,
  ...more,
});

const battery = (value: number, commanded = value): GuardLever => ({
  key: 'battery-1:p',
  device: 'battery-1',
  kind: 'p',
  value,
  ageS: 0,
  commanded,
  span: { minKw: -100, maxKw: 100 },
  moves: 'both',
  safe: 0,
  cost: 1,
});

/** PV that feeds in `kw` and can be curtailed. */
const plant = (kw: number): GuardLever => ({
  ...battery(-kw),
  key: 'pv-1:p',
  device: 'pv-1',
  span: { minKw: -250, maxKw: 0 },
  moves: 'up',
  safe: -100,
  cost: 8,
});

const none: GuardState = emptyGuardState();

/** Runs for this many seconds without changes. */
function stay(
  seconds: number,
  limits: readonly WatchedValue[],
  levers: readonly GuardLever[],
  from: GuardState,
): GuardResult {
  let result = guard(limits, levers, from, { settings, stepS: 1 });
  for (let second = 1; second < seconds; second++) result = guard(limits, levers, result.state, { settings, stepS: 1 });
  return result;
}

test('a plant keeps ramping down to its bound when the meter falls silent', () => {
  const over = guard([power('transformer', -600)], [plant(250)], none, { settings, stepS: 1 });
  assert.deepEqual(over.ranges.get('pv-1:p')?.minKw, -50);
  const silent = guard([power('transformer', null)], [plant(200)], over.state, { settings, stepS: 1 });
  assert.deepEqual(silent.ranges.get('pv-1:p'), { minKw: -50, maxKw: -50 });
});

test('a silent head keeps relief of the transformer and releases it to the safe default only', () => {
  const limits = (kw: number) => [power('transformer', kw), power('feeder-1', null)];
  const over = stay(70, limits(-400), [plant(80)], stay(1, limits(-570), [plant(250)], none).state);
  assert.equal(over.ranges.get('pv-1:p')?.minKw, -80, 'the safe default of 100 kW would load the transformer again');
  const well = stay(60, limits(-200), [plant(80)], over.state);
  assert.deepEqual(well.ranges.get('pv-1:p'), { minKw: -100, maxKw: -100 }, 'with room the safe default, and no more');
  const stored = stay(70, limits(600), [battery(-80)], stay(1, limits(680), [battery(0)], none).state);
  assert.equal(stored.ranges.get('battery-1:p')?.maxKw, -80);
  const after = stay(60, limits(300), [battery(-80)], stored.state);
  assert.deepEqual(after.ranges.get('battery-1:p'), { minKw: 0, maxKw: 0 });
});

test('a head is relieved even if the transformer meter is silent', () => {
  const limits = (kw: number) => [power('transformer', null), power('feeder-1', kw)];
  for (const seconds of [2, 90]) {
    const blind = stay(seconds, limits(500), [battery(0)], none);
    const over = guard(limits(640), [battery(0)], blind.state, { settings, stepS: 1 });
    assert.deepEqual(over.ranges.get('battery-1:p'), { minKw: -40, maxKw: -40 }, `${seconds} s`);
    const held = stay(5, limits(600), [battery(-40)], over.state);
    assert.deepEqual(held.ranges.get('battery-1:p'), { minKw: -40, maxKw: -40 }, `${seconds} s, and stays so`);
  }
});

test('once a meter is heard again with room, what it froze relieves other limits at once', () => {
  const lever = { ...battery(0), goal: 0 };
  const held = stay(20, [power('transformer', null), power('feeder-1', 300)], [lever], none);
  assert.equal(held.ranges.get('battery-1:p')?.minKw, 0, 'frozen');
  const soon = guard([power('transformer', 250), power('feeder-1', 680)], [lever], held.state, { settings, stepS: 1 });
  assert.equal(soon.ranges.get('battery-1:p')?.maxKw, -80);
  const full = guard([power('transformer', -400), power('feeder-1', 680)], [lever], held.state, { settings, stepS: 1 });
  assert.equal(full.ranges.get('battery-1:p')?.minKw, 0, 'at its limit of export, the transformer still holds it');
});
