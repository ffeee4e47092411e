import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languages } from './language.ts';
import { mailForms } from './mail-forms.ts';

const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

test('mails have the same texts in each language, with the values of the English ones', () => {
  for (const { mails } of [languages.nl, languages.de]) {
    assert.deepEqual(Object.keys(mails), [...mailForms]);
    for (const form of mailForms) assert.deepEqual(places(mails[form]), places(form), form);
  }
});

test('each language translates the same alarm rules', () => {
  assert.deepEqual(Object.keys(languages.nl.rules), Object.keys(languages.de.rules));
});
