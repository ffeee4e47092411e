import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { smallRegion, START } from '../api/testing/api-fixture.ts';
import { AlarmRig } from './testing/alarm-rig.ts';

const root = mkdtempSync(join(tmpdir(), 'loadstone-alarms-'));
after(() => rmSync(root, { recursive: true }));
const DAY = 86_400_000;
const MINUTE = 60_000;

test('a lost gateway is announced after its delay and returns to normal when it is back', async () => {
  const rig = new AlarmRig({ region: smallRegion(), startMs: START });
  await rig.started;
  await rig.tell('owd-01', { code: 'LS-GATEWAY-001' }, true);
  assert.equal(rig.alarms.count('owd-01'), 0);
  assert.ok(rig.alarms.holds('owd-01', 'LS-GATEWAY-001'));
  await rig.clock.advance(31_000);
  const [alarm] = rig.alarms.view().alarms;
  assert.deepEqual(
    [alarm!.state, alarm!.target, alarm!.control, alarm!.priority, alarm!.respondBy],
    ['unacknowledged', 'substation:owd', '/gateways', 2, START + 30_000 + 1_800_000],
  );
  await rig.tell('owd-01', { code: 'LS-GATEWAY-001', active: false }, true);
  await rig.clock.advance(6_000);
  assert.equal(rig.alarms.view().alarms[0]!.state, 'returned');
  await rig.alarms.acknowledge(alarm!.id, 'anna');
  assert.deepEqual(rig.alarms.view().alarms, []);
  await rig.close();
});

test('while the off-delay runs, an alarm shows since when its condition is gone', async () => {
  const rig = new AlarmRig({ region: smallRegion(), startMs: START });
  await rig.started;
  const limit = { code: 'LS-CONTROL-004', subject: 'unmet:transformer', severity: 'high' } as const;
  const said = (): unknown[] => rig.alarms.view().alarms.map(({ state, goneSince }) => [state, goneSince]);
  await rig.tell('owd-01', limit);
  await rig.clock.advance(2000);
  assert.deepEqual(said(), [['unacknowledged', undefined]]);
  const goneAt = rig.clock.plant.now();
  await rig.tell('owd-01', { ...limit, active: false });
  await rig.clock.advance(30_000);
  assert.deepEqual(said(), [['unacknowledged', goneAt]]);
  await rig.tell('owd-01', limit);
  await rig.clock.advance(2000);
  assert.deepEqual(said(), [['unacknowledged', undefined]]);
  await rig.tell('owd-01', { ...limit, active: false });
  await rig.clock.advance(62_000);
  assert.deepEqual(said(), [['returned', undefined]]);
  await rig.close();
});

test('an alarm of the cloud shows while its stores are down, and merges with its later log entry', async () => {
  const rig = new AlarmRig({ region: smallRegion(), startMs: START });
  await rig.started;
  const alarm = {
    time: START,
    kind: 'alarm',
    severity: 'high',
    code: 'LS-STORE-001',
    text: 'PostgreSQL is away',
  } as const;
  rig.alarms.show({ ...alarm, active: true });
  await rig.clock.advance(11_000);
  const shown = rig.alarms.view().alarms;
  assert.deepEqual(
    shown.map(({ code, source, text, state }) => [code, source, text, state]),
    [['LS-STORE-001', 'cloud', 'PostgreSQL is away', 'unacknowledged']],
  );
  await rig.tell('cloud', { code: 'LS-STORE-001' }, true);
  await rig.tell('cloud', { code: 'LS-STORE-001', active: false }, true);
  await rig.clock.advance(1000);
  assert.deepEqual(
    rig.alarms.view().alarms.map(({ id, state }) => [id, state]),
    [[shown[0]!.id, 'returned']],
  );
  await rig.close();
});

