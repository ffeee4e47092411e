import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formsWith } from './forms-with.ts';

test('a word or part of a word finds English forms by their translation, in any case', () => {
  const relief = '{element} at {value} {unit} is past {bound} {unit}: {devices} relieves it';
  assert.ok(formsWith('ontlast', 'nl')?.includes(relief));
  assert.ok(formsWith('ENTLASTET', 'de')?.includes(relief));
  assert.deepEqual(formsWith('ontlast', 'de'), []);
  assert.deepEqual(formsWith('Zoutkamp', 'nl'), [], 'a name matches no form');
});

test('a word of most sentences does not narrow the search, and names of values are not searched', () => {
  assert.equal(formsWith('e', 'nl'), null);
  assert.equal(formsWith('is', 'nl'), null);
  assert.deepEqual(
    formsWith('element', 'nl')?.filter((form) => !/element/i.test(form.replaceAll(/\{\w+\}/g, ''))),
    [],
  );
});
