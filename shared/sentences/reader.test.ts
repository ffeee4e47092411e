import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messages as german } from './de/messages.ts';
import { messages as dutch } from './nl/messages.ts';
import { reader } from './reader.ts';
import { messageForms } from './message-forms.ts';

const places = (text: string): string => (text.match(/\{\w+\}/g) ?? []).toSorted().join(' ');
const forms: readonly (readonly [code: string, form: string])[] = Object.entries(messageForms).flatMap(([code, own]) =>
  own.map((form) => [code, form] as const),
);

for (const [language, own] of [
  ['nl', dutch],
  ['de', german],
] as const) {
  const sentences: Readonly<Record<string, string>> = own;

  test(`${language}: every sentence has the values of the English one and is read back by its code`, () => {
    assert.deepEqual(Object.keys(own).toSorted(), [...new Set(forms.map(([, form]) => form))].toSorted());
    const say = reader({ words: {}, forms: messageForms, sentences }, language);
    for (const [code, form] of forms) {
      assert.equal(places(sentences[form]!), places(form), form);
      const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (_, name: string) => `${name}-1`);
      assert.equal(say(filled(form), code), filled(sentences[form]!), form);
    }
  });
}

const words = { clamped: 'begrenzt', rejected: 'abgelehnt' };
const kinds = {
  automatic: 'Automatik',
  dead: 'tot',
  reversed: 'verkehrt',
  envelope: 'Leistungsband',
  guard: 'Wächter',
};
const inGerman = reader(
  { words: { ...words, ...kinds, plan: 'Fahrplan' }, forms: messageForms, sentences: german },
  'de',
);

