import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { IncidentView } from '../../shared/contracts/incident.ts';
import type { HealthReport } from '../../shared/contracts/report.ts';
import type { EventView } from '../../shared/contracts/view.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { buildRegion } from '../../simulators/region/region.ts';
import { SqliteInterventionStore } from '../desk/sqlite-intervention-store.ts';
import { IncidentBook, type AlarmNote } from './incident-book.ts';
import { SqliteIncidentStore } from './sqlite-incident-store.ts';

const T0 = Date.UTC(2021, 8, 25);
const GATEWAY = 'hfdp-01';

function rig(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-incidents-'));
  const store = new SqliteIncidentStore(join(folder, 'state.sqlite'));
  store.open();
  t.after(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  const clock = new VirtualClock(T0);
  const told: IncidentView[] = [];
  const active = new Set<number>();
  const book = () =>
    new IncidentBook({
      region: buildRegion(['hfdp', 'owd']),
      clock,
      store,
      live: () => undefined,
      isReversed: () => false,
      isActive: (alarm) => active.has(alarm),
      onChange: (incident) => void told.push(incident),
    });
  return { store, clock, told, active, book };
}

const relief = (time: number, value: number): EventView => ({
  id: 1,
  time,
  source: GATEWAY,
  kind: 'event',
  severity: 'medium',
  code: 'guard.relief',
  text: 'transformer at 7757 kW is past 7200 kW: battery-1:p relieves it',
  device: null,
  subject: 'transformer-power',
  active: null,
  parameters: { element: 'transformer', value, bound: 7200, unit: 'kW', devices: ['battery-1'] },
});

const dark = (id: number, isActive: boolean, acknowledged: AlarmNote['acknowledged'] = null): AlarmNote => ({
  id,
  source: GATEWAY,
  code: 'LS-FEEDER-001',
  active: isActive,
  text: 'feeder 2 is dark',
  target: 'feeder:hfdp-2',
  raisedAt: T0 + 1000,
  returnedAt: isActive ? null : T0 + 90_000,
  acknowledged,
});

test('a trip within a limit that was passed is one incident, named by the trip, with who acknowledged it', async (t) => {
  const { book, clock, told } = rig(t);
  const own = book();
  await own.start();
  own.event(relief(T0, 7757));
  own.alarm(dark(7, true));
  own.alarm(dark(7, true, { by: 'anna', at: T0 + 30_000 }));
  own.alarm(dark(7, true, { by: 'anna', at: T0 + 30_000 }));
  await clock.advance(60_000);
  assert.deepEqual([...new Set(told.map(({ id }) => id))], [1]);
  const { kind, feeder, endedAt, entries, limit } = told.at(-1)!;
  assert.deepEqual([kind, feeder, endedAt, limit?.worst], ['trip', 'hfdp-2', null, 7757]);
  assert.deepEqual(
    entries.map(({ code, by }) => [code, by]),
    [
      ['limit.passed', 'guard'],
      ['alarm.raised', null],
      ['alarm.acknowledged', 'anna'],
    ],
  );
  await own.stop();
});

test('an excess that is the guard’s daily work is no incident', async (t) => {
  const { book, clock, told } = rig(t);
  const own = book();
  await own.start();
  own.event(relief(T0, 7240));
  await clock.advance(10_000);
  assert.deepEqual(told, []);
  await own.stop();
});

test('an incident goes on over a restart, and ends where its cause ended meanwhile', async (t) => {
  const { book, clock, told, active, store } = rig(t);
  const before = book();
  await before.start();
  before.alarm(dark(7, true));
  await before.stop();
  active.add(7);
  const second = book();
  await second.start();
  await clock.advance(5_000);
  assert.equal(told.at(-1)?.endedAt, null);
  second.alarm(dark(8, true));
  await second.stop();
  active.clear();
  const third = book();
  await third.start();
  await clock.advance(5_000);
  await third.stop();
  const all = await store.list({ limit: 10 });
  assert.deepEqual(
    all.map(({ id, endedAt }) => [id, endedAt !== null]),
    [[1, true]],
  );
});

test('an incident costs the same however much happens in it', async (t) => {
  const { book, clock, store } = rig(t);
  const own = book();
  await own.start();
  for (let n = 0; n < 500; n++) {
    own.event(relief(T0 + n, 8000 + n));
    await clock.advance(1_000);
  }
  await own.stop();
  const [incident] = await store.list({ limit: 10 });
  assert.ok(incident!.entries.length <= 60);
  assert.equal(incident!.limit?.worst, 8499);
});

test('a gateway whose values jump with each frame, and that names limits and times as it likes, fills neither store nor page', async (t) => {
  const { book, clock, store, told } = rig(t);
  const own = book();
  await own.start();
  const report = { devices: [], guard: { active: false }, cycle: { overruns: 0 } } as unknown as HealthReport;
  for (let n = 0; n < 720; n++) {
    const value = n % 2 === 0 ? 500 : 9_000;
    const values = [{ metric: 'activePowerKw', value }];
    own.frame(GATEWAY, { device: 'feeder-2', time: T0 + n * 5_000, values } as unknown as Frame);
    own.event(relief(T0 + n * 600_000, 8000 + n));
    own.reported(GATEWAY, { ...report, time: T0 + n * 600_000 + 1 });
    await clock.advance(5_000);
  }
  const first = await store.list({ limit: 1_000 });
  assert.ok(first.length <= 13, `${first.length} incidents in an hour`);
  for (let n = 0; n < 2_000; n++) own.event({ ...relief(T0 + n, 8000), subject: `limit-${n}` });
  await clock.advance(5_000);
  await own.stop();
  const [newest] = await store.list({ limit: 1 });
  const rows = await store.load(0);
  const causes = Math.max(...rows.recent.map((each) => each.causes.length));
  assert.ok(causes <= 41, `${causes} causes of one incident`);
  assert.ok(JSON.stringify(newest).length < 50_000);
  assert.ok(told.length <= 3 * 720 * 5, `told ${told.length} times`);
});

test('on a dark feeder nothing relieves, and its return is no spike', async (t) => {
  const { book, clock, told } = rig(t);
  const own = book();
  await own.start();
  const read = (second: number, value: number): void =>
    own.frame(GATEWAY, {
      device: 'feeder-2',
      time: T0 + 1000 * second,
      values: [{ metric: 'activePowerKw', value }],
    } as unknown as Frame);
  for (let second = 0; second < 60; second += 10) read(second, 1900);
  own.alarm(dark(7, true));
  for (let second = 60; second < 120; second += 10) read(second, 0);
  own.event({
    ...relief(T0 + 70_000, 0),
    parameters: { ...relief(T0, 0).parameters, element: 'ev-1', unit: 'pu', bound: 0.9 },
  });
  const held = { device: 'ev-1', limitedBy: 'guard', wishedKw: 300, setpointKw: -500 };
  own.reported(GATEWAY, {
    time: T0 + 100_000,
    devices: [held],
    guard: { active: true },
    cycle: { overruns: 0 },
  } as unknown as HealthReport);
  for (let second = 120; second < 300; second += 10) read(second, 1900);
  await clock.advance(10_000);
  const { jump, limit, reliefs } = told.at(-1)!;
  assert.deepEqual({ jump, limit, reliefs }, { jump: null, limit: null, reliefs: [] });
  await own.stop();
});

test('a data folder from before there were incidents is brought up to date, and keeps what it has', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-older-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'state.sqlite');
  const older = new SqliteInterventionStore(file);
  older.open();
  const entry = { gateway: GATEWAY, device: 'pv-1', kind: 'guard', who: 'guard', startedAt: T0, depthKw: 5 } as const;
  const more = { energyKwh: 0, why: 'limit', measurement: '', command: null, freeKw: 0 };
  await older.commit([{ ...entry, ...more }], []);
  older.close();
  const store = new SqliteIncidentStore(file);
  store.open();
  assert.deepEqual(await store.load(0), { recent: [], nextId: 1 });
  store.close();
  const kept = new SqliteInterventionStore(file);
  kept.open();
  assert.equal((await kept.list({ from: 0, to: Number.MAX_SAFE_INTEGER, limit: 10 })).length, 1);
  kept.close();
});
