import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { HealthReport } from '../../shared/contracts/report.ts';
import type { EventView } from '../../shared/contracts/view.ts';
import { SqliteInterventionStore } from '../desk/sqlite-intervention-store.ts';
import { type AlarmNote } from './incident-book.ts';
import { SqliteIncidentStore } from './sqlite-incident-store.ts';
import { T0, GATEWAY, rig, relief, dark, released } from './testing/incident-rig.ts';

test('a limit passed and the trip that follows are one incident, of kind trip, with its acknowledgement', async (t) => {
  const { book, clock, published } = rig(t);
  const own = book();
  await own.start();
  own.event(relief(T0, 7757));
  own.alarm(dark(7, true));
  own.alarm(dark(7, true, { by: 'anna', at: T0 + 30_000 }));
  own.alarm(dark(7, true, { by: 'anna', at: T0 + 30_000 }));
  await clock.advance(60_000);
  assert.deepEqual([...new Set(published.map(({ id }) => id))], [1]);
  const { kind, feeder, endedAt, entries, limit } = published.at(-1)!;
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

test('an incident of a slowly passed limit takes element, value and bound from its alarm', async (t) => {
  const { book, clock, published } = rig(t);
  const own = book();
  await own.start();
  own.event(relief(T0, 7201));
  const beyond: AlarmNote = {
    ...dark(7, true),
    code: 'LS-CONTROL-004',
    text: 'feeder-2 at 3127 kW is past its limit of 3000, and no device can relieve it further',
    parameters: { element: 'feeder-2', value: 3127, bound: 3000, unit: 'kW' },
  };
  own.alarm(beyond);
  await clock.advance(10_000);
  const { kind, feeder, limit } = published.at(-1)!;
  assert.deepEqual(
    [kind, feeder, limit?.element, limit?.worst, limit?.bound, limit?.backAt],
    ['limit', 'hfdp-2', 'feeder-2', 3127, 3000, null],
  );
  await own.stop();
});

test('two limits of an element with one bound are one entry, with the devices that relieve either', async (t) => {
  const { book, clock, published } = rig(t);
  const own = book();
  await own.start();
  const first = relief(T0, 7757);
  own.event(first);
  own.event({
    ...first,
    id: 2,
    subject: 'transformer-p',
    parameters: { ...first.parameters, value: 7756.8, devices: ['battery-1', 'ev-1'] },
  });
  await clock.advance(10_000);
  const passed = published.at(-1)!.entries.map(({ code, parameters }) => [code, parameters['devices']]);
  assert.deepEqual(passed, [['limit.passed', ['battery-1', 'ev-1']]]);
  own.event(released(T0 + 20_000));
  await clock.advance(20_000);
  assert.deepEqual(
    published
      .at(-1)!
      .entries.map(({ code }) => code)
      .filter((code) => code.startsWith('limit.')),
    ['limit.passed', 'limit.back'],
  );
  await own.stop();
});

test('the report of the guard about a limit is recorded after the alarm, each time it is passed', async (t) => {
  const { book, clock, published } = rig(t);
  const own = book();
  await own.start();
  const parameters = { element: 'transformer', value: 7250, bound: 7200, unit: 'kW' };
  const words: unknown[] = [];
  for (const [id, value] of [
    [7, 7757],
    [8, 7900],
  ] as const) {
    const at = T0 + 60_000 * (id - 7);
    await clock.advance(30_000);
    own.alarm({ ...dark(id, true), code: 'LS-CONTROL-004', target: 'substation:hfdp', raisedAt: at, parameters });
    own.event(relief(at + 1000, value));
    await clock.advance(10_000);
    own.event(released(at + 20_000));
    await clock.advance(20_000);
    words.push(['alarm.raised', undefined], ['limit.passed', value], ['limit.back', undefined]);
  }
  assert.deepEqual(
    published.at(-1)!.entries.map(({ code, parameters: { value } }) => [code, value]),
    words,
  );
  const { devices } = published.at(-1)!.entries.findLast(({ code }) => code === 'limit.passed')!.parameters;
  assert.deepEqual(devices, ['battery-1']);
  await own.stop();
});

test('a small excess that the guard relieves is no incident', async (t) => {
  const { book, clock, published } = rig(t);
  const own = book();
  await own.start();
  own.event(relief(T0, 7240));
  await clock.advance(10_000);
  assert.deepEqual(published, []);
  await own.stop();
});

test('an incident continues after a restart, or ends if its cause ended meanwhile', async (t) => {
  const { book, clock, published, active, store } = rig(t);
  const before = book();
  await before.start();
  before.alarm(dark(7, true));
  await before.stop();
  active.add(7);
  const second = book();
  await second.start();
  await clock.advance(5_000);
  assert.equal(published.at(-1)?.endedAt, null);
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

test('the size of an incident is bounded however much happens in it', async (t) => {
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

test('an incident names its alarms also after their entries had to go, and after a restart', async (t) => {
  const { book, clock, store } = rig(t);
  const first = book();
  await first.start();
  for (let id = 1; id <= 100; id++) first.alarm(dark(id, true));
  await clock.advance(2_000);
  await first.stop();
  const second = book();
  await second.start();
  second.alarm(dark(101, true));
  await clock.advance(2_000);
  await second.stop();
  const [incident] = await store.list({ limit: 10 });
  assert.ok(incident!.entries.every(({ parameters }) => parameters['alarm'] !== 30));
  assert.deepEqual(
    incident!.alarms,
    Array.from({ length: 101 }, (_, at) => at + 1),
  );
});

test('a gateway that reports jumps, limits and times at random fills neither store nor page', async (t) => {
  const { book, clock, store, published } = rig(t);
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
  assert.ok(published.length <= 3 * 720 * 5, `reported ${published.length} times`);
});

test('a dark feeder has no relief, and its return is no spike', async (t) => {
  const { book, clock, published } = rig(t);
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
  const { jump, limit, reliefs } = published.at(-1)!;
  assert.deepEqual({ jump, limit, reliefs }, { jump: null, limit: null, reliefs: [] });
  await own.stop();
});

test('a device relieves by what its gateway reports, not by the distance from its nameplate', async (t) => {
  const { book, clock, published } = rig(t);
  const own = book();
  await own.start();
  own.event({ ...relief(T0, 7757), parameters: { ...relief(T0, 7757).parameters, devices: ['pv-1', 'battery-1'] } });
  const held = (device: string, more: object) => ({ device, link: 'up', limitedBy: 'guard', ...more });
  for (const second of [0, 30, 60]) {
    own.reported(GATEWAY, {
      time: T0 + 1000 * second,
      devices: [
        held('pv-1', { wishedKw: -800, setpointKw: -500, reliefKw: 100 }),
        // Its software predates the field, and it has no wish.
        held('battery-1', { wishedKw: null, setpointKw: -300 }),
      ],
      guard: { active: true },
      cycle: { overruns: 0 },
    } as unknown as HealthReport);
    await clock.advance(30_000);
  }
  const { reliefs } = published.at(-1)!;
  assert.deepEqual(
    reliefs.map(({ device, kw, energyKwh }) => [device, kw, energyKwh]),
    [['pv-1', 100, 1.667]],
  );
  await own.stop();
});

test('a data folder from before incidents existed is migrated and keeps its data', async (t) => {
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
  const reopened = new SqliteInterventionStore(file);
  reopened.open();
  assert.equal((await reopened.list({ from: 0, to: Number.MAX_SAFE_INTEGER, limit: 10 })).length, 1);
  reopened.close();
});

const head = (feeder: number, time: number, value: number): Frame =>
  ({ device: `feeder-${feeder}`, time, values: [{ metric: 'activePowerKw', value }] }) as unknown as Frame;

test('an incident is placed at the worst limit, and an outage of the substation stays there', async (t) => {
  const { book, clock, published } = rig(t);
  const own = book();
  await own.start();
  const at = (element: string, value: number, bound: number, time: number): EventView => ({
    ...relief(time, value),
    subject: element,
    parameters: { element, value, bound, unit: 'kW', devices: [] },
  });
  own.event(at('feeder-1', 3100, 3000, T0));
  await clock.advance(1_000);
  assert.equal(published.at(-1)!.feeder, 'hfdp-1');
  own.event(at('feeder-2', 4500, 3000, T0 + 1_000));
  await clock.advance(1_000);
  assert.deepEqual([published.at(-1)!.feeder, published.at(-1)!.limit?.element], ['hfdp-2', 'feeder-2']);
  own.event(at('transformer', 14_400, 7200, T0 + 2_000));
  await clock.advance(1_000);
  assert.deepEqual([published.at(-1)!.feeder, published.at(-1)!.limit?.element], [null, 'transformer']);
  own.alarm({ ...dark(9, true), code: 'LS-GATEWAY-001', target: 'substation:hfdp', raisedAt: T0 + 3_000 });
  own.event(at('feeder-1', 3300, 3000, T0 + 3_000));
  await clock.advance(1_000);
  assert.deepEqual([published.at(-1)!.kind, published.at(-1)!.feeder], ['outage', null]);
  await own.stop();
});

test('each jump within an incident ends by itself, also after the incident changed its kind', async (t) => {
  const { book, clock, published } = rig(t);
  const own = book();
  await own.start();
  let second = 0;
  const read = async (seconds: number, one: number, two: number): Promise<void> => {
    for (const end = second + seconds; second < end; second += 5) {
      own.frame(GATEWAY, head(1, T0 + 1000 * second, one));
      own.frame(GATEWAY, head(2, T0 + 1000 * second, two));
      await clock.advance(5_000);
    }
  };
  await read(60, 800, 1100);
  own.event(relief(T0 + 1000 * second, 7757));
  await read(60, 2400, 1100);
  await read(60, 2400, 3300);
  own.alarm({ ...dark(9, true), code: 'LS-GATEWAY-001', target: 'substation:hfdp', raisedAt: T0 + 1000 * second });
  await read(60, 800, 3300);
  await read(60, 3200, 3300);
  await read(60, 800, 1100);
  own.alarm({
    ...dark(9, false),
    code: 'LS-GATEWAY-001',
    target: 'substation:hfdp',
    returnedAt: T0 + 1000 * second,
  });
  own.event(released(T0 + 1000 * second));
  await clock.advance(10_000);
  const last = [...new Map(published.map((each) => [each.id, each])).values()];
  const jumps = last.flatMap(({ entries }) =>
    entries.filter(({ code }) => code.startsWith('spike')).map(({ code, parameters }) => [code, parameters['feeder']]),
  );
  for (const feeder of ['hfdp-1', 'hfdp-2'])
    assert.equal(
      jumps.filter(([code, of]) => code === 'spike.began' && of === feeder).length,
      jumps.filter(([code, of]) => code === 'spike.ended' && of === feeder).length,
      `each jump of ${feeder} ends`,
    );
  assert.ok(last.every(({ endedAt, jump }) => endedAt !== null && jump?.endedAt !== null));
  await own.stop();
});

test('open incidents can be listed however many have begun since', async (t) => {
  const { book, clock, store } = rig(t);
  const own = book();
  await own.start();
  own.alarm(dark(7, true));
  await clock.advance(2_000);
  const stored = (await store.load(0)).recent[0]!;
  await store.commit(
    Array.from({ length: 80 }, (_, at) => ({
      view: { ...stored.view, id: 2 + at, endedAt: T0 + 5_000 },
      causes: [],
    })),
  );
  const open = await store.list({ limit: 50, isOpen: true });
  assert.deepEqual(
    open.map(({ id }) => id),
    [1],
  );
  await own.stop();
});
