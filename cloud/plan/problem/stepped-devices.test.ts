import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RegionDevice } from '../../../shared/contracts/region.ts';
import { tariffs } from './prices.ts';
import { capacitorDevice, movesToday, tapDevice, type SteppedInputs } from './stepped-devices.ts';
import { testDevices, testRegion } from '../testing/fixture.ts';

const DAY = Date.UTC(2021, 8, 25);
const HOUR = 3_600_000;
const [substation] = testRegion('aaa').substations;
const tap = substation!.devices.find(({ type }) => type === 'tap-changer')!;
const bank: RegionDevice = { ...tap, id: 'bank-1', type: 'capacitor-bank', stepKvar: 300, steps: 3 };
const inputs = (over: Partial<SteppedInputs> = {}): SteppedInputs => ({
  substation: { ...substation!, devices: [tap, bank] },
  tariff: tariffs.dso,
  now: DAY + 22 * HOUR,
  start: DAY + 22 * HOUR,
  stepsS: [3600, 3600, 3600, 3600],
  sourcePu: 1.02,
  tapPosition: 0,
  movesToday: new Map([
    [tap.id, 13],
    [bank.id, 0],
  ]),
  ...over,
});

test('tap moves made today count against fifteen until midnight, and tomorrow has its own budget', () => {
  const device = tapDevice(inputs(), tap)!;
  assert.deepEqual(device.budgets, [
    { fromStep: 0, toStep: 1, moves: 2 },
    { fromStep: 2, toStep: 3, moves: 15 },
  ]);
});

test('too many moves, or an unknown number, leave none for today', () => {
  const movesOf = (moves: number | undefined) =>
    tapDevice(inputs({ movesToday: new Map([[tap.id, moves]]) }), tap)!.budgets.map(({ moves }) => moves);
  assert.deepEqual(movesOf(40), [0, 15]);
  assert.deepEqual(movesOf(undefined), [0, 15]);
});

test('a plan that starts just before midnight counts those minutes to the new day', () => {
  const device = tapDevice(
    inputs({ now: DAY + 60_000, start: DAY - 60_000, stepsS: [300, 300], movesToday: new Map([[tap.id, 1]]) }),
    tap,
  )!;
  assert.deepEqual(device.budgets, [{ fromStep: 0, toStep: 1, moves: 14 }]);
});

test('tap positions are ordered by resulting voltage, and the present one is the start', () => {
  const at = (tapPosition: number) => tapDevice(inputs({ tapPosition }), tap)!;
  const { levels, start } = at(0);
  assert.ok(levels.every((pu, index) => index === 0 || pu > levels[index - 1]!));
  assert.ok(Math.abs(levels[start]! - 1.02) < 1e-12);
  assert.equal(at(-1.2).start, start + 1);
  assert.equal(at(99).start, 0);
});

test('a bank has a level per number of steps, and is not planned while its state is unknown', () => {
  const device = capacitorDevice(inputs(), bank, 2)!;
  assert.deepEqual(device.levels, [0, 300, 600, 900]);
  assert.equal(device.start, 2);
  assert.equal(capacitorDevice(inputs(), bank, undefined), undefined);
});

test('moves are queried since midnight, only for stepped devices', async () => {
  const asked: unknown[] = [];
  const source = {
    ...testDevices({}, () => DAY),
    moves: (...query: unknown[]) => {
      asked.push(query.slice(1));
      return Promise.resolve(3);
    },
  };
  const { substation: two } = inputs();
  assert.deepEqual(
    [...(await movesToday(two, source, DAY + 5 * HOUR))],
    [
      [tap.id, 3],
      [bank.id, 3],
    ],
  );
  assert.deepEqual(asked, [
    [tap.id, 'tapPosition', DAY],
    [bank.id, 'capacitorStep', DAY],
  ]);
});
