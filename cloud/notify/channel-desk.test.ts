import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AlarmRig } from '../alarms/testing/alarm-rig.ts';
import type { Region } from '../../shared/contracts/region.ts';
import { eventSays } from '../../shared/sentences/event-forms.ts';
import { smallRegion } from '../api/testing/api-fixture.ts';
import { storeFiles } from '../telemetry/testing/store-files.ts';
import { mailChannel } from './mail-channel.ts';
import type { MailConfig } from './mail-config.ts';
import { ChannelDesk } from './channel-desk.ts';
import type { Message } from './message-store.ts';
import { Notifications } from './notifications.ts';
import { SqliteMessageStore } from './sqlite-message-store.ts';
import { mailConfig } from './testing/mail-config.ts';

/** Noon and 5:20 a.m. in Amsterdam. */
const NOON = Date.UTC(2021, 8, 25, 10);
const NIGHT = Date.UTC(2021, 8, 25, 3, 20);
const MINUTE = 60_000;
const open = storeFiles((path) => new SqliteMessageStore(path));

async function rig(startMs: number, given: Partial<MailConfig> = {}, region: Region = smallRegion()) {
  const alarmed = new AlarmRig({ region, startMs });
  await alarmed.started;
  const { clock, alarms } = alarmed;
  const file = await open();
  const sent: Message[] = [];
  let refusal: string | undefined;
  let refused: string | undefined;
  let rejects: string | undefined;
  const reported: string[] = [];
  const make = (store: SqliteMessageStore): ChannelDesk =>
    new ChannelDesk({
      channel: mailChannel(mailConfig(25, given), async (mail) => {
        if (refusal !== undefined && mail.to.includes(refused ?? mail.to[0]!)) throw new Error(refusal);
        sent.push(mail);
        const [rejected = [], accepted = []] = [true, false].map((is) =>
          mail.to.filter((to) => (to === rejects) === is),
        );
        return { accepted, rejected, response: '250 taken' };
      }),
      region,
      clock,
      store,
      alarms: () => alarms.list(['unacknowledged']),
      isFlood: () => alarms.view().rate.floodSince !== null,
      rules: alarms.rules(),
      origin: '',
      report: (event) => void reported.push(event.code),
    });
  let desk = make(file.store);
  await desk.start();
  after(async () => {
    await desk.stop();
    await alarmed.close();
  });
  return {
    alarmed,
    alarms,
    clock,
    sent,
    reported,
    region,
    desk: () => desk,
    store: file.store,
    subjects: () => sent.map(({ subject }) => subject),
    reject: (to: string | undefined) => (rejects = to),
    refuse: (text: string | undefined, to?: string) => ([refusal, refused] = [text, to]),
    restart: async () => {
      await desk.stop();
      desk = make(await file.again());
      await desk.start();
    },
  };
}

const dark = (n: number) =>
  ({ code: 'LS-FEEDER-001', device: `feeder-${n}`, severity: 'high', text: `feeder ${n} is dark` }) as const;
/** Priority 2. */
const stands = (n: number) =>
  ({ code: 'LS-CONTROL-005', device: `pv-${n}`, text: `pv-${n} stands on its default` }) as const;

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

test('alarms raised together at one gateway go out as one mail, including less urgent ones', async () => {
  const { alarmed, clock, sent, subjects } = await rig(NOON);
  await alarmed.tell('owd-01', dark(1));
  await alarmed.tell('owd-01', dark(2));
  await alarmed.tell('whf-01', dark(1));
  await clock.advance(10_000);
  assert.deepEqual(
    subjects().map((each) => [each.slice(0, 4), each.includes('and 1 more'), each.includes('Name of owd')]),
    [
      ['[P1]', true, true],
      ['[P1]', false, false],
    ],
  );
  assert.ok(sent[0]!.text.includes('feeder 1 is dark') && sent[0]!.text.includes('feeder 2 is dark'));
  await clock.advance(5 * MINUTE);
  assert.equal(sent.length, 2, 'each alarm is sent once');
});

test('an alarm of an older gateway, whose values are only in its text, is sent in the language of its reader', async () => {
  const { alarmed, clock, sent } = await rig(NOON, { language: 'nl' });
  const text = 'feeder-2 carries nothing and no device behind it has voltage: the feeder is dark';
  await alarmed.tell('owd-01', { ...dark(2), text });
  await clock.advance(10_000);
  assert.match(
    sent[0]!.text,
    /: feeder-2 voert niets en geen apparaat erachter heeft spanning: de afgang is spanningsloos\n/,
  );
});

