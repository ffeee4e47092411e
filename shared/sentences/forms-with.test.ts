import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formsWith } from './forms-with.ts';

test('a word of a sentence finds its English, in whatever case, and a part of a word as well', () => {
  const relief = '{element} at {value} {unit} is past {bound} {unit}: {devices} relieves it';
  assert.ok(formsWith('ontlast', 'nl')?.includes(relief));
  assert.ok(formsWith('ENTLASTET', 'de')?.includes(relief));
  assert.deepEqual(formsWith('ontlast', 'de'), []);
  assert.deepEqual(formsWith('Zoutkamp', 'nl'), [], 'a name stands for itself');
});

test('a word of most sentences narrows nothing, and what stands between values does not join', () => {
  assert.equal(formsWith('e', 'nl'), null);
  assert.equal(formsWith('is', 'nl'), null);
  assert.deepEqual(
    formsWith('element', 'nl')?.filter((form) => !/element/i.test(form.replaceAll(/\{\w+\}/g, ''))),
    [],
  );
});
