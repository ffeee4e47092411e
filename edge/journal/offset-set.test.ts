import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { crc32c } from './crc32c.ts';
import { OffsetSet } from './offset-set.ts';

test('an offset set behaves like a set of numbers', () => {
  const range = fc.tuple(fc.boolean(), fc.nat(60), fc.nat(12)).map(([adds, from, length]) => ({ adds, from, length }));
  fc.assert(
    fc.property(fc.array(range, { maxLength: 40 }), (steps) => {
      const set = new OffsetSet();
      const model = new Set<number>();
      for (const { adds, from, length } of steps) {
        if (adds) set.add(from, from + length);
        else set.remove(from, from + length);
        for (let offset = from; offset <= from + length; offset++) {
          if (adds) model.add(offset);
          else model.delete(offset);
        }
      }
      assert.equal(set.size, model.size);
      const missing = new Set(set.missingWithin(0, 80).flatMap(([from, to]) => span(from, to)));
      for (let offset = 0; offset <= 80; offset++) {
        assert.equal(set.has(offset), model.has(offset));
        assert.equal(missing.has(offset), !model.has(offset));
      }
      assert.deepEqual(OffsetSet.from(set.ranges()).ranges(), set.ranges());
      const touching = set.ranges().some(([from], index) => index > 0 && set.ranges()[index - 1]![1] >= from - 1);
      assert.equal(touching, false);
    }),
  );
});

const span = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test("CRC-32C matches the standard's check value and RFC 3720, B.4", () => {
  assert.equal(crc32c(new TextEncoder().encode('123456789')), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
});