test('standing alarms, acts on them and figures survive a restart; missed events are caught up', async () => {
  const files = { events: join(root, 'events.sqlite'), alarms: join(root, 'alarms.sqlite') };
  const region = smallRegion();
  const first = new AlarmRig({ region, startMs: START, files });
  await first.started;
  await first.tell('owd-01', { code: 'LS-METER-005', device: 'transformer' });
  await first.tell('whf-01', { code: 'LS-CONTROL-004', subject: 'unmet:transformer', severity: 'high' });
  await first.clock.advance(2 * MINUTE);
  const [limit, meter] = first.alarms.view().alarms;
  await first.alarms.acknowledge(limit!.id, 'anna');
  await first.alarms.shelve(meter!.id, { by: 'anna', reason: 'the switch is being mended', minutes: 30 });
  // The process ends without stopping.
  first.events.append(
    'whf-01',
    [
      {
        event: {
          time: START + 2 * MINUTE,
          kind: 'alarm',
          severity: 'high',
          code: 'LS-CONTROL-004',
          text: 'gone',
          subject: 'unmet:transformer',
          active: false,
        },
        identity: { run: 9, offset: 1 },
      },
    ],
    START + 2 * MINUTE,
  );
  await first.events.synced();
  const second = new AlarmRig({ region, startMs: START + 4 * MINUTE, files });
  await second.started;
  const view = second.alarms.view();
  assert.deepEqual(view.alarms, [], 'the acknowledged alarm has returned meanwhile');
  const [shelf] = second.alarms.list(['shelved']);
  assert.equal(shelf!.shelved!.reason, 'the switch is being mended');
  assert.equal(shelf!.shelved!.until, START + 32 * MINUTE);
  assert.equal(view.rate.inTenMinutes, 2);
  assert.equal((await second.alarms.figures(START, START + 5 * MINUTE)).told, 2);
  await second.clock.advance(29 * MINUTE);
  assert.equal(second.alarms.get(shelf!.id).state, 'unacknowledged', 'the shelf has ended');
  await first.close();
  await second.close();
});

test('figures cover only observed time, not days before the first start or the future', async () => {
  const rig = new AlarmRig({ region: smallRegion(), startMs: START });
  await rig.started;
  await rig.clock.advance(2 * DAY);
  for (const device of ['pv-1', 'pv-2']) await rig.tell('owd-01', { code: 'LS-CONTROL-005', device });
  const found = await rig.alarms.figures(START - 5 * DAY, START + 3 * DAY);
  assert.deepEqual([found.from, found.to, found.told], [START, START + 2 * DAY + 1, 2]);
  assert.ok(Math.abs(found.perDay - 1) < 1e-6);
  const late = await rig.alarms.figures(START + DAY, START + 3 * DAY);
  assert.deepEqual([late.from, late.told], [START + DAY, 2]);
  await rig.close();
});

test('a silent substation is one alarm with its meters and devices as children, also behind a lost gateway', async () => {
  const rig = new AlarmRig({ region: smallRegion(), startMs: START });
  await rig.started;
  const meters = ['transformer', 'feeder-1', 'feeder-2'];
  const meter = async (device: string, active: boolean) => {
    await rig.tell('owd-01', { code: 'LS-METER-003', device, severity: 'high', active });
    await rig.clock.advance(1_000);
  };
  for (const device of meters) await meter(device, true);
  for (const device of ['pv-1', 'pv-2']) await rig.tell('owd-01', { code: 'LS-CONTROL-003', device });
  await rig.tell('owd-01', { code: 'LS-METER-006', severity: 'high' });
  await rig.clock.advance(60_000);
  const standing = () => rig.alarms.view().alarms.map(({ code, suppresses, state }) => [code, suppresses, state]);
  assert.deepEqual(standing(), [['LS-METER-006', 5, 'unacknowledged']]);
  assert.equal(rig.alarms.view().told, 1);

  await rig.tell('owd-01', { code: 'LS-GATEWAY-001' }, true);
  await rig.clock.advance(31_000);
  assert.deepEqual(standing(), [['LS-GATEWAY-001', 6, 'unacknowledged']]);
  await rig.tell('owd-01', { code: 'LS-GATEWAY-001', active: false }, true);
  await rig.clock.advance(6_000);
  assert.deepEqual(
    standing().find(([code]) => code === 'LS-METER-006'),
    ['LS-METER-006', 5, 'unacknowledged'],
  );

  // The first meter answers: the site is no longer silent as a whole, and the remaining silent devices have their own alarms.
  await rig.tell('owd-01', { code: 'LS-METER-006', active: false });
  await meter('transformer', false);
  await meter('feeder-1', false);
  for (const device of ['pv-1', 'pv-2']) await rig.tell('owd-01', { code: 'LS-CONTROL-003', device, active: false });
  await rig.clock.advance(120_000);
  assert.deepEqual(
    rig.alarms
      .view()
      .alarms.filter(({ active }) => active)
      .map(({ code, device }) => [code, device]),
    [['LS-METER-003', 'feeder-2']],
  );
  assert.equal(rig.alarms.view().told, 3, 'substation, gateway, and the meter that stayed silent');
  await rig.close();
});

