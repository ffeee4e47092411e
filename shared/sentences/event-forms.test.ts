import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events as german } from './de/events.ts';
import { allEventPhrases, eventForms, eventSays, eventText, type EventWords, type SaidEvent } from './event-forms.ts';
import { events as dutch } from './nl/events.ts';

const speech = (own?: EventWords) => ({
  own,
  number: (text: string) => text.replace('.', ','),
  time: (text: string) => text.replace('17:45Z', '19:45'),
});
const inGerman = (event: SaidEvent): string => eventText(event, speech(german));

const limit = eventSays('LS-CONTROL-004', '{element} at {value} {unit} is past its limit of {bound}, and {why}', {
  element: 'feeder-2',
  value: 1.1034567,
  bound: 1000,
  unit: 'pu',
  why: 'no device can relieve it further' as const,
  others: 0,
});

test('an event is sent in English with its values and shown in the language of its reader', () => {
  assert.equal(limit.text, 'feeder-2 at 1.103 pu is past its limit of 1000, and no device can relieve it further');
  assert.equal(
    inGerman(limit),
    'feeder-2 bei 1,103 pu liegt jenseits des Grenzwerts von 1000, und kein Gerät kann weiter entlasten',
  );
  const over = { ...limit, text: `gone: ${limit.text}` };
  assert.match(inGerman(over), /^gegangen: feeder-2 bei 1,103 pu liegt jenseits/);
  assert.match(eventText(over, speech()), /^gone: feeder-2 at 1,103 pu is past/);
  const relief = eventSays(
    'guard.relief',
    '{element} at {value} {unit} is past {bound} {unit}: {devices} relieves it',
    {
      ...limit.parameters,
      devices: ['battery-1', 'pv-2'],
      element: 'feeder-2',
      value: 7606,
      bound: 7200,
      unit: 'kW',
    },
  );
  assert.equal(inGerman(relief), 'feeder-2 bei 7606 kW liegt jenseits von 7200 kW: battery-1, pv-2 entlastet');
});

test('times are shown in the zone of the reader', () => {
  const form = eventForms['LS-PREDICT-001'][0];
  const time = '2021-09-25 17:45Z';
  const values = { place: 'Oud Wold', power: 8600, direction: 'import', over: 600, limit: 8000, from: time, to: time };
  const said = inGerman(eventSays('LS-PREDICT-001', form, { ...values, time }));
  assert.match(said, /^Oud Wold: der Transformator wird .* bei 8600 kW Bezug um 2021-09-25 19:45 erwartet/);
});

test('an event of a gateway of another version is shown unchanged', () => {
  const { parameters, ...alone } = limit;
  for (const event of [
    alone,
    { ...limit, text: 'feeder-2 is too high' },
    { ...limit, text: '' },
    { ...limit, code: 'LS-CONTROL-999' },
    { ...limit, code: 'constructor' },
    // Values that do not give its text.
    { ...limit, parameters: { ...parameters, value: 900 } },
    { ...limit, parameters: { ...parameters, element: ['feeder-1'] } },
    { ...limit, parameters: {} },
  ])
    assert.equal(inGerman(event), event.text);
  assert.equal(
    inGerman({ code: 'gateway.started', text: 'the gateway has started' }),
    'das Gateway ist gestartet',
    'a sentence without values needs none',
  );
});

test('every language has all sentences and phrases with the values of the English ones', () => {
  const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();
  const english = [...Object.values(eventForms).flat(), ...allEventPhrases];
  for (const words of [dutch, german]) {
    assert.deepEqual(Object.keys(words).toSorted(), [...new Set<string>(english)].toSorted());
    for (const [form, own] of Object.entries(words)) assert.deepEqual(places(own), places(form), form);
  }
});
