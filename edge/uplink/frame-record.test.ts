import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../../shared/contracts/frame.ts';
import { decodeFrameRecord, FrameRecords } from './frame-record.ts';

const record = (value: number) => {
  const power = { metric: 'activePowerKw', value, quality: 'good', origin: 'measured' } as const;
  const frame: Frame = { device: 'battery-1', time: 1_632_528_000_000, values: [power] };
  return { frame, monotonicMs: 7 };
};

test('a fresh frame is sent from memory once, later identically from its bytes', () => {
  const records = new FrameRecords();
  const written = record(42.5);
  const payload = records.encode(written);
  assert.equal(records.decode(payload), written, 'the same frame');
  const again = records.decode(payload);
  assert.notEqual(again, written, 'now only in the journal');
  assert.deepEqual(again, written);
  assert.deepEqual(new FrameRecords().decode(payload), written, 'after a restart');
});

test('backlog is not cached, and values that JSON alters are sent as they will be resent', () => {
  const records = new FrameRecords();
  const written = record(1);
  const payload = records.encode(written);
  records.forget(payload);
  assert.notEqual(records.decode(payload), written);
  const zero = records.encode(record(-0));
  assert.ok(Object.is(records.decode(zero)?.frame.values[0]?.value, 0));
  assert.deepEqual(decodeFrameRecord(zero), record(0));
});

test('records keep the bytes of existing journals', () => {
  const frame: Frame = {
    device: 'battery-1',
    time: 1_632_528_000_000,
    values: [
      { metric: 'activePowerKw', value: 42.5, quality: 'uncertain', origin: 'substituted' },
      { metric: 'socPct', value: 50, quality: 'bad', origin: 'estimated' },
      { metric: 'sessions', value: 0, quality: 'good', origin: 'measured' },
    ],
  };
  assert.equal(
    new TextDecoder().decode(new FrameRecords().encode({ frame, monotonicMs: 7 })),
    '["battery-1",1632528000000,7,[["activePowerKw",42.5,1,2],["socPct",50,2,1],["sessions",0,0,0]]]',
  );
});