test('a gateway that misses cycles suppresses alarms of its devices, but not limits or silent meters', async () => {
  const rig = new AlarmRig({ region: smallRegion(), startMs: START });
  await rig.started;
  for (const device of ['pv-1', 'pv-2', 'battery-1']) await rig.tell('owd-01', { code: 'LS-CONTROL-005', device });
  await rig.tell('owd-01', { code: 'LS-CONTROL-004', subject: 'unmet:transformer', severity: 'high' });
  await rig.tell('owd-01', { code: 'LS-METER-003', device: 'feeder-1', severity: 'high' });
  await rig.tell('whf-01', { code: 'LS-CONTROL-005', device: 'pv-1' });
  await rig.tell('owd-01', { code: 'LS-GATEWAY-002' });
  await rig.clock.advance(60_000);
  const standing = () =>
    rig.alarms.view().alarms.map(({ source, code, suppresses }) => `${source} ${code} for ${suppresses}`);
  assert.deepEqual(
    new Set(standing()),
    new Set([
      'owd-01 LS-GATEWAY-002 for 3',
      'owd-01 LS-CONTROL-004 for 0',
      'owd-01 LS-METER-003 for 0',
      'whf-01 LS-CONTROL-005 for 0',
    ]),
  );
  await rig.tell('owd-01', { code: 'LS-METER-006', subject: 'site', severity: 'high' });
  await rig.clock.advance(16_000);
  assert.ok(standing().includes('owd-01 LS-METER-006 for 2'), standing().join());
  await rig.tell('owd-01', { code: 'LS-GATEWAY-001' }, true);
  await rig.clock.advance(31_000);
  assert.ok(standing().includes('owd-01 LS-GATEWAY-001 for 7'), standing().join());
  await rig.close();
});

test('a flood is announced when it begins and when it ends', async () => {
  const rig = new AlarmRig({ region: smallRegion(), startMs: START });
  await rig.started;
  for (let device = 0; device < 14; device++) {
    await rig.tell('owd-01', { code: 'LS-CONTROL-005', device: `pv-${device}` });
    await rig.clock.advance(1_000);
  }
  assert.equal(rig.alarms.view().rate.floodSince, START + 10_000);
  await rig.clock.advance(11 * MINUTE);
  assert.equal(rig.alarms.view().rate.floodSince, null);
  const logged = (await rig.events.list({ limit: 50, kind: 'event' })).map(({ code, text }) => `${code} ${text}`);
  assert.deepEqual(logged, [
    'alarms.flood The flood of alarms has ended.',
    'alarms.flood A flood of alarms has begun: 11 in ten minutes.',
  ]);
  await rig.close();
});

test('an alarm without a rule is an event', async () => {
  const rig = new AlarmRig({ region: smallRegion(), startMs: START });
  await rig.started;
  await rig.tell('owd-01', { code: 'LS-DOC-007' });
  const [event] = await rig.events.list({ limit: 1 });
  assert.equal(rig.alarms.shown(event!).kind, 'event');
  assert.deepEqual(rig.alarms.view().alarms, []);
  await rig.close();
});

test('of ten thousand alarms the view shows the most urgent 200 and counts all', async () => {
  const rig = new AlarmRig({ region: smallRegion(), startMs: START });
  await rig.started;
  const items = Array.from({ length: 10_000 }, (_, index) => ({
    identity: { run: 1, offset: index },
    event: {
      time: START,
      kind: 'alarm',
      severity: 'medium',
      code: 'LS-CONTROL-005',
      text: `device ${index}`,
      device: `d-${index}`,
      active: true,
    } as const,
  }));
  for (let at = 0; at < items.length; at += 500) rig.events.append(`gw-${at / 500}`, items.slice(at, at + 500), START);
  await rig.events.synced();
  const view = rig.alarms.view();
  assert.deepEqual([view.alarms.length, view.standing[2]], [200, 10_000]);
  await rig.close();
});

