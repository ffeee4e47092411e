import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { IncidentView } from '../../shared/contracts/incident.ts';
import type { EventView } from '../../shared/contracts/view.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { buildRegion } from '../../simulators/region/region.ts';
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