/** As sent by gateways of version 0.1.0. */
const SENT: readonly (readonly [code: string, text: string, own: string])[] = [
  [
    'settings.applied',
    'settings (3, 14): mode automatic, grid limit 900.5 kW import, 800 kW export, the meter of m-1 is dead, the meter of m-2 is reversed',
    'Einstellungen (3, 14): Betriebsart Automatik, Netzgrenze 900,5 kW Bezug, 800 kW Einspeisung, die Messung von m-1 ist tot, die Messung von m-2 ist verkehrt',
  ],
  ['settings.applied', 'settings (3, 15): nothing changes', 'Einstellungen (3, 15): nichts ändert sich'],
  [
    'LS-CONTROL-002',
    'plan pl-1 (3, 14) is clamped: battery-1 to -120.5 kW by envelope, pv-2 to - kW by guard',
    'Fahrplan pl-1 (3, 14) ist begrenzt: battery-1 auf −120,5 kW durch Leistungsband, pv-2 auf - kW durch Wächter',
  ],
  [
    'LS-CONTROL-002',
    'override cmd-1 is clamped: battery-1 to 80.0 kW by guard',
    'Handvorgabe cmd-1 ist begrenzt: battery-1 auf 80,0 kW durch Wächter',
  ],
  [
    'LS-CONTROL-001',
    'plan pl-1 (3, 14) is assumption-failed: feeder-1 at 900 kW, out of its band of 100 to 400 kW for 60 s',
    'Fahrplan pl-1 (3, 14) entfällt, denn eine Annahme trifft nicht zu: feeder-1 bei 900 kW, seit 60 s außerhalb des Bands von 100 bis 400 kW',
  ],
  [
    'LS-DOC-004',
    'plan pl-1 (3, 14) is rejected: for substation owd; this is hfdp',
    'Fahrplan pl-1 (3, 14) ist abgelehnt: für Umspannwerk owd; dies ist hfdp',
  ],
  [
    'LS-DOC-003',
    'plan pl-1 is refused: valid until 2021-09-25T17:45:00.000Z; it is 2021-09-25T18:00:00.000Z',
    'Fahrplan pl-1 ist abgelehnt: gültig bis 2021-09-25T17:45:00.000Z; es ist 2021-09-25T18:00:00.000Z',
  ],
  [
    'command.mode',
    'mode automatic at feeder-1 by anna: it is mended: the guard dead by bert',
    'Betriebsart Automatik für feeder-1 durch anna: it is mended: the guard dead by bert',
  ],
  ['local.change', 'stop of pv-1 lifted: dead', 'Stopp von pv-1 aufgehoben: dead'],
  [
    'any',
    'refused where it was to run: LS-MODEL-008: parity vector 0 differs at 17: 1.25 instead of 1.5',
    'abgelehnt, wo es laufen sollte: LS-MODEL-008: Paritätsvektor 0 weicht bei 17 ab: 1,25 statt 1,5',
  ],
  [
    'LS-MODEL-007',
    'with gaps in its history: model mdl-1 gave a value that is not finite',
    'mit Lücken in seiner Vergangenheit: Modell mdl-1 gab einen Wert, der nicht endlich ist',
  ],
  [
    'any',
    'LS-MODEL-015: 0.0 % of targets are inside P10 to P90, wanted is 60 to 95 % (95 %: 0.0 % to 7.4 %, 192 targets in 48 blocks of 6 h); 3.1 % better than the incumbent (95 %: -1.0 % to 7.0 %, 28 days)',
    'LS-MODEL-015: 0,0 % der Ziele liegen zwischen P10 und P90, gewollt sind 60 bis 95 % (95 %: 0,0 % bis 7,4 %, 192 Ziele in 48 Blöcken von 6 h); 3,1 % besser als das bisherige (95 %: −1,0 % bis 7,0 %, 28 Tage)',
  ],
  [
    'any',
    'owd transformer at 7606 kW, limits -6500 to 7200 kW',
    'Transformator owd bei 7606 kW, Grenzwerte −6500 bis 7200 kW',
  ],
  ['any', 'owd-b18 at 0.934 pu, limits 0.95 to 1.05', 'owd-b18 bei 0,934 pu, Grenzwerte 0,95 bis 1,05'],
  [
    'any',
    'LS-FORECAST-003: m-1 needs the temperature, and none is known here',
    'LS-FORECAST-003: m-1 braucht die Temperatur, und keine ist hier bekannt',
  ],
  ['any', 'LS-FORECAST-004: the meter reads one flat value', 'LS-FORECAST-004: der Zähler liefert einen festen Wert'],
  [
    'LS-DEVICE-005',
    'pv-1 does not hold its grid code: it has no volt-var; volt-watt has corners: nothing instead of 4; frequency droop dead band above Hz: 0.2 instead of 0.036 and 2 more',
    'pv-1 hält seine Netzanschlussregel nicht ein: es hat kein volt-var; Eckpunkte von volt-watt: nichts statt 4; Totband von Frequenzstatik oben, Hz: 0,2 statt 0,036 und 2 weitere',
  ],
  [
    'LS-DEVICE-007',
    'ev-1: cp-01 sends no meter values while a car charges, so it counts at what it may take: set their interval at the charger, which the gateway does only where it commands it',
    'ev-1: cp-01 sendet keine Zählerwerte, während ein Auto lädt, und zählt daher mit dem, was es beziehen darf: ihr Intervall am Ladepunkt einstellen, das Gateway tut es nur, wo es ihn steuert',
  ],
  [
    'any',
    'no uplink to mqtts://b:8883: connect ECONNREFUSED 10.0.0.1:8883',
    'keine Verbindung zu mqtts://b:8883: 10.0.0.1:8883 weist die Verbindung ab (ECONNREFUSED)',
  ],
  ['any', 'no uplink to mqtts://b:8883: the moon is full', 'keine Verbindung zu mqtts://b:8883: the moon is full'],
  ['clock.stepped', 'the clock was set back by 12.5 s', 'die Uhr wurde um 12,5 s zurückgestellt'],
];

test('a sentence with its values in the text is translated', () => {
  for (const [code, text, own] of SENT) assert.equal(inGerman(text, code), own);
});

test('no sentence is translated in part or by the forms of another code', () => {
  for (const [code, text] of [
    ['LS-DOC-005', 'plan pl-1 is refused: /body/steps: this must be an array'],
    ['LS-DOC-003', 'the command has expired long ago'],
    // A sentence of another code.
    ['LS-DOC-001', 'mode automatic: no more'],
    ['settings.applied', 'settings (3, 14): mode automatic, colour green is set'],
    ['constructor', 'so it is'],
    ['any', 'LS-MODEL-008: it is not what it was'],
    ['any', 'the first of its target; and more of it'],
  ] as const)
    assert.equal(inGerman(text, code), undefined, text);
});
