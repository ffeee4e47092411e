import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Acknowledgement } from '../contracts/acknowledgement.ts';
import { MAX_OFFSET } from '../contracts/ids.ts';
import { canPack, packAcknowledgement, unpackAcknowledgement } from './packed-acknowledgement.ts';

const acknowledgement = (rest: Partial<Acknowledgement>): Acknowledgement => ({
  version: 1,
  stream: 'measurements',
  run: 7,
  upTo: -1,
  ranges: [],
  refused: [],
  ...rest,
});

test('the byte format of this version is fixed and reads as intended', () => {
  for (const [known, hex] of [
    [acknowledgement({ run: 0x89abcdef, upTo: 0x1_2345_6788 }), '01efcdab898967452301000000'],
    [acknowledgement({ stream: 'events' }), '02070000000000000000000000'],
    [acknowledgement({ upTo: MAX_OFFSET }), undefined],
  ] as const) {
    const bytes = packAcknowledgement(known);
    if (hex !== undefined) assert.equal(Buffer.from(bytes).toString('hex'), hex);
    assert.deepEqual(unpackAcknowledgement(bytes), known);
  }
});

test('an acknowledgement with ranges or refusals is not packed, and malformed bytes are rejected', () => {
  assert.equal(canPack(acknowledgement({ ranges: [[3, 4]] })), false);
  assert.equal(canPack(acknowledgement({ refused: [{ offset: 3, code: 'LS-INGEST-002' }] })), false);
  const bytes = packAcknowledgement(acknowledgement({}));
  for (const wrong of [bytes.subarray(0, 12), bytes.with(0, 3), bytes.with(12, 255), new Uint8Array()])
    assert.equal(unpackAcknowledgement(wrong), undefined);
});
