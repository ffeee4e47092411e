import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseJson } from './json.ts';

const limits = { code: 'LS-DOC-005', notFinite: 'LS-DOC-006' } as const;

test('property: any JSON is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), (text) => {
      const outcome = parseJson(text, limits);
      if (/"__proto__"/.test(text)) return true;
      assert.deepEqual(outcome, { ok: true, value: JSON.parse(text) });
      return true;
    }),
  );
});

const refused: readonly [name: string, text: string, code: string][] = [
  ['the same key twice', '{"a":1,"b":{"a":2,"a":3}}', 'LS-DOC-005'],
  ['the same key twice, once escaped', String.raw`{"a":1,"\u0061":2}`, 'LS-DOC-005'],
  ['__proto__', '{"__proto__":{"x":1}}', 'LS-DOC-005'],
  ['__proto__ escaped', String.raw`{"\u005f_proto__":1}`, 'LS-DOC-005'],
  ['NaN', '{"a":NaN}', 'LS-DOC-006'],
  ['-Infinity', '{"a":-Infinity}', 'LS-DOC-006'],
  ['beyond the doubles', '{"a":1e999}', 'LS-DOC-006'],
  ['depth', '['.repeat(100_000), 'LS-DOC-005'],
  ['not JSON', '{a:1}', 'LS-DOC-005'],
  ['half a string', '{"a":"x', 'LS-DOC-005'],
  ['nothing', '', 'LS-DOC-005'],
  ['too many keys', `{${Array.from({ length: 10_001 }, (_, n) => `"${n}":1`).join(',')}}`, 'LS-DOC-005'],
  ['too long', `"${'x'.repeat(1_000_000)}"`, 'LS-DOC-005'],
];
for (const [name, text, code] of refused) {
  test(`rejected: ${name}`, () => {
    const outcome = parseJson(text, limits);
    assert.equal(outcome.ok ? 'read' : outcome.fault.code, code);
  });
}

test('the bad number is named as written; a string may look like one', () => {
  const outcome = parseJson('{"NaN":"Infinity","b":[-Infinity]}', limits);
  assert.equal(outcome.ok ? 'read' : outcome.fault.detail, '-Infinity is not a finite number');
  assert.equal(parseJson('{"NaN":"-Infinity \\"1e999"}', limits).ok, true);
});

test('equal keys in sibling objects and strings in arrays are allowed', () => {
  assert.equal(parseJson('[{"a":1},{"a":2},["a","a"],{"x":"a,\\"a\\":","a":"a"}]', limits).ok, true);
});