test('of more than 200 standing alarms the view leaves out acknowledged ones before a less urgent new one', async () => {
  const rig = new AlarmRig({ region: smallRegion(), startMs: START });
  await rig.started;
  for (let device = 0; device < 201; device++)
    await rig.tell('owd-01', { code: 'LS-CONTROL-005', device: `pv-${device}`, severity: 'medium' });
  await rig.clock.advance(20_000);
  const ids = rig.alarms.list(['unacknowledged']).map(({ id }) => id);
  for (const id of ids) await rig.alarms.acknowledge(id, 'anna');
  await rig.tell('whf-01', { code: 'LS-METER-003', device: 'transformer', severity: 'low' });
  await rig.clock.advance(20_000);
  const { alarms } = rig.alarms.view();
  assert.deepEqual([alarms.length, alarms.at(-1)!.source], [200, 'whf-01']);
  await rig.close();
});

test('a gateway that invents alarms raises a bounded number; those that stand go on, and the cloud adds its own', async () => {
  const rig = new AlarmRig({ region: smallRegion(), startMs: START });
  await rig.started;
  let offset = 0;
  const send = async (devices: number, from: number, active = true): Promise<void> => {
    const items = Array.from({ length: devices }, (_, index) => ({
      identity: { run: 1, offset: offset++ },
      event: {
        time: rig.clock.plant.now(),
        kind: 'alarm',
        severity: 'medium',
        code: 'LS-CONTROL-005',
        text: 'invented',
        device: `d-${from + index}`,
        active,
      } as const,
    }));
    rig.events.append('owd-01', items, rig.clock.plant.now());
    await rig.events.synced();
  };
  await send(3000, 0);
  await rig.tell('owd-01', { code: 'LS-BUDGET-001' }, true);
  await rig.clock.advance(2000);
  const standing = (): number => rig.alarms.count('owd-01');
  assert.equal(standing(), 2001);
  await send(1, 0, false);
  await rig.clock.advance(MINUTE);
  assert.equal(rig.alarms.list(['returned']).length, 1);
  const told = (await rig.events.list({ limit: 4000, kind: 'event' })).filter(({ code }) => code === 'alarms.excess');
  assert.deepEqual(
    told.map(({ text }) => text),
    ['Gateway owd-01 has 2000 alarms: no gateway of ours has as many. Further ones are only events.'],
  );
  await rig.close();
});

test('two relief findings of one device are two alarms, and each ends with its own, also after a restart', async () => {
  const files = { events: join(root, 'relief-events.sqlite'), alarms: join(root, 'relief-alarms.sqlite') };
  const region = smallRegion();
  const found = (element: string, active: boolean) =>
    ({
      code: 'LS-CONTROL-011',
      device: 'battery-1',
      subject: `relief:${element}:battery-1:p`,
      severity: 'high',
      active,
    }) as const;
  const standing = ({ alarms }: AlarmRig) =>
    alarms.view().alarms.map(({ subject, active }) => [subject, active] as const);
  const first = new AlarmRig({ region, startMs: START, files });
  await first.started;
  for (const element of ['transformer', 'owd-1-head']) await first.tell('owd-01', found(element, true));
  await first.clock.advance(2 * MINUTE);
  await first.close();
  const second = new AlarmRig({ region, startMs: START + 3 * MINUTE, files, run: 2 });
  await second.started;
  await second.tell('owd-01', found('transformer', false));
  await second.clock.advance(20 * MINUTE);
  assert.deepEqual(
    new Map(standing(second)),
    new Map([
      ['relief:owd-1-head:battery-1:p', true],
      ['relief:transformer:battery-1:p', false],
    ]),
  );
  await second.tell('owd-01', found('owd-1-head', false));
  await second.clock.advance(20 * MINUTE);
  assert.ok(standing(second).every(([, active]) => active === false));
  await second.close();
});

test('an alarm has the values of its current text, and none if that came without', async () => {
  const rig = new AlarmRig({ region: smallRegion(), startMs: START });
  await rig.started;
  const shown = () => {
    const { text, parameters } = rig.alarms.view().alarms[0]!;
    return { text, parameters };
  };
  const tell = (text: string, parameters?: LoadstoneEvent['parameters'], active = true) =>
    rig.tell('whf-01', {
      code: 'LS-CONTROL-004',
      subject: 'unmet:transformer',
      severity: 'high',
      text,
      active,
      ...(parameters === undefined ? {} : { parameters }),
    });
  await tell('at 7', { value: 7 });
  assert.deepEqual(shown(), { text: 'at 7', parameters: { value: 7 } });
  await tell('at 8', { value: 8 });
  await tell('gone: at 8', { value: 8 }, false);
  assert.deepEqual(shown(), { text: 'at 8', parameters: { value: 8 } });
  await tell('at nine');
  assert.deepEqual(shown(), { text: 'at nine', parameters: undefined });
  await rig.close();
});

