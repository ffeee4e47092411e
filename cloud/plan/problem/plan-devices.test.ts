import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../../../shared/sentences/said.ts';
import { deviceModels, type DeviceInputs } from './plan-devices.ts';
import { tariffs } from './prices.ts';
import { testSubstation } from '../testing/fixture.ts';

const NIGHT = Date.UTC(2021, 8, 25, 23);
const NOON = Date.UTC(2021, 5, 21, 11);

/** Four quarters of an hour ahead, without a reading of any device of the substation; the sky was clear. */
const inputs = (start: number, more: Partial<DeviceInputs> = {}): DeviceInputs => ({
  substation: testSubstation('aaa'),
  tariff: tariffs.dso,
  now: start,
  speed: 1,
  start,
  stepsS: [900, 900, 900, 900],
  sourcePu: 1,
  tapPosition: 0,
  movesToday: new Map(),
  live: () => undefined,
  link: () => 'never',
  sessions: () => undefined,
  sky: () => ({ now: 1, best: 1.3 }),
  ...more,
});

const ofPv = ({ fixed, sunKw }: ReturnType<typeof deviceModels>) => ({
  ...fixed.find(({ device }) => device === 'pv-1')!,
  sun: sunKw.get('aaa-1')!,
});

test('an unreachable inverter feeds in nothing at night', () => {
  const models = deviceModels(inputs(NIGHT));
  const { activePowerKw, besidesLoadKw, sun } = ofPv(models);
  for (const series of [activePowerKw, besidesLoadKw, sun]) assert.ok(series.every((kw) => kw === 0));
  assert.match(
    models.substitutions.map(textOf).join('\n'),
    /pv-1 is not reached or not known: counted at what the sun gives, at most 750 kW/,
  );
});

test('by day it feeds in the sun up to its safe limit, and the curtailment adds to the load', () => {
  const { activePowerKw, besidesLoadKw, sun } = ofPv(deviceModels(inputs(NOON)));
  for (const [step, kw] of activePowerKw.entries()) {
    assert.equal(kw, -750);
    assert.ok(sun[step]! < -1000, `${sun[step]} kW of sun`);
    assert.ok(Math.abs(besidesLoadKw[step]! - (kw - sun[step]!)) < 1e-9);
  }
});

test('power of other devices is added to the uncontrolled load in full', () => {
  const { fixed } = deviceModels(inputs(NIGHT));
  const site = fixed.find(({ device }) => device === 'ev-1')!;
  assert.deepEqual([site.activePowerKw, site.besidesLoadKw], [Array(4).fill(126), Array(4).fill(126)]);
});