test('each recipient gets sentence, consequence, action and times in their language', async () => {
  const { alarmed, clock, sent } = await rig(NOON, {
    to: ['desk@grid.test', 'leitstelle@grid.test', 'anna@grid.test'],
    language: 'nl',
    languages: { 'leitstelle@grid.test': 'de', 'chief@grid.test': 'en' },
  });
  const why = 'no device can relieve it further';
  const form = '{element} at {value} {unit} is past its limit of {bound}, and {why}';
  const values = { element: 'transformer', value: 12_345, unit: 'kW', bound: 7200, why };
  await alarmed.tell('owd-01', { ...eventSays('LS-CONTROL-004', form, values), severity: 'high' });
  // From another version: shown as received.
  await alarmed.tell('owd-01', dark(1));
  await clock.advance(10_000);
  const mails = Object.fromEntries(sent.map((mail) => [mail.to.join(' '), mail]));
  const dutch = mails['desk@grid.test anna@grid.test']!;
  const german = mails['leitstelle@grid.test']!;
  assert.equal(sent.length, 2);
  for (const [{ text }, says] of [
    [
      dutch,
      [
        'Prioriteit 1, Name of owd: transformer op 12\u202f345 kW is voorbij de grenswaarde van 7200, en geen apparaat kan verder ontlasten',
        'Sinds: 25 sep 2021, 12:00:00 CEST',
        'Gevolg: ',
        'Actie: ',
        'feeder 1 is dark',
        'Kwiteer op de pagina Alarmen.',
      ],
    ],
    [
      german,
      [
        'Priorität 1, Name of owd: transformer bei 12\u202f345 kW liegt jenseits des Grenzwerts von 7200, und kein Gerät kann weiter entlasten',
        'Seit: 25.09.2021, 12:00:00 MESZ',
        'Folge: ',
        'Maßnahme: ',
      ],
    ],
  ] as const)
    for (const line of says) assert.ok(text.includes(line), `${line} in\n${text}`);
  for (const { text } of [dutch, german]) assert.doesNotMatch(text, /Consequence|Action|Acknowledge|Respond|Since/);
  await clock.advance(16 * MINUTE);
  const late = sent.find(({ to }) => to.includes('chief@grid.test'))!;
  assert.match(
    late.subject,
    /^\[P1\] Not acknowledged for 15 min: Name of owd: transformer at .* relieve it further…$/,
  );
});

