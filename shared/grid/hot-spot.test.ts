import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hotSpotC,
  onan,
  onanBySize,
  relativeAgeing,
  steadyState,
  thermalStep,
  type ThermalConstants,
} from './hot-spot.ts';

/** Minutes at a load until the hot spot reaches a temperature; Infinity if it does not within two days. */
function minutesTo(
  constants: ThermalConstants,
  { fromPu, toPu, atC }: { fromPu: number; toPu: number; atC: number },
): number {
  let state = steadyState(constants, fromPu);
  for (let tenths = 0; tenths < 28_800; tenths++) {
    if (hotSpotC(state, 20) >= atC) return tenths / 10;
    state = thermalStep(constants, state, { loadPu: toPu, stepS: 6 });
  }
  return Infinity;
}

test('a step from 0.9 to 1.3 pu at 20 C gives 98 C within 8 min and 120 C after 52 to 143 min', () => {
  const rows: [string, ThermalConstants, number, number][] = [
    ['distribution', onan.distribution, 98, 7.5],
    ['distribution', onan.distribution, 120, 142.9],
    ['power', onan.power, 98, 7.9],
    ['power', onan.power, 120, 52.5],
  ];
  for (const [name, constants, atC, minutes] of rows)
    assert.equal(minutesTo(constants, { fromPu: 0.9, toPu: 1.3, atC }), minutes, `${name} to ${atC} C`);
});

test('at rating and 20 C a transformer settles at 98 C and ages normally', () => {
  for (const constants of [onan.distribution, onan.power]) {
    assert.ok(Math.abs(hotSpotC(steadyState(constants, 1), 20) - 98) < 1e-9);
    assert.equal(minutesTo(constants, { fromPu: 0.2, toPu: 1.02, atC: 120 }), Infinity);
  }
  assert.deepEqual([98, 104, 92].map(relativeAgeing), [1, 2, 0.5]);
});

test('one long thermal step equals many short ones', () => {
  for (const constants of [onan.distribution, onan.power]) {
    const start = steadyState(constants, 0.5);
    const whole = thermalStep(constants, start, { loadPu: 1.4, stepS: 3600 });
    let small = start;
    for (let second = 0; second < 3600; second++) small = thermalStep(constants, small, { loadPu: 1.4, stepS: 1 });
    assert.ok(Math.abs(hotSpotC(whole, 20) - hotSpotC(small, 20)) < 1e-9);
  }
  assert.deepEqual([onanBySize(630), onanBySize(8000)], [onan.distribution, onan.power]);
});
