import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languages } from './language.ts';
import { mailForms } from './mail-forms.ts';

const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

test('mails say the same in each language, with the values of the English one', () => {
  for (const { mails } of [languages.nl, languages.de]) {
    assert.deepEqual(Object.keys(mails), [...mailForms]);
    for (const form of mailForms) assert.deepEqual(places(mails[form]), places(form), form);
  }
});

test('each language knows the same alarms', () => {
  assert.deepEqual(Object.keys(languages.nl.rules), Object.keys(languages.de.rules));
});
