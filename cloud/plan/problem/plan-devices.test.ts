import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../../../shared/sentences/said.ts';
import type { Authority } from '../../../shared/contracts/ids.ts';
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

/** A device without commands from plans that answers, with its power now; three steps of half an hour. */
function uncommanded(device: string, authority: Authority, kw: number | undefined, more: Partial<DeviceInputs> = {}) {
  const plain = testSubstation('aaa');
  const devices = plain.devices.map((each) => (each.id === device ? { ...each, authority } : each));
  const models = deviceModels(
    inputs(NOON, {
      substation: { ...plain, devices },
      stepsS: [1800, 1800, 1800],
      link: () => 'up',
      live: (id, metric) =>
        id === device && metric === 'activePowerKw' && kw !== undefined
          ? { value: kw, quality: 'good', origin: 'measured', time: NOON }
          : undefined,
      ...more,
    }),
  );
  const text = models.substitutions.map(textOf).find((each) => each.startsWith(device))!;
  return { ...models.fixed.find((each) => each.device === device)!, text, isMissing: models.missing.includes(device) };
}

test('a device that plans do not command counts at its reading, later as it runs by itself', () => {
  const site = uncommanded('ev-1', 'guard', 380);
  assert.deepEqual([site.activePowerKw, site.besidesLoadKw], [Array(3).fill(380), Array(3).fill(380)]);
  assert.ok(!site.isMissing);
  assert.equal(site.text, 'ev-1 is not commanded by plans: counted as it runs by itself');
  const sessions = [{ id: 'car', energyDueKwh: 100, departure: NOON + 3_600_000, maxKw: 100, minKw: 0 }];
  const leaving = uncommanded('ev-1', 'guard', 95, { sessions: () => ({ time: NOON, sessions }) });
  assert.deepEqual(leaving.activePowerKw, [95, 95, 0], 'the car leaves after an hour');
  assert.deepEqual(uncommanded('battery-1', 'none', -200).activePowerKw, [-200, -200, 0]);
});

test('a plant that plans do not command feeds in all that the sun gives, and adds nothing to the load', () => {
  const { activePowerKw, besidesLoadKw, isMissing } = uncommanded('pv-1', 'none', -1300);
  assert.ok(
    activePowerKw.every((kw) => kw < -1000),
    activePowerKw.join(' '),
  );
  assert.deepEqual([besidesLoadKw, isMissing], [[0, 0, 0], false]);
});

test('a device that plans do not command is at its fallback if it is lost or its power is not known', () => {
  for (const lost of [
    uncommanded('ev-1', 'guard', 380, { link: () => 'stale' }),
    uncommanded('ev-1', 'guard', undefined),
  ])
    assert.deepEqual([lost.activePowerKw, lost.isMissing], [Array(3).fill(126), true]);
});
