import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { until } from '../../shared/testing/until.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { AlarmRig } from '../alarms/testing/alarm-rig.ts';
import { smallRegion } from '../api/testing/api-fixture.ts';
import { post } from '../webhooks/post.ts';
import { Notifications } from './notifications.ts';
import { Outbox } from './outbox.ts';
import { SqliteMessageStore } from './sqlite-message-store.ts';
import { startReceiver, webhookOf } from './testing/receiver.ts';
import { webhookChannel } from './webhook-channel.ts';
import type { WebhookConfig } from './webhook-config.ts';

/** Noon and 5:20 a.m. in Amsterdam. */
const NOON = Date.UTC(2021, 8, 25, 10);
const NIGHT = Date.UTC(2021, 8, 25, 3, 20);
const MINUTE = 60_000;
/** Lets everything that needs no waiting run. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A receiver, and the webhooks to it on a manual clock. */
async function rig(t: TestContext, given: Partial<WebhookConfig> = {}, startMs = NOON) {
  const receiver = await startReceiver(t);
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-webhook-'));
  const alarmed = new AlarmRig({ region: smallRegion(), startMs });
  await alarmed.started;
  const { clock, alarms } = alarmed;
  const events: LoadstoneEvent[] = [];
  const store = new SqliteMessageStore(join(dir, 'state.sqlite'));
  store.open();
  let inFlight = 0;
  const flying: typeof post = (request) => {
    inFlight++;
    return post(request).finally(() => inFlight--);
  };
  const make = (port: number): Notifications => {
    const webhook = webhookOf(t, { port, ...given });
    return new Notifications({
      config: { webhooks: [webhook] },
      channels: [webhookChannel(webhook, { time: clock.machine, post: flying })],
      region: smallRegion(),
      clock,
      store,
      alarms: () => alarms.list(['unacknowledged']),
      isFlood: () => alarms.view().rate.floodSince !== null,
      rules: alarms.rules(),
      origin: 'https://grid.test',
      report: (event) => void events.push(event),
    });
  };
  let notifications = make(receiver.port);
  await notifications.start();
  t.after(async () => {
    await notifications.stop();
    await alarmed.close();
    store.close();
    rmSync(dir, { recursive: true });
  });
  const waiting = (): Promise<number> => store.count('webhook:pager');
  return {
    ...receiver,
    alarmed,
    alarms,
    clock,
    events,
    waiting,
    /** Advances the test clock in seconds; it stands while a request is in flight, because the timeout runs on that clock. */
    pass: async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= 1000) {
        await clock.advance(Math.min(1000, left));
        await turn();
        await until('an answer', () => inFlight === 0);
        await turn();
      }
    },
    view: async () => (await notifications.view()).webhooks[0]!,
    test: () => notifications.testWebhook('pager', 'anna'),
    /** Waits until this many have arrived and the store knows it, while the test clock stands. */
    delivered: (count: number, from = receiver) =>
      until(`${count} messages`, async () => from.got.length >= count && (await waiting()) === 0),
    restart: async (port = receiver.port) => {
      await notifications.stop();
      notifications = make(port);
      await notifications.start();
    },
  };
}

const dark = (n: number) =>
  ({ code: 'LS-FEEDER-001', device: `feeder-${n}`, severity: 'high', text: `feeder ${n} is dark` }) as const;
/** Priority 2. */
const stands = { code: 'LS-CONTROL-005', device: 'pv-1', text: 'pv-1 stands on its default' } as const;

test('an alarm of priority 1 is delivered within ten seconds, signed, with its action and place', async (t) => {
  const { alarmed, clock, pass, got, delivered } = await rig(t);
  const tenthSecond = clock.machine.now() + 10_000;
  await alarmed.tell('owd-01', dark(1));
  await pass(tenthSecond - clock.machine.now());
  await delivered(1);
  const [{ path, type, body, signedAt }] = got as [(typeof got)[0]];
  assert.deepEqual([path, type], ['/in/a-path-that-nobody-knows', 'alarm.raised']);
  assert.ok(signedAt * 1000 < tenthSecond, 'signed when it was sent');
  const { timestamp, data } = JSON.parse(body) as {
    timestamp: string;
    data: Record<string, unknown> & { alarms: Record<string, unknown>[] };
  };
  assert.ok(Date.parse(timestamp) < tenthSecond);
  assert.deepEqual(
    [data['region'], data['subject'], data['isFlood'], data['count'], data['page']],
    [smallRegion().id, '[P1] Name of owd: feeder 1 is dark', false, 1, 'https://grid.test/alarms'],
  );
  const [alarm] = data.alarms;
  assert.deepEqual(
    [alarm!['code'], alarm!['priority'], alarm!['place'], alarm!['device'], alarm!['text'], alarm!['raisedAt']],
    ['LS-FEEDER-001', 1, 'Name of owd', 'feeder-1', 'feeder 1 is dark', new Date(NOON).toISOString()],
  );
  for (const key of ['action', 'consequence', 'page']) assert.match(String(alarm![key]), /./, key);
});

