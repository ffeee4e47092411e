import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOnnx } from './onnx-check.ts';
import { fields } from './onnx-fields.ts';

const message = (field: number, content: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([field * 8 + 2, bytes.length]), bytes]);
};
const modelOf = (...node: readonly Buffer[]): Buffer =>
  message(7, message(1, Buffer.concat([message(1, 'a'), message(2, 'b'), ...node])));
/** The tag of a field with a bit set above the low 32. */
const tagged = (field: number, content: string): Buffer =>
  Buffer.concat([Buffer.from([(field * 8 + 2) | 128, 0x80, 0x80, 0x80, 0x10, content.length]), Buffer.from(content)]);

test('a field tag longer than the runtime reads cannot hide an operator', () => {
  const plain = checkOnnx(modelOf(message(4, 'Loop')));
  assert.match(plain.ok ? 'it passes' : plain.fault.detail, /operator Loop is not allowed/);
  for (const contract of ['features', 'context'] as const) {
    const hidden = checkOnnx(modelOf(tagged(4, 'Loop')), contract);
    assert.match(hidden.ok ? 'it passes' : hidden.fault.detail, /no ONNX file/);
  }
  assert.throws(() => [...fields(Uint8Array.of(0x02, 0x00))], RangeError, 'there is no field 0');
});

test('a fixed-width value, which the runtime skips, cannot stand in for an operator', () => {
  const fixed = Buffer.concat([Buffer.from([4 * 8 + 1]), Buffer.from('Identity')]);
  assert.deepEqual([...fields(fixed)], []);
  const graph = message(
    7,
    Buffer.concat([
      message(
        1,
        Buffer.concat([message(1, 'k'), message(1, 'context'), message(2, 'out'), message(4, 'Expand'), fixed]),
      ),
      message(5, message(8, 'k')),
      message(11, message(1, 'context')),
    ]),
  );
  const checked = checkOnnx(graph, 'context');
  assert.match(checked.ok ? 'it passes' : checked.fault.detail, /the size of what Expand makes follows from a value/);
});