test('a backlog that arrives after a restart of the cloud does not undo newer reports from before it', async () => {
  const files = { events: join(root, 'order-events.sqlite'), alarms: join(root, 'order-alarms.sqlite') };
  const region = smallRegion();
  const sends = async (rig: AlarmRig, offset: number, device: string, active: boolean): Promise<void> => {
    const time = START + offset * 1000;
    const event = {
      time,
      kind: 'alarm',
      severity: 'medium',
      code: 'LS-METER-005',
      text: 'no meter',
      device,
      active,
    } as const;
    rig.events.append('owd-01', [{ event, identity: { run: 7, offset } }], rig.clock.plant.now());
    await rig.events.synced();
  };
  const first = new AlarmRig({ region, startMs: START + 3 * MINUTE, files });
  await first.started;
  await sends(first, 60, 'transformer', true);
  await sends(first, 61, 'feeder-a', true);
  await sends(first, 62, 'feeder-a', false);
  await first.close();
  const second = new AlarmRig({ region, startMs: START + 4 * MINUTE, files });
  await second.started;
  await sends(second, 50, 'feeder-a', true);
  await sends(second, 51, 'transformer', false);
  await second.clock.advance(2 * MINUTE);
  const standing = second.alarms.view().alarms.filter(({ state }) => state !== 'returned');
  assert.deepEqual(
    standing.map(({ device }) => device),
    ['transformer'],
  );
  await second.close();
});

test('current reports of a gateway are not undone by older ones that arrive later', async () => {
  const rig = new AlarmRig({ region: smallRegion(), startMs: START });
  await rig.started;
  const sends = async (offset: number, minutesAgo: number, event: Partial<LoadstoneEvent>): Promise<void> => {
    const time = rig.clock.plant.now() - minutesAgo * MINUTE;
    const whole = {
      time,
      kind: 'alarm',
      severity: 'medium',
      code: 'LS-METER-005',
      text: 'no meter',
      ...event,
    } as const;
    rig.events.append('owd-01', [{ event: whole, identity: { run: 7, offset } }], rig.clock.plant.now());
    await rig.events.synced();
  };
  // The link is back: current reports arrive first, then the backlog, oldest first.
  await sends(40, 0, { device: 'transformer', active: true });
  await sends(41, 0, { device: 'feeder-a', active: false });
  await sends(20, 90, { device: 'transformer', active: true });
  await sends(21, 80, { device: 'feeder-a', active: true });
  await sends(22, 70, { device: 'transformer', active: false });
  await sends(23, 60, { kind: 'event', severity: 'low', code: 'gateway.started', text: 'started' });
  await rig.clock.advance(2 * MINUTE);
  assert.deepEqual(
    rig.alarms.view().alarms.map(({ device, state }) => [device, state]),
    [['transformer', 'unacknowledged']],
  );
  await rig.clock.advance(60 * MINUTE);
  assert.ok(rig.alarms.holds('owd-01', 'LS-METER-005'));
  // A later start, by a clock that lost its time: journal order decides.
  await sends(50, 300, { kind: 'event', severity: 'low', code: 'gateway.started', text: 'started' });
  await rig.clock.advance(60 * MINUTE);
  assert.ok(!rig.alarms.holds('owd-01', 'LS-METER-005'));
  // A new journal restarts its offsets.
  const time = rig.clock.plant.now();
  const alarm = {
    time,
    kind: 'alarm',
    severity: 'medium',
    code: 'LS-METER-005',
    text: 'no meter',
    active: true,
  } as const;
  rig.events.append('owd-01', [{ event: { ...alarm, device: 'transformer' }, identity: { run: 8, offset: 3 } }], time);
  await rig.events.synced();
  assert.ok(rig.alarms.holds('owd-01', 'LS-METER-005'));
  await rig.close();
});
