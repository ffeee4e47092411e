import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../../../shared/sentences/said.ts';
import { defaultsBreak } from './default-envelopes.ts';
import { buildLayout } from '../search/build-layout.ts';
import { batteryAt, pvPlant, smallProblem } from '../testing/small-feeder.ts';

const layout = buildLayout(
  smallProblem({
    loadKw: [100, 300],
    spread: 0.3,
    importKw: 2000,
    devices: [pvPlant('b5', [3500, 3500]), pvPlant('b4', [3500, 3500]), batteryAt('b3')],
  }),
);

test('default envelopes that fit one by one but not as a set have their broken limits named', () => {
  const one = [{ minKw: -1500, maxKw: 0 }, undefined, undefined];
  const other = [undefined, { minKw: -1800, maxKw: 0 }, undefined];
  assert.deepEqual(defaultsBreak(layout, one), []);
  assert.deepEqual(defaultsBreak(layout, other), []);
  const both = defaultsBreak(layout, [one[0], other[1], undefined]);
  assert.ok(
    both.some((part) => /^b5 by 0\.0\d+ pu at 00:00Z$/.test(textOf(part))),
    both.map(textOf).join(', '),
  );
});

test('import is checked too, in the step with the highest load', () => {
  const broken = defaultsBreak(layout, [undefined, undefined, { minKw: 0, maxKw: 500 }]);
  assert.deepEqual(
    broken.map((part) => textOf(part).replace(/ by \d+/, '')),
    ['transformer kW at 01:00Z'],
  );
});

test('a voltage violation is listed before lines barely beyond their ratings', () => {
  const weak = buildLayout(smallProblem({ loadKw: [100], devices: [pvPlant('b5', [3500])] }));
  const names = defaultsBreak(weak, [{ minKw: -3500, maxKw: 0 }]).map(textOf);
  assert.ok(names.filter((name) => name.includes('kVA')).length >= 3, names.join(', '));
  assert.match(names[0]!, /^b5 by 0\.0\d+ pu at 00:00Z$/, names.join(', '));
});

test('a set without a power flow is reported as such, before any limits', () => {
  const weak = buildLayout(
    smallProblem({
      loadKw: [100],
      devices: [pvPlant('b5', [3500]), batteryAt('b3'), batteryAt('b4')],
    }),
  );
  const parts = defaultsBreak(weak, [
    { minKw: -3500, maxKw: 0 },
    { minKw: 0, maxKw: 60_000 },
    { minKw: 0, maxKw: 60_000 },
  ]);
  const names = parts.map(textOf);
  assert.equal(names[0], 'no power flow converges at 00:00Z', names.join(', '));
  assert.ok(!JSON.stringify(parts).includes('null') && !names.join(' ').includes('Infinity'), names.join(', '));
  assert.ok(names.length > 1, 'limits broken only at other corners are named too');
});

test('behind one meter the load counts with the set against the contract', () => {
  const flat = [500, 500];
  const farm = buildLayout(
    smallProblem({
      loadKw: [100, 300],
      spread: 0.3,
      devices: [pvPlant('b3', [3500, 3500]), batteryAt('b3')],
      connectionPoints: [
        {
          id: 'cp-farm',
          devices: ['pv-b3', 'battery-b3'],
          importKw: flat,
          exportKw: flat,
          loadKw: { mid: [50, 50], highSun: [20, 20] },
        },
      ],
    }),
  );
  assert.deepEqual(defaultsBreak(farm, [{ minKw: -500, maxKw: 0 }, undefined]), []);
  assert.deepEqual(
    defaultsBreak(farm, [
      { minKw: -500, maxKw: 0 },
      { minKw: -100, maxKw: 0 },
    ]).map(textOf),
    ['connection point cp-farm by 80 kW at 00:00Z'],
  );
});
