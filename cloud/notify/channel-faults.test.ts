import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from './message-store.ts';
import { Notifications } from './notifications.ts';
import { dark, MINUTE, NOON, rig, stands } from './testing/channel-rig.ts';

test('a permanently rejected recipient is reported once, and mails to others do not clear the fault', async () => {
  const [desk, bert, jan] = ['desk@grid.test', 'bert@grid.test', 'jan@grid.test'];
  const {
    alarmed,
    clock,
    sent,
    reported,
    reject,
    desk: channel,
  } = await rig(NOON, {
    to: [desk, bert, jan],
    languages: { [jan]: 'nl' },
  });
  reject(bert);
  for (const n of [1, 2, 3]) {
    await alarmed.tell('owd-01', stands(n));
    await clock.advance(5 * MINUTE);
  }
  assert.equal(sent.length, 6);
  assert.deepEqual(reported, ['LS-NOTIFY-001']);
  assert.equal((await channel().view()).fault, 'refused: bert@grid.test');
  reject(undefined);
  await alarmed.tell('owd-01', stands(4));
  await clock.advance(5 * MINUTE);
  assert.deepEqual([reported, (await channel().view()).fault], [['LS-NOTIFY-001', 'mail.leaves'], null]);
});

test('after a failed read of the store, mail is sent once the store can be read again', async (t) => {
  const { alarmed, clock, sent, store } = await rig(NOON);
  const broken = t.mock.method(store, 'due', () => Promise.reject(new Error('disk I/O error')));
  await alarmed.tell('owd-01', dark(1));
  await assert.rejects(clock.advance(10_000), /disk I\/O error/);
  broken.mock.restore();
  await clock.advance(1000).catch(() => undefined);
  await clock.advance(10_000);
  assert.equal(sent.length, 1);
});

test('a sent mail is not sent again although the store could not record that it was sent', async (t) => {
  const { alarmed, clock, sent, reported, store } = await rig(NOON);
  const done = t.mock.method(store, 'done', () => Promise.reject(new Error('disk is full')));
  await alarmed.tell('owd-01', dark(1));
  for (let second = 0; second < 30; second++) await clock.advance(1000).catch(() => undefined);
  assert.deepEqual([sent.length, reported], [1, []]);
  done.mock.restore();
  await clock.advance(1000).catch(() => undefined);
  await clock.advance(MINUTE);
  assert.deepEqual([sent.length, await store.count('mail')], [1, 0]);
});

test('a mail is given up after a day, which an event reports', async () => {
  const { clock, sent, reported, store } = await rig(NOON);
  const mail: Message = { priority: 1, to: ['desk@grid.test'], subject: 'feeder 1 is dark', text: 'feeder 1 is dark' };
  await store.add({ channel: 'mail', messages: [mail], notified: [], at: NOON - 24 * 60 * MINUTE, most: 200 });
  await clock.advance(MINUTE);
  assert.deepEqual([sent, reported, await store.count('mail')], [[], ['mail.given-up'], 0]);
});

test('without a channel pending messages are dropped, so that a channel added later sends no old alarms', async () => {
  const { clock, store, alarms, region } = await rig(NOON);
  const mail: Message = { priority: 1, to: ['desk@grid.test'], subject: 'feeder 1 is dark', text: 'feeder 1 is dark' };
  await store.add({ channel: 'mail', messages: [mail], notified: [], at: NOON, most: 200 });
  const none = new Notifications({
    config: { webhooks: [] },
    channels: [],
    region,
    clock,
    store,
    alarms: () => alarms.list(['unacknowledged']),
    isFlood: () => false,
    rules: alarms.rules(),
    origin: '',
    report: () => undefined,
  });
  await none.start();
  assert.equal(await store.count('mail'), 0);
});

