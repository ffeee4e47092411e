import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOnnx } from './onnx-check.ts';

const SIZE = 1_000_000;
const MOST_CPU_MS = 100;

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; bytes.length === 0 || left > 0; left = Math.floor(left / 128))
    bytes.push((left % 128) | (left > 127 ? 128 : 0));
  return bytes;
}

const message = (field: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
const text = (field: number, content: string): Buffer => message(field, Buffer.from(content));
const filled = (part: Uint8Array): Buffer => Buffer.alloc(Math.floor(SIZE / part.length) * part.length, part);

const NOTHING = new Uint8Array();
/** Contents of a graph. */
const families: Readonly<Record<string, Buffer>> = {
  'nodes without anything': filled(message(1, NOTHING)),
  'nodes of an allowed operator': filled(message(1, text(4, 'Add'))),
  'a node with empty attributes': message(1, filled(message(5, NOTHING))),
  'a node with tensors in its attribute': message(1, message(5, filled(message(5, NOTHING)))),
  'a node with texts': message(1, filled(text(1, ''))),
  'a node of many long inputs': message(1, filled(text(1, 'x'.repeat(1000)))),
  'tensors with long names': filled(message(5, text(8, 'x'.repeat(1000)))),
  'empty tensors': filled(message(5, NOTHING)),
  'a tensor of many dimensions': message(5, filled(Buffer.from([0x08, 0x01]))),
  'a tensor of many packed dimensions': message(5, message(1, filled(Buffer.from([0x01])))),
  'a tensor of long varints': message(5, filled(Buffer.from([0x10, ...Array.from({ length: 9 }, () => 0xff), 0x01]))),
  'values without a type': filled(message(13, NOTHING)),
  'a value of many types': message(13, filled(message(2, message(1, NOTHING)))),
  'a value of many dimensions': message(13, message(2, message(1, message(2, filled(message(1, NOTHING)))))),
  'unknown fields': filled(Buffer.from([0xf8, 0x07, 0x01])),
};

test('1 MB of any family is checked within 100 ms of CPU', () => {
  const slow: string[] = [];
  const each = Object.entries(families).flatMap(([name, graph]) =>
    (['features', 'context'] as const).map((contract) => ({ name: `${name}, ${contract}`, graph, contract })),
  );
  for (const { name, graph, contract } of each) {
    const bytes = message(7, graph);
    // The best of three, because garbage collector and compiler run alongside.
    const costs = [0, 0, 0].map(() => {
      const before = process.cpuUsage();
      checkOnnx(bytes, contract);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    });
    const ms = Math.min(...costs);
    if (ms > MOST_CPU_MS) slow.push(`${name}: ${ms.toFixed(0)} ms`);
  }
  assert.deepEqual(slow, []);
});

test('more node inputs, dimensions or fields than any real model has are refused by name', () => {
  for (const [family, why] of [
    ['a node with texts', /a node has more than 1024 inputs and outputs/],
    ['a tensor of many dimensions', /a tensor has more than 16 dimensions/],
    ['a tensor of many packed dimensions', /a tensor has more than 16 dimensions/],
    ['unknown fields', /its graph has more than 20000 parts/],
  ] as const)
    for (const contract of ['features', 'context'] as const) {
      const checked = checkOnnx(message(7, families[family]!), contract);
      assert.match(checked.ok ? 'it passes' : checked.fault.detail, why, family);
    }
});
