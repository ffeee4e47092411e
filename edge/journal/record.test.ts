import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRecords, readRecord, type JournalEntry } from './record.ts';
import { parseSegmentName, segmentPath } from './segment.ts';

/** Two records as version 0.1.0 wrote them. Changing this format loses the backlog of gateways in the field, so it needs a new version. */
const SEGMENT =
  '5a4c01000600000011916bf03b090000000000000084cbfca6c177429bc22df2a7a60a13000102fdfeff5a4c010100000000010000000000000001000000000000000000f0bf3fd17b4400000000';

const entries: readonly JournalEntry[] = [
  {
    stream: 'measurements',
    run: 0xf06b9111,
    offset: 2363,
    time: 1_632_531_107_000.25,
    payload: new Uint8Array([0, 1, 2, 253, 254, 255]),
  },
  { stream: 'events', run: 1, offset: 0x1_0000_0000, time: -1, payload: new Uint8Array() },
];

test('records are written with the same bytes as by version 0.1.0', () => {
  assert.equal(Buffer.from(encodeRecords(entries)).toString('hex'), SEGMENT);
});

test('records of version 0.1.0 are read back unchanged', () => {
  const bytes = new Uint8Array(Buffer.from(SEGMENT, 'hex'));
  const first = readRecord(bytes, 0);
  assert.ok(first.kind === 'record');
  const second = readRecord(bytes, first.end);
  assert.ok(second.kind === 'record');
  assert.equal(second.end, bytes.length);
  assert.deepEqual([first.entry, second.entry], entries);
});

test('segments keep the names of version 0.1.0', () => {
  const name = { stream: 'events', run: 0xf06b9111, first: 43 } as const;
  const path = 'events/0000000000000043-f06b9111.seg';
  assert.equal(segmentPath(name), path);
  assert.deepEqual(parseSegmentName('events', path.slice('events/'.length)), name);
});
