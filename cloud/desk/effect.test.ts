import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SetpointWish } from '../../shared/contracts/command.ts';
import { testEstimate, testSubstation } from '../plan/testing/fixture.ts';
import { effectOf, type EffectInput } from './effect.ts';

const substation = testSubstation('owd');
const estimate = testEstimate(substation, 0);

function effect(
  device: string,
  wish: SetpointWish,
  powers: Readonly<Record<string, number>> = {},
  { busKw = 400, envelope }: { busKw?: number; envelope?: EffectInput['envelope'] } = {},
) {
  const result = effectOf({
    substation,
    device: substation.devices.find(({ id }) => id === device)!,
    wish,
    estimate: busKw === 400 ? estimate : testEstimate(substation, 0, busKw),
    live: (id, metric) => powers[`${id}/${metric}`],
    envelope,
  });
  assert.ok(result.ok, result.ok ? '' : result.fault.detail);
  return result.value;
}

test('a discharging battery raises voltages and relieves its feeder and the transformer', () => {
  const { before, after, beyond } = effect('battery-1', { activePowerKw: -500 });
  assert.ok(after.voltageMinPu > before.voltageMinPu);
  assert.ok(Math.abs(before.feederKw - after.feederKw - 500) < 30, `${before.feederKw} ${after.feederKw}`);
  assert.ok(Math.abs(before.transformerKw - after.transformerKw - 500) < 40);
  assert.ok(after.lossesKw < before.lossesKw);
  assert.equal(after.voltageMinBus, 'owd-1-b4');
  assert.deepEqual(beyond, []);
});

test('absorbing reactive power lowers the voltage', () => {
  const { before, after } = effect('battery-1', { reactivePowerKvar: 250 });
  assert.ok(after.voltageMinPu < before.voltageMinPu);
  assert.ok(effect('battery-1', { reactivePowerKvar: -250 }).after.voltageMinPu > before.voltageMinPu);
});

test('a limit leaves power within it unchanged and adds no sun', () => {
  const powers = { 'pv-1/activePowerKw': -800, 'pv-1/availableKw': 800 };
  assert.equal(effect('pv-1', { activePowerLimitKw: 300 }, powers).after.deviceKw, -300);
  const wide = effect('pv-1', { activePowerLimitKw: 1200 }, powers);
  assert.equal(wide.after.deviceKw, -800);
  assert.match(wide.notes[0]!, /only 800 kW/);
});

test('an effect outside the envelope is flagged before anything is sent', () => {
  const envelope = { minKw: 0, maxKw: 477.4, by: 'pl-owd-1' };
  const powers = { 'battery-1/activePowerKw': 0 };
  const held = effect('battery-1', { activePowerKw: -200 }, powers, { envelope });
  assert.equal(held.after.deviceKw, 0);
  assert.deepEqual(held.after.feederKw, held.before.feederKw);
  assert.deepEqual(held.notes, ['the envelope of pl-owd-1 leaves 0 to 477 kW: battery-1 is held at 0 kW, not -200 kW']);
  assert.equal(effect('battery-1', { activePowerKw: 600 }, powers, { envelope }).after.deviceKw, 477.4);
  const free = effect('battery-1', { activePowerKw: 200 }, powers, { envelope });
  assert.deepEqual([free.after.deviceKw, free.notes], [200, []]);
  const sun = { 'pv-1/activePowerKw': -800, 'pv-1/availableKw': 800 };
  const pv = effect('pv-1', { activePowerLimitKw: 300 }, sun, { envelope: { ...envelope, minKw: -100 } });
  assert.equal(pv.after.deviceKw, -100);
});

test('a voltage target moves the tap, and the voltages follow', () => {
  const low = effect('tap-1', { voltageTargetPu: 0.96 });
  const high = effect('tap-1', { voltageTargetPu: 1.04 });
  assert.ok(low.after.voltageMaxPu < high.after.voltageMaxPu);
  assert.notEqual(low.after.tapPosition, high.after.tapPosition);
});

test('the effect names limits that are newly passed', () => {
  const { beyond } = effect('battery-1', { activePowerKw: 500 }, {}, { busKw: 1150 });
  assert.ok(
    beyond.some(({ text, isNew }) => /owd-1-.*limits|rating/.test(text) && isNew),
    JSON.stringify(beyond),
  );
});

test('a device of unknown power counts as zero, which a note says', () => {
  assert.match(effect('battery-1', { activePowerKw: 100 }).notes[0]!, /not known/);
});