test('an unacknowledged alarm is escalated once; an acknowledged one is not', async () => {
  const { alarmed, alarms, clock, sent } = await rig(NOON);
  await alarmed.tell('owd-01', dark(1));
  await alarmed.tell('whf-01', dark(1));
  await clock.advance(5 * MINUTE);
  const [own] = alarms.list(['unacknowledged']).filter(({ source }) => source === 'whf-01');
  await alarms.acknowledge(own!.id, 'anna');
  await clock.advance(60 * MINUTE);
  assert.deepEqual(
    sent.map(({ to, subject }) => [to[0], subject.includes('owd'), subject.includes('Not acknowledged')]),
    [
      ['desk@grid.test', true, false],
      ['desk@grid.test', false, false],
      ['chief@grid.test', true, true],
    ],
  );
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

test('an idle channel reads its store only once a minute, but sends new messages at once', async (t) => {
  const { alarmed, clock, sent, store, refuse } = await rig(NOON, { escalateTo: [] });
  await clock.advance(10_000);
  const looks = t.mock.method(store, 'due');
  await clock.advance(10 * MINUTE);
  assert.ok(looks.mock.callCount() <= 11, `${looks.mock.callCount()} looks`);
  refuse('451 try later');
  await alarmed.tell('owd-01', dark(1));
  await clock.advance(10_000);
  refuse(undefined);
  await clock.advance(10_000);
  assert.equal(sent.length, 1, 'retried after the first wait');
});

test('a test message is sent to each recipient, and those that fail are named', async () => {
  const { desk, sent, refuse } = await rig(NOON, { languages: { 'chief@grid.test': 'de' } });
  refuse('451 try later', 'desk@grid.test');
  await assert.rejects(desk().test('anna'), { code: 'LS-NOTIFY-001', message: 'desk@grid.test: 451 try later' });
  assert.deepEqual(
    sent.map(({ to }) => to),
    [['chief@grid.test']],
  );
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

test('in quiet hours priority 1 breaks through, and priority 2 waits for the morning', async () => {
  const { alarmed, clock, subjects } = await rig(NIGHT, { quietHours: { from: '22:00', to: '06:00' } });
  await alarmed.tell('owd-01', stands(1));
  await clock.advance(20 * MINUTE);
  assert.deepEqual(subjects(), []);
  await alarmed.tell('whf-01', dark(1));
  await clock.advance(MINUTE);
  assert.deepEqual(
    subjects().map((each) => each.slice(0, 4)),
    ['[P1]'],
  );
  await clock.advance(18 * MINUTE);
  assert.deepEqual(
    subjects().filter((each) => each.startsWith('[P2]') && !each.includes('Not acknowledged')),
    [],
    'before six',
  );
  await clock.advance(2 * MINUTE);
  assert.equal(subjects().filter((each) => each.startsWith('[P2]')).length, 1);
});

test('in a flood one digest covers all alarms, and the next digest waits', async () => {
  const { alarmed, clock, sent, subjects } = await rig(NOON, { escalateTo: [] });
  for (let n = 1; n <= 40; n++) await alarmed.tell(n % 2 === 0 ? 'owd-01' : 'whf-01', dark(n));
  await clock.advance(10_000);
  assert.equal(sent.length, 1, subjects().join('\n'));
  assert.match(subjects()[0]!, /^\[P1\] Flood: 40 new alarms, 40 of priority 1/);
  for (let n = 41; n <= 80; n++) {
    await alarmed.tell('owd-01', dark(n));
    await clock.advance(3_000);
  }
  assert.ok(sent.length <= 4, `${sent.length} mails`);
  await clock.advance(2 * MINUTE);
  const announced = sent.reduce((sum, { subject }) => sum + Number(/(\d+) new/.exec(subject)?.[1] ?? 1), 0);
  assert.equal(announced, 80, 'each alarm is sent once');
});

test('a flapping alarm is not sent each time', async () => {
  const { alarmed, clock, sent } = await rig(NOON, { escalateTo: [] });
  for (let n = 0; n < 20; n++) {
    await alarmed.tell('owd-01', dark(1));
    await clock.advance(5_000);
    await alarmed.tell('owd-01', { ...dark(1), active: false });
    await clock.advance(5_000);
  }
  assert.equal(sent.length, 1);
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

test('a channel for priority 1 does not send priority 2', async () => {
  const { alarmed, clock, subjects } = await rig(NOON, { priority: 1 });
  await alarmed.tell('owd-01', stands(1));
  await clock.advance(30 * MINUTE);
  assert.deepEqual(subjects(), []);
});

test('a flapping alarm that nobody acknowledges is escalated once', async () => {
  const { alarmed, alarms, clock, sent } = await rig(NOON);
  const flap = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n++) {
      await alarmed.tell('owd-01', dark(1));
      await clock.advance(5 * MINUTE);
      await alarmed.tell('owd-01', { ...dark(1), active: false });
      await clock.advance(MINUTE);
    }
  };
  const escalated = () => sent.filter(({ to }) => to[0] === 'chief@grid.test').length;
  await flap(10);
  assert.equal(escalated(), 1);
  await alarmed.tell('owd-01', dark(1));
  await clock.advance(10_000);
  const [alarm] = alarms.list(['unacknowledged']);
  await alarms.acknowledge(alarm!.id, 'anna');
  await clock.advance(MINUTE);
  await alarmed.tell('owd-01', { ...dark(1), active: false });
  await clock.advance(MINUTE);
  await flap(1);
  assert.equal(escalated(), 1, 'it has just been acknowledged');
  await flap(5);
  assert.equal(escalated(), 2);
});

test('alarms of many places that waited for the morning all go out in one mail', async () => {
  const region = smallRegion();
  const [first] = region.substations;
  const substations = Array.from({ length: 30 }, (_, n) => ({ ...first!, id: `s-${n}`, gateway: `s-${n}` }));
  const { alarmed, clock, sent } = await rig(
    NIGHT,
    { quietHours: { from: '22:00', to: '06:00' }, escalateTo: [] },
    { ...region, substations },
  );
  for (let n = 0; n < 30; n++) {
    await alarmed.tell(`s-${n}`, stands(1));
    if (n % 5 === 4) await clock.advance(4 * MINUTE);
  }
  await clock.advance(18 * MINUTE);
  assert.equal(sent.length, 1);
  assert.match(sent[0]!.subject, /^\[P2\] 30 new alarms, 0 of priority 1/);
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