test('an unacknowledged alarm is escalated to the next receiver once; an acknowledged one is not', async (t) => {
  const { alarmed, alarms, pass, got, delivered } = await rig(t);
  await alarmed.tell('owd-01', dark(1));
  await alarmed.tell('whf-01', dark(1));
  await pass(5 * MINUTE);
  await delivered(2);
  const [own] = alarms.list(['unacknowledged']).filter(({ source }) => source === 'whf-01');
  await alarms.acknowledge(own!.id, 'anna');
  await pass(11 * MINUTE);
  await delivered(3);
  await pass(20 * MINUTE);
  await delivered(3);
  assert.deepEqual(
    got.slice(2).map(({ path, type, subject }) => [path, type, subject]),
    [['/chief', 'alarm.escalated', '[P1] Not acknowledged for 15 min: Name of owd: feeder 1 is dark']],
  );
});

test('in quiet hours priority 1 breaks through, and priority 2 waits for the morning', async (t) => {
  const { alarmed, pass, got, delivered } = await rig(t, { quietHours: { from: '22:00', to: '06:00' } }, NIGHT);
  await alarmed.tell('owd-01', stands);
  await pass(20 * MINUTE);
  assert.equal(got.length, 0);
  await alarmed.tell('whf-01', dark(1));
  await pass(10_000);
  await delivered(1);
  assert.match(got[0]!.subject, /^\[P1\]/);
  await pass(21 * MINUTE);
  await delivered(3);
  const later = got.slice(1).filter(({ path }) => path !== '/chief');
  assert.deepEqual(
    later.map(({ subject }) => subject.slice(0, 4)),
    ['[P2]'],
  );
});

test('messages to a receiver that is down or refuses wait, also across a restart; none is lost or sent twice', async (t) => {
  const first = await rig(t);
  const { alarmed, pass, events, waiting, view } = first;
  first.answer(503);
  await alarmed.tell('owd-01', dark(1));
  await pass(10_000);
  await first.stop();
  await alarmed.tell('whf-01', dark(1));
  await pass(30_000);
  assert.match((await view()).fault ?? '', /ECONNREFUSED/);
  assert.deepEqual(
    [await waiting(), events.map(({ code, text }) => [code, text])],
    [2, [['LS-NOTIFY-003', `Webhook pager accepts no messages: ${first.origin} answered 503`]]],
    'reported once',
  );
  const back = await startReceiver(t);
  await first.restart(back.port);
  await pass(MINUTE);
  await first.delivered(2, back);
  await pass(5 * MINUTE);
  assert.deepEqual(back.got.map(({ subject }) => subject).toSorted(), [
    '[P1] Name of owd: feeder 1 is dark',
    '[P1] Name of whf: feeder 1 is dark',
  ]);
  assert.ok(
    back.got.some(({ id }) => id === first.refused[0]),
    'with the id of the first attempt',
  );
});

test('a message whose response was lost is resent with the same id', async (t) => {
  const { alarmed, pass, got, events, hangUp, delivered } = await rig(t);
  hangUp(true);
  await alarmed.tell('owd-01', dark(1));
  await pass(10_000);
  hangUp(false);
  await pass(10_000);
  await delivered(2);
  assert.equal(new Set(got.map(({ id }) => id)).size, 1);
  assert.equal(new Set(got.map(({ body }) => body)).size, 1);
  assert.deepEqual(
    events.map(({ code }) => code),
    ['LS-NOTIFY-003', 'webhook.leaves'],
  );
});

test('a message for a removed escalation receiver is dropped', async (t) => {
  const { port, got } = await startReceiver(t);
  const { escalateTo: _gone, ...webhook } = webhookOf(t, { port });
  const clock = new VirtualClock(NOON);
  const store = new SqliteMessageStore(':memory:');
  store.open();
  const channel = webhookChannel(webhook, { time: clock.machine, post });
  const message = { priority: 1, to: ['escalateTo'], subject: 'feeder 1 is dark', text: '{}' };
  await store.add({ channel: channel.name, messages: [message], notified: [], at: NOON, most: 9 });
  await new Outbox({ channel, clock, store, report: () => undefined }).deliver();
  assert.deepEqual([got.length, await store.count(channel.name)], [0, 0]);
  store.close();
});

test('a test message reaches both receivers, and neither response nor view reveals paths of their URLs', async (t) => {
  const { got, origin, answer, test: send, view } = await rig(t);
  assert.deepEqual(await send(), { accepted: [origin, origin], rejected: [], response: 'taken' });
  assert.deepEqual(got.map(({ path, type }) => `${type} ${path}`).toSorted(), [
    'alarm.test /chief',
    'alarm.test /in/a-path-that-nobody-knows',
  ]);
  answer(302);
  const message = `url: ${origin} answered 302; escalateTo: ${origin} answered 302`;
  await assert.rejects(send(), { code: 'LS-NOTIFY-003', message });
  assert.doesNotMatch(JSON.stringify(await view()), /nobody-knows/);
});
