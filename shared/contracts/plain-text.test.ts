import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayHide, plainText, plainValues } from './plain-text.ts';

test('characters that hide or reverse text show as a mark, and line breaks become spaces', () => {
  assert.equal(plainText('open\u202Edesolc'), 'open\ufffddesolc');
  assert.equal(plainText('a\r\nAcknowledge: here\u2028now'), 'a Acknowledge: here now');
  for (const each of ['\u0000', '\u001b', '\u007f', '\u009b', '\u200b', '\u2066', '\ufeff', '\u{e0041}', '\ud800'])
    assert.equal(plainText(`a${each}b`), 'a\ufffdb', JSON.stringify(each));
});

test('ordinary text stays', () => {
  for (const each of ['Überlast an Trafo 2: 1.05 pu, 12 °C', 'تيار زائد', '電圧が高い ⚡', 'a – b “c” 5\u00a0kW'])
    assert.equal(plainText(each), each);
});

test('every text in a value is plain and bounded, however its JSON was escaped', () => {
  const json = String.raw`{"a":["x\u202ey",1,null,true],"b\n":{"c":"\ud83d"}}`;
  assert.ok(mayHide(json));
  assert.deepEqual(plainValues(JSON.parse(json)), { a: ['x\ufffdy', 1, null, true], 'b ': { c: '\ufffd' } });
  assert.equal((plainValues('w'.repeat(900_000)) as string).length, 2000);
  assert.ok(!mayHide(JSON.stringify({ text: 'Device "battery-1" answers again: 5 kW' })));
});
