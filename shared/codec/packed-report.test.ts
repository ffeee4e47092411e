import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { unwrap } from '../outcome/outcome.ts';
import { packReport, ReportPacker, ReportReader } from './packed-report.ts';

const json = (count: number): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({
      version: 1,
      count,
      devices: Array.from({ length: 20 }, (_, at) => ({
        device: `pv-${at}`,
        kw: Math.sin(at),
        lastSeen: count * 7 + at,
      })),
    }),
  );
const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

test('reports are read unchanged, and those after a full one are small', () => {
  const [packer, reader] = [new ReportPacker(), new ReportReader()];
  const sizes = Array.from({ length: 20 }, (_, at) => {
    const packed = packer.pack(json(at), at * 5000);
    assert.deepEqual(unwrap(reader.read(packed)), json(at));
    return packed.length;
  });
  assert.ok(sizes.slice(1).every((size) => size * 2 <= sizes[0]!));
});

test('a full report is sent at least every two minutes, which recovers from a lost one', () => {
  const [packer, reader] = [new ReportPacker(), new ReportReader()];
  packer.pack(json(0), 0);
  const read = Array.from({ length: 30 }, (_, at) => unwrap(reader.read(packer.pack(json(at), at * 5000))));
  assert.deepEqual([read[0], read[23]], [undefined, undefined]);
  assert.deepEqual(
    read.slice(24).map(textOf),
    [24, 25, 26, 27, 28, 29].map((at) => textOf(json(at))),
  );
});

test('a report that differs completely is sent in full, and so is the first after a reset', () => {
  const [packer, reader] = [new ReportPacker(), new ReportReader()];
  packer.pack(json(1), 0);
  const other = new TextEncoder().encode(JSON.stringify(Array.from({ length: 300 }, (_, at) => (at * 7919) % 1009)));
  assert.deepEqual(unwrap(reader.read(packer.pack(other, 1))), other);
  packer.reset();
  assert.deepEqual(unwrap(new ReportReader().read(packer.pack(json(2), 2))), json(2));
});

test('plain JSON is read, and the byte format of this version stays readable', () => {
  assert.deepEqual(unwrap(new ReportReader().read(json(1))), json(1));
  const reader = new ReportReader();
  const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
  assert.equal(textOf(unwrap(reader.read(hex(WHOLE)))), '{"version":1,"count":1}');
  assert.equal(textOf(unwrap(reader.read(hex(DELTA)))), '{"version":1,"count":2}');
});

/** Recorded once from the codec of this version. */
const WHOLE = '011b160000041c72e4e7e41a6b2b2b11a595b256c34f0d09b1a807';
const DELTA = '0219154825abc6266c540b00';

test('garbage is rejected, and a few bytes that expand to gigabytes are not unpacked', () => {
  const reader = new ReportReader();
  const bomb = new Uint8Array(brotliCompressSync(new Uint8Array(2_000_000)));
  const [whole] = packReport(json(1));
  for (const bytes of [[1, 2, 3], [2], [2, 1, 2, 3, 4], [whole!, ...bomb]])
    assert.equal(reader.read(new Uint8Array(bytes)).ok, false);
  const packer = new ReportPacker();
  unwrap(reader.read(packer.pack(json(1), 0)));
  const delta = packer.pack(json(2), 1);
  delta.fill(255, 5);
  assert.equal(reader.read(delta).ok, false);
});
