import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventSays } from '../../shared/sentences/event-forms.ts';
import { smallRegion } from '../api/testing/api-fixture.ts';
import { dark, MINUTE, NIGHT, NOON, rig, stands } from './testing/channel-rig.ts';

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
