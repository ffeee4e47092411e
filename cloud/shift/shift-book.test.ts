import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { IncidentView } from '../../shared/contracts/incident.ts';
import { AlarmRig } from '../alarms/testing/alarm-rig.ts';
import { controlOf } from '../api/views/control-view.ts';
import { ActingWorld } from '../desk/testing/acting-world.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import { storeFiles } from '../telemetry/testing/store-files.ts';
import { ShiftBook } from './shift-book.ts';
import { SqliteShiftStore } from './sqlite-shift-store.ts';

const T0 = Date.UTC(2021, 8, 25, 20);
const open = storeFiles((path) => new SqliteShiftStore(path));
const spike: IncidentView = {
  id: 3,
  kind: 'spike',
  substation: 'owd',
  gateway: 'owd-01',
  feeder: 'owd-1',
  startedAt: T0 + 5_000,
  endedAt: null,
  jump: null,
  limit: null,
  reliefs: [],
  entries: [],
};

/** A book over real alarms, a real desk with answering gateways, and a file; `restart` opens the next one on the same file. */
async function rig() {
  const region = testRegion('owd', 'whf');
  let book!: ShiftBook;
  const alarmed = new AlarmRig({ region, startMs: T0, onChange: (alarm) => book.alarm(alarm) });
  const { clock, alarms } = alarmed;
  const world = new ActingWorld(region, clock);
  const incidents: IncidentView[] = [];
  const file = await open();
  let { store } = file;
  const begin = (): void => {
    book = new ShiftBook({
      clock,
      store,
      alarms: (states) => alarms.list(states),
      control: () =>
        region.substations.flatMap((each) =>
          controlOf(each, world.sources).map((control) => ({ ...control, substation: each.id })),
        ),
      incidents: async () => incidents.filter(({ endedAt }) => endedAt === null),
    });
    book.start();
  };
  begin();
  void world.next((view) => {
    book.command(view);
    return false;
  });
  await alarmed.started;
  after(async () => {
    await book.stop();
    await alarmed.close();
  });
  const lines = async () =>
    (await store.entries({ limit: 50 }))
      .toReversed()
      .map(({ code, by, target, text }) => [code, by, target, text].filter((each) => each !== null && each !== ''));
  const restart = async (): Promise<void> => {
    await book.stop();
    store = await file.again();
    begin();
  };
  return { alarmed, alarms, clock, world, incidents, lines, restart, book: () => book };
}

const stop = (target: string) => ({ kind: 'stop', target }) as const;

test('the log records urgent alarms when raised, acknowledged and cleared, but none of priority 3', async () => {
  const { alarmed, alarms, clock, lines, restart } = await rig();
  await alarmed.tell('owd-01', {
    code: 'LS-FEEDER-001',
    device: 'feeder-1',
    text: 'feeder 1 is dark',
    severity: 'high',
  });
  await alarmed.tell('owd-01', { code: 'LS-BUDGET-001', text: 'owd-01 floods the uplink' });
  await clock.advance(120_000);
  const [alarm] = alarms.list(['unacknowledged']).filter(({ code }) => code === 'LS-FEEDER-001');
  await alarms.acknowledge(alarm!.id, 'anna');
  await clock.advance(2_000);
  await alarmed.tell('owd-01', { code: 'LS-FEEDER-001', device: 'feeder-1', text: 'feeder 1 is back', active: false });
  await clock.advance(600_000);
  const found = await lines();
  assert.deepEqual(
    found.map(([code, by]) => (code === 'alarm.acknowledged' ? [code, by] : [code])),
    [['alarm.raised'], ['alarm.acknowledged', 'anna'], ['alarm.cleared']],
  );
  await restart();
  await clock.advance(5_000);
  assert.deepEqual(await lines(), found);
});

test('the log records acts with user and reason, one line per act even on many gateways', async () => {
  const { clock, world, lines } = await rig();
  await world.desk.acts.ask('anna', { kind: 'mode', target: 'feeder:owd-1', mode: 'manual' }, 'works on the line');
  await clock.advance(2_000);
  await world.desk.acts.ask('bert', stop('region:north'), 'fire or smoke');
  await clock.advance(2_000);
  assert.deepEqual(await lines(), [
    ['act.given', 'anna', 'feeder:owd-1', 'works on the line'],
    ['act.given', 'bert', 'region:north', 'fire or smoke'],
  ]);
});

test('the log records acts also after the clock was set back', async () => {
  const { clock, world, lines } = await rig();
  clock.step(-2 * 3_600_000);
  await world.desk.acts.ask('anna', stop('feeder:owd-1'), 'fire or smoke');
  await clock.advance(2_000);
  assert.deepEqual(await lines(), [['act.given', 'anna', 'feeder:owd-1', 'fire or smoke']]);
});

