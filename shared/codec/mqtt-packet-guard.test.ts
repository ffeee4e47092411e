import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqttPacketGuard } from './mqtt-packet-guard.ts';

const packet = (length: number): Uint8Array => {
  const header = [0x30];
  let rest = length;
  do {
    header.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Uint8Array.from([...header, ...Array.from({ length }, () => 0xff)]);
};

test('packets up to the limit pass, however they are split', () => {
  const bytes = Uint8Array.from([...packet(0), ...packet(300), ...packet(127), ...packet(1000)]);
  for (const size of [1, 2, 3, 7, 129, 5000]) {
    const guard = new MqttPacketGuard(1000);
    for (let at = 0; at < bytes.length; at += size) assert.equal(guard.take(bytes.slice(at, at + size)), true);
  }
});

test('an oversized packet is rejected at its header, and so is a five-byte length', () => {
  assert.equal(new MqttPacketGuard(1000).take(packet(1001).slice(0, 3)), false);
  assert.equal(new MqttPacketGuard(2 ** 28).take(Uint8Array.from([0x10, 0x80, 0x80, 0x80, 0x80, 1])), false);
});
