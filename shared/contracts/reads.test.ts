import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodingsText, FIRST_READS, PACKED, readsOf, THIS_READS, versionsText } from './reads.ts';

test("a birth's capabilities are read back; unknown ones are skipped", () => {
  assert.deepEqual(
    readsOf(encodingsText(THIS_READS), versionsText(THIS_READS), { acknowledgements: PACKED }),
    THIS_READS,
  );
  assert.deepEqual(readsOf('identity, zstd, br', '1,2'), { encodings: ['identity', 'br'], versions: [1, 2] });
  // As announced by gateways that predate columns.
  assert.deepEqual(readsOf('identity,br', '1').encodings, ['identity', 'br']);
  assert.deepEqual(readsOf('zstd', '2'), { encodings: ['identity'], versions: [2] });
  assert.deepEqual(readsOf(null, null, { weather: '1632528000000' }), { ...FIRST_READS, weatherAt: 1632528000000 });
});

test('missing or malformed capabilities mean version 0.1.0', () => {
  for (const value of [undefined, null, 7, true, '', 'br'.repeat(200), ',,,', '-1', '1e999'])
    assert.deepEqual(
      readsOf(value, value, { acknowledgements: value, nonce: value, generation: value, weather: value }),
      FIRST_READS,
      String(value),
    );
});
