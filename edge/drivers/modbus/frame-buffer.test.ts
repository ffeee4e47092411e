import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FrameBuffer } from './frame-buffer.ts';
import { rtuFraming, serialFraming, tcpFraming, type Framing } from './framing.ts';
import { hex } from './testing/memory-device.ts';

/** The frames found in bytes that arrive in pieces. */
function found(framing: Framing, bytes: Uint8Array, piece: number): string[] {
  const buffer = new FrameBuffer(framing);
  const frames: string[] = [];
  for (let from = 0; from < bytes.length; from += piece) {
    const part = bytes.subarray(from, from + piece);
    for (let at = 0; at < part.length;) {
      at += buffer.take(part.subarray(at));
      for (let next = buffer.next(); next.kind !== 'more'; next = buffer.next()) {
        if (next.kind === 'broken') return [...frames, next.why];
        frames.push(`${next.frame.unit} ${hex(next.frame.pdu)}`);
      }
    }
  }
  return frames;
}

/** Reference: byte by byte, with each checksum computed from scratch. */
function plainly(bytes: Uint8Array): string[] {
  const frames: string[] = [];
  for (let rest = bytes; ;) {
    const next = rtuFraming.decode(rest);
    if (next.kind === 'more') return frames;
    if (next.kind === 'frame') frames.push(`${next.frame.unit} ${hex(next.frame.pdu)}`);
    rest = next.kind === 'frame' ? next.rest : rest.subarray(1);
  }
}

const pdu = fc
  .tuple(fc.constantFrom(3, 4), fc.uint8Array({ maxLength: 250 }))
  .map(([code, data]) => Uint8Array.of(code, data.length, ...data));
const frame = fc.record({ unit: fc.nat(255), transaction: fc.nat(65_535), pdu });

test('property: on a serial line frames are found between noise, however the bytes are split', () => {
  const part = fc.oneof(
    frame.map((each) => rtuFraming.encode(each)),
    fc.uint8Array({ maxLength: 300 }),
    fc.nat(250).map((length) => Uint8Array.of(1, 3, length)),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), fc.integer({ min: 1, max: 3000 }), (parts, piece) => {
      const bytes = Uint8Array.from(parts.flatMap((each) => [...each]));
      for (const framing of [serialFraming(9600), rtuFraming])
        assert.deepEqual(found(framing, bytes, piece), plainly(bytes));
    }),
  );
});

test('property: without noise every frame is found, and garbage over Modbus TCP is reported', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 20 }), fc.integer({ min: 1, max: 3000 }), (frames, piece) => {
      for (const framing of [tcpFraming, rtuFraming]) {
        const bytes = Uint8Array.from(frames.flatMap((each) => [...framing.encode(each)]));
        const all = frames.map(({ unit, pdu: each }) => `${unit} ${hex(each)}`);
        assert.deepEqual(found(framing, bytes, piece), all);
        if (framing === rtuFraming) continue;
        const garbage = Uint8Array.of(...bytes, ...Array.from({ length: 7 }, () => 0x2b));
        assert.match(found(framing, garbage, piece).at(-1)!, /is not Modbus/);
      }
    }),
  );
});
