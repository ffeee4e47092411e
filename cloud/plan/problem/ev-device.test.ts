import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RegionDevice } from '../../../shared/contracts/region.ts';
import { evDevice, type EvInputs } from './ev-device.ts';

const HOUR_MS = 3_600_000;
const device: RegionDevice = {
  id: 'ev-1',
  type: 'ev-site',
  name: 'site',
  bus: 'b',
  feeder: 'f',
  connectionPoint: 'cp',
  authority: 'limit',
  activePowerKw: 30,
  floorKw: 8.4,
};
const model = (over: Partial<EvInputs>): ReturnType<typeof evDevice> =>
  evDevice({
    device,
    now: 0,
    start: 0,
    stepsS: [900, 900, 900, 900, 3600, 3600],
    sessions: undefined,
    wishedKw: undefined,
    dueKwh: undefined,
    deadline: undefined,
    unservedEurPerKwh: 1,
    ...over,
  });

test('each session may charge until it leaves, and without limits the first to leave charge first', () => {
  const site = model({
    sessions: [
      { id: 'late', energyDueKwh: 10, departure: 9 * HOUR_MS, maxKw: 20, minKw: 4.2 },
      { id: 'soon', energyDueKwh: 5, departure: 0.9 * HOUR_MS, maxKw: 20, minKw: 4.2 },
      { id: 'gone', energyDueKwh: 5, departure: -1, maxKw: 20, minKw: 4.2 },
      { id: 'full', energyDueKwh: 0, maxKw: 20, minKw: 4.2 },
    ],
  });
  assert.deepEqual(site.sessions, [
    { id: 'soon', energyKwh: 5, maxKw: 20, minKw: 4.2, lastStep: 2, departure: 0.9 * HOUR_MS },
    { id: 'late', energyKwh: 10, maxKw: 20, minKw: 4.2, lastStep: 5 },
  ]);
  assert.deepEqual(
    site.wishedKw,
    [30, 20, 10, 0, 0, 0].map((kw, step) => [30, 20, 10, 0, 0, 0][step] ?? kw),
  );
  assert.deepEqual(
    site.minKw,
    [8.4, 8.4, 8.4, 0, 0, 0],
    'the floor of the connection point, up to the requested power',
  );
  assert.deepEqual(site.maxKw, [30, 30, 30, 20, 20, 20]);
  assert.equal(site.ratedKw, 30, 'and others may come');
});

test('a session that leaves within a step gets its energy before, at full power if time is short', () => {
  const at = (minutes: number, energyDueKwh: number) =>
    model({ sessions: [{ id: 'car', energyDueKwh, departure: minutes * 60_000, maxKw: 12, minKw: 0 }] }).sessions[0]!;
  assert.deepEqual([at(20, 3).lastStep, at(20, 3).energyKwh], [0, 3], '15 min at 12 kW are enough');
  const tight = at(20, 3.5);
  assert.equal(tight.lastStep, 1);
  assert.ok(Math.abs(tight.energyKwh - (3 + 0.5 * 3)) < 1e-9, 'half a kWh in the first third of the step');
  const hopeless = at(20, 10);
  assert.ok(Math.abs(hopeless.energyKwh - (10 - 1 + 3)) < 1e-9);
  assert.deepEqual(
    [at(150, 15).lastStep, at(150, 15).lastShare],
    [5, 0.25],
    'a long step counts except for its last quarter of an hour',
  );
});

test('a session without departure is assumed to leave in half a day, with no time in the reasons', () => {
  const stepsS = Array.from({ length: 20 }, () => 3600);
  const [car] = model({ stepsS, sessions: [{ id: 'car', energyDueKwh: 20, maxKw: 12, minKw: 0 }] }).sessions;
  assert.deepEqual(car, { id: 'car', energyKwh: 20, maxKw: 12, minKw: 0, lastStep: 11 });
});

test('a session that must not pause keeps its least once it charges; one that waits has no floor yet', () => {
  const car = { id: 'car', energyDueKwh: 20, maxKw: 12, minKw: 0, uninterrupted: true };
  const of = (over: object, floorKw = 0) => {
    const site = model({ device: { ...device, floorKw }, sessions: [{ ...car, ...over }] });
    return [site.sessions[0]!.uninterrupted, site.minKw[0]];
  };
  assert.deepEqual(of({}), [{ kw: 1.4, charging: true }, 0], '6 A on one phase; unknown whether it charges');
  assert.deepEqual(
    of({ charging: true, minKw: 4.14 }),
    [{ kw: 4.2, charging: true }, 4.14],
    'in tenths, as it is sent',
  );
  assert.deepEqual(of({ charging: true, maxKw: 1 }), [{ kw: 1, charging: true }, 0], 'it takes no more');
  assert.deepEqual(of({ charging: false, minKw: 4.2 }), [{ kw: 4.2, charging: false }, 0]);
  assert.deepEqual(
    of({ charging: false }, 8.4),
    [{ kw: 1.4, charging: true }, 8.4],
    'the statutory floor lets it begin',
  );
  assert.deepEqual(of({ charging: false, energyDueKwh: undefined }), [undefined, 0], 'nothing is known to be due');
  assert.deepEqual(of({ uninterrupted: false }), [undefined, 0]);
});

test('the elapsed part of the first step does not count as charging time', () => {
  const sessions = [{ id: 'car', energyDueKwh: 3, maxKw: 12, minKw: 0 }];
  const site = model({ sessions, now: 600_000 });
  assert.equal(site.elapsedS, 600);
  assert.deepEqual(site.wishedKw.slice(0, 3), [12, 8, 0]);
});

test('sessions known only as a total are split into an urgent and a later one, and none without demand', () => {
  const whole = model({ wishedKw: 16, dueKwh: 20, deadline: 0.5 * HOUR_MS });
  assert.deepEqual(
    whole.sessions.map(({ energyKwh, lastStep }) => [energyKwh, lastStep]),
    [
      [8, 1],
      [12, 5],
    ],
  );
  assert.deepEqual(whole.wishedKw, [16, 16, 16, 16, 4, 0]);
  assert.deepEqual(
    model({ wishedKw: 16 }).sessions.map(({ energyKwh }) => energyKwh),
    [Infinity],
  );
  assert.deepEqual(model({}).sessions, []);
});