test('a fault found by a test message clears for each recipient that a mail reaches', async () => {
  const { alarmed, clock, desk, reported, refuse } = await rig(NOON);
  refuse('451 try later');
  await assert.rejects(desk().test('anna'), { code: 'LS-NOTIFY-001' });
  assert.deepEqual(reported, ['LS-NOTIFY-001']);
  refuse(undefined);
  await alarmed.tell('owd-01', dark(1));
  await clock.advance(10_000);
  assert.match((await desk().view()).fault ?? '', /chief@grid\.test/, 'no mail has reached the chief yet');
  await clock.advance(16 * MINUTE);
  assert.deepEqual([reported, (await desk().view()).fault], [['LS-NOTIFY-001', 'mail.leaves'], null]);
});

test('after a restart no alarm is sent twice, and pending messages are sent', async () => {
  const { alarmed, clock, sent, refuse, restart } = await rig(NOON, { escalateTo: [] });
  await alarmed.tell('owd-01', dark(1));
  await clock.advance(10_000);
  assert.equal(sent.length, 1);
  await restart();
  await clock.advance(5 * MINUTE);
  assert.equal(sent.length, 1);
  refuse('451 try later');
  await alarmed.tell('whf-01', dark(1));
  await clock.advance(10_000);
  await restart();
  refuse(undefined);
  await clock.advance(5 * MINUTE);
  assert.equal(sent.length, 2);
});

test('after the clock is set back, alarms and escalations are still sent', async () => {
  const { alarmed, clock, sent, refuse, restart } = await rig(NOON);
  const again = async (): Promise<void> => {
    await alarmed.tell('owd-01', { ...dark(1), active: false });
    await clock.advance(10_000);
    await alarmed.tell('owd-01', dark(1));
  };
  await alarmed.tell('owd-01', dark(1));
  await clock.advance(10_000);
  await alarmed.tell('whf-01', dark(1));
  refuse('451 try later');
  await clock.advance(10_000);
  assert.equal(sent.length, 1);
  clock.step(-30 * 24 * 60 * MINUTE);
  refuse(undefined);
  await clock.advance(20_000);
  assert.equal(sent.length, 2, 'the pending mail is sent');
  await clock.advance(6 * MINUTE);
  await again();
  await clock.advance(MINUTE);
  assert.equal(sent.length, 3, 'a new occurrence is sent again');
  clock.step(-30 * 24 * 60 * MINUTE);
  await restart();
  await clock.advance(16 * MINUTE);
  assert.ok(
    sent.some(({ to }) => to[0] === 'chief@grid.test'),
    'an unacknowledged alarm is escalated',
  );
});

test('messages that cannot be stored are sent at once, once per recipient, and retried later if refused', async () => {
  const languages = { 'anna@grid.test': 'nl' } as const;
  const { alarmed, clock, store, sent, refuse } = await rig(NOON, {
    to: ['desk@grid.test', 'anna@grid.test'],
    languages,
  });
  store.add = () => Promise.reject(new Error('database or disk is full'));
  const fullFor = async (ms: number): Promise<void> => {
    for (let s = 0; s < ms / 1000; s++) await clock.advance(1000).catch(() => {});
  };
  const recipients = (): (string | undefined)[] => sent.map(({ to }) => to[0]);
  refuse('451 try later', 'anna@grid.test');
  await alarmed.tell('owd-01', dark(1));
  await fullFor(100_000);
  assert.deepEqual(recipients(), ['desk@grid.test'], 'a retry leaves out recipients that were reached');
  refuse(undefined);
  await fullFor(60_000);
  assert.deepEqual(recipients(), ['desk@grid.test', 'anna@grid.test']);
  await fullFor(5 * MINUTE);
  assert.equal(sent.length, 2, 'each alarm is sent once');
});

test('pending messages are sent although the store cannot be written', async () => {
  const { alarmed, clock, store, sent, refuse } = await rig(NOON);
  refuse('451 try later');
  await alarmed.tell('owd-01', dark(1));
  await clock.advance(10_000);
  await alarmed.tell('owd-01', { ...dark(1), active: false });
  const full = (): Promise<never> => Promise.reject(new Error('database or disk is full'));
  Object.assign(store, { forget: full, later: full, done: full });
  const advance = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) await clock.advance(1000).catch(() => {});
  };
  await advance(16 * 60);
  refuse(undefined);
  await advance(30);
  assert.equal(sent.length, 1);
});