test('the log records the start, release and end of an override', async () => {
  const { clock, world, lines } = await rig();
  const wish = {
    gateway: 'owd-01',
    device: 'battery-1',
    setpoint: { activePowerKw: -5 },
    durationS: 600,
    reason: 'relieve the feeder',
  };
  const { token } = await world.desk.select('anna', wish);
  await clock.advance(300);
  const { id } = await world.desk.operate('anna', token, wish);
  await clock.advance(1_000);
  await world.desk.release('anna', id, 'it is over');
  await clock.advance(2_000);
  assert.deepEqual(await lines(), [
    ['act.given', 'anna', 'device:owd-01/battery-1', 'relieve the feeder'],
    ['act.given', 'anna', 'device:owd-01/battery-1', 'it is over'],
    ['override.over', 'device:owd-01/battery-1'],
  ]);
});

test('the log records incidents when they begin and end', async () => {
  const { book, clock, lines } = await rig();
  book().incident(spike);
  book().incident({ ...spike, endedAt: T0 + 30_000, unheardSince: T0 + 30_000 });
  book().incident(spike);
  book().incident({ ...spike, endedAt: T0 + 60_000 });
  book().incident({ ...spike, endedAt: T0 + 60_000 });
  await clock.advance(2_000);
  assert.deepEqual(await lines(), [
    ['incident.began', 'feeder:owd-1'],
    ['incident.over', 'feeder:owd-1'],
  ]);
});

test('a hand-over is signed with alarms, control, incidents and notes, and taken over by another person', async () => {
  const { alarmed, book, clock, incidents, world, restart } = await rig();
  await book().note('anna', 'the pump of hall 3 is noisy');
  await alarmed.tell('owd-01', { code: 'LS-FEEDER-001', device: 'feeder-1', severity: 'high' });
  incidents.push(spike);
  await world.desk.acts.ask('anna', { kind: 'mode', target: 'feeder:owd-1', mode: 'manual' }, 'works on the line');
  await world.desk.acts.ask('anna', { kind: 'tag', target: 'device:whf-01/battery-1' }, 'works on the battery');
  await clock.advance(120_000);
  const signed = await book().signOff('anna', 'all under control');
  const { alarms, control, incidents: open, notes, from } = signed.content;
  assert.deepEqual(
    alarms.items.map(({ code, state }) => [code, state]),
    [['LS-FEEDER-001', 'unacknowledged']],
  );
  assert.deepEqual(
    control.items.map(({ kind, substation, feeder, device }) => [kind, substation, feeder, device]),
    [
      ['manual', 'owd', 'owd-1', null],
      ['tag', 'whf', 'whf-1', 'battery-1'],
    ],
  );
  assert.deepEqual(
    open.items.map(({ id }) => id),
    [3],
  );
  assert.deepEqual(
    notes.items.map(({ by, text }) => [by, text]),
    [['anna', 'the pump of hall 3 is noisy']],
  );
  assert.equal(from, null);

  await assert.rejects(book().takeOver('anna/token', signed.id), { code: 'LS-SHIFT-001' });
  await assert.rejects(book().takeOver('bert', 99), { code: 'LS-API-004' });
  await book().note('anna', 'one thing more');
  await restart();
  assert.deepEqual((await book().view()).waiting, signed);
  await clock.advance(60_000);
  const taken = await book().takeOver('bert', signed.id);
  assert.deepEqual([taken.state, taken.takenBy, taken.content], ['taken', 'bert', signed.content]);
  await assert.rejects(book().takeOver('carl', signed.id), { code: 'LS-SHIFT-002' });
  const { now, waiting, last } = await book().view();
  assert.deepEqual([waiting, last?.id, now.from], [null, signed.id, signed.signedAt]);
  assert.deepEqual(
    now.notes.items.map(({ text }) => text),
    ['one thing more'],
    'a note after the signature belongs to the next hand-over',
  );
});

test('a note added while a hand-over is being signed is in that one or in the next', async () => {
  const { book } = await rig();
  for (let steps = 0; steps < 30; steps++) {
    const noting = (async () => {
      for (let step = 0; step < steps; step++) await Promise.resolve();
      await book().note('carl', `note ${steps}`);
    })();
    const signed = await book().signOff('anna', '');
    await noting;
    await book().takeOver('bert', signed.id);
    const { now } = await book().view();
    const texts = [...signed.content.notes.items, ...now.notes.items].map(({ text }) => text);
    assert.ok(texts.includes(`note ${steps}`), `note ${steps} is in ${texts.join(', ')}`);
  }
});
