import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SizeWatch, type GraphNode } from './onnx-sizes.ts';

const made = (operator: string, inputs: string, outputs: string): GraphNode => ({
  operator,
  inputs: inputs.split(' '),
  outputs: outputs.split(' '),
});

/** The first fault of these nodes; `context` is an input, `k` a constant. */
function faultOf(...nodes: readonly GraphNode[]): string | undefined {
  const watch = new SizeWatch();
  watch.input('context');
  watch.constant('k');
  for (const each of nodes) {
    const fault = watch.node(each);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

test('a size may come from constants and from shapes', () => {
  assert.equal(
    faultOf(
      made('Shape', 'context', 'shape'),
      made('Gather', 'shape k', 'batch'),
      made('Concat', 'batch k', 'whole'),
      made('Expand', 'k whole', 'wide'),
      made('ConstantOfShape', 'whole', 'zeros'),
      made('Range', 'k batch k', 'positions'),
      made('Reshape', 'context k', 'patches'),
      made('Tile', 'patches k', 'tiled'),
      made('Pad', 'tiled k  k', 'padded'),
    ),
    undefined,
  );
});

test('a size may not depend on an input value, however indirectly', () => {
  const cast = made('Cast', 'context', 'value');
  const far = [cast, made('Mul', 'value k', 'more'), made('Concat', 'k more', 'size')];
  for (const node of [
    made('Expand', 'k size', 'out'),
    made('Tile', 'k size', 'out'),
    made('ConstantOfShape', 'size', 'out'),
    made('Range', 'k k size', 'out'),
    made('Pad', 'k size', 'out'),
    made('Reshape', 'context size', 'out'),
    made('Slice', 'context k size', 'out'),
    made('Split', 'context size', 'out out2'),
    made('ReduceSum', 'context size', 'out'),
  ])
    assert.equal(faultOf(...far, node), `the size of what ${node.operator} makes follows from a value of its input`);
});

test('the order of nodes or a duplicate name cannot hide an input value', () => {
  assert.equal(faultOf(made('Expand', 'k size', 'out'), made('Cast', 'context', 'size')), 'its nodes are not in order');
  assert.equal(
    faultOf(made('Cast', 'context', 'size'), made('Identity', 'k', 'size'), made('Expand', 'k size', 'out')),
    'two nodes make size',
  );
  assert.equal(faultOf(made('Identity', 'k', 'context')), 'two nodes make context');
});
