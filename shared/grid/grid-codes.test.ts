import assert from 'node:assert/strict';
import { test } from 'node:test';
import { droopFall, gridCodes, type GridCode, type GridCodeId } from './grid-codes.ts';
import { curveAt } from './inverter-curves.ts';

const near = (found: number, wanted: number, why: string): void =>
  assert.ok(Math.abs(found - wanted) < 2e-3, `${why}: ${found} instead of ${wanted}`);
const codes = Object.entries(gridCodes) as [GridCodeId, GridCode][];

test('each function cites its clause and has the right sign, and only IEEE codes define volt-watt', () => {
  for (const [id, code] of codes) {
    const { voltVar, wattVar, voltWatt, droop } = code;
    for (const each of [voltVar, wattVar, voltWatt, droop])
      assert.match(each.source, /^(IEEE 1547|EN 50549|VDE-AR-N)/, id);
    for (const { curve } of [voltVar, wattVar])
      for (const [at, [x, value]] of curve.entries())
        if (at > 0) assert.ok(x > curve[at - 1]![0] && value >= curve[at - 1]![1], `${id}: absorption rises`);
    assert.ok(voltVar.curve[0]![1] < 0 && voltVar.curve.at(-1)![1] > 0, id);
    assert.ok(curveAt(voltWatt.curve, 1.2) < curveAt(voltWatt.curve, 1), id);
    assert.equal(voltWatt.basis, id.startsWith('ieee') ? 'code' : 'own', id);
  }
});

test('values left to the network operator are marked', () => {
  const left = codes.flatMap(([id, code]) =>
    (['voltVar', 'wattVar', 'voltWatt', 'droop'] as const).flatMap((name) =>
      code[name].basis === 'operator' ? [`${id} ${name}`] : [],
    ),
  );
  assert.deepEqual(left, [
    'en50549-1 voltVar',
    'en50549-1 wattVar',
    'en50549-2 voltVar',
    'en50549-2 wattVar',
    'vde-ar-n-4110 voltVar',
    'vde-ar-n-4110 wattVar',
  ]);
});

test('cos phi (P) of VDE-AR-N 4105 is linear in the power factor', () => {
  const { curve } = gridCodes['vde-ar-n-4105'].wattVar;
  // The rating is 0.9 kW per kVA: the full rating at a power factor of 0.9 uses the whole apparent power.
  for (const [share, cosPhi] of [
    [0.5, 1],
    [0.6, 0.98],
    [0.8, 0.94],
    [1, 0.9],
  ] as const)
    near(curveAt(curve, share), 0.9 * share * Math.tan(Math.acos(cosPhi)), `${share} of the rating`);
  assert.equal(curveAt(curve, 0.3), 0);
});

test('medium voltage: a third of the power at 4 % off nominal, none at nominal, and Q(P) from 60 % on', () => {
  const { voltVar, wattVar } = gridCodes['vde-ar-n-4110'];
  const kvaPerKw = 1 / 0.95;
  near(curveAt(voltVar.curve, 0.96) * kvaPerKw, -0.33, 'low');
  near(curveAt(voltVar.curve, 1.04) * kvaPerKw, 0.33, 'high');
  near(curveAt(voltVar.curve, 1.01) * kvaPerKw, 0.33 / 4, 'there is no dead band');
  near(curveAt(wattVar.curve, 0.6) * kvaPerKw, 0.05, 'at 60 %');
  near(curveAt(wattVar.curve, 0.95) * kvaPerKw, 0.33, 'at 95 %');
});

test('droop: 40 %/Hz of the feed-in above 50.2 Hz in Europe; of the rating above 60.036 Hz in IEEE 1547', () => {
  for (const [id, { droop }] of codes) {
    const isIeee = id.startsWith('ieee');
    assert.equal(droop.reference, isIeee ? 'rated' : 'momentary', id);
    near(droopFall(droop, isIeee ? 60.036 : 50.2), 0, id);
    near(droopFall(droop, droop.nominalHz + droop.overHz + 1), isIeee ? 1 / 3 : 0.4, id);
    near(droopFall(droop, droop.nominalHz - droop.underHz - 1), isIeee ? -1 / 3 : -0.4, id);
  }
});
