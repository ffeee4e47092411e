import { originFeatures, stepFeatures } from '../../../shared/forecast/features.ts';
import { GATEWAY_QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { fittedOf } from '../../../shared/federated/network.ts';
import {
  BASE_COLUMN,
  columnKinds,
  COLUMNS,
  LEAST_KW,
  LEAST_SHARE,
  LEVEL_COLUMN,
  PLAIN_ROW,
  SPREAD_COLUMN,
} from '../../../shared/federated/scale-free.ts';
import { floats, integers, node } from './graph-parts.ts';
import { writeOnnx, type OnnxNode } from './onnx-writer.ts';
import { mlpNodes, rowNodes } from './pooled-graph.ts';

const LAYOUT = { originCount: originFeatures(PLAIN_ROW).length, stepCount: stepFeatures(PLAIN_ROW).length };

/**
 * The shared network as one ONNX model: features [B, G + S x F] to quantiles [B, S x Q], kW. Level and scale come from the feature row, so
 * the same bytes serve every gateway. The caller has to sort the quantiles.
 */
export function federatedGraph(weights: Float32Array, { steps, stepS }: { steps: number; stepS: number }): Uint8Array {
  const { originCount: g, stepCount: f } = LAYOUT;
  const quantiles = GATEWAY_QUANTILES.length;
  const rows = rowNodes(LAYOUT, { steps, stepS });
  const network = mlpNodes('mlp', fittedOf(weights));
  const column = (index: number): Float32Array =>
    Float32Array.from({ length: COLUMNS }, (_, i) => (i === index ? 1 : 0));
  const mark = (of: (kind: (typeof columnKinds)[number]) => number): Float32Array => Float32Array.from(columnKinds, of);
  return writeOnnx({
    name: 'loadstone-federated',
    inputs: [{ name: 'features', dims: [g + steps * f] }],
    outputs: [{ name: 'quantiles', dims: [steps * quantiles] }],
    initializers: [
      integers('zero', [0]),
      integers('originEnd', [g]),
      integers('end', [g + steps * f]),
      integers('axis1', [1]),
      integers('stepShape', [-1, steps, f]),
      integers('perOrigin', [-1, steps, COLUMNS]),
      integers('flat', [-1, COLUMNS]),
      integers('answer', [-1, steps, quantiles]),
      integers('outputShape', [-1, steps * quantiles]),
      floats('pickLevel', [COLUMNS, 1], column(LEVEL_COLUMN)),
      floats('pickBase', [COLUMNS, 1], column(BASE_COLUMN)),
      floats('pickSpread', [COLUMNS, 1], column(SPREAD_COLUMN)),
      floats('leastShare', [], [LEAST_SHARE]),
      floats('leastKw', [], [LEAST_KW]),
      floats('nothing', [], [0]),
      floats(
        'isPower',
        [COLUMNS],
        mark((kind) => (kind === 'power' ? 1 : 0)),
      ),
      floats(
        'isScaled',
        [COLUMNS],
        mark((kind) => (typeof kind === 'string' ? 1 : 0)),
      ),
      floats(
        'times',
        [COLUMNS],
        mark((kind) => (typeof kind === 'string' ? 0 : kind.times)),
      ),
      ...rows.initializers,
      ...network.initializers,
    ],
    nodes: [
      node('Slice', ['features', 'zero', 'originEnd', 'axis1'], 'origin'),
      node('Slice', ['features', 'originEnd', 'end', 'axis1'], 'flatSteps'),
      node('Reshape', ['flatSteps', 'stepShape'], 'steps'),
      // The unscaled rows in kW, [B, S, W].
      ...rows.nodes.map((each) => (each.outputs[0] === 'rows' ? { ...each, outputs: ['kwFlat'] } : each)),
      node('Reshape', ['kwFlat', 'perOrigin'], 'kwRows'),
      node('MatMul', ['kwRows', 'pickLevel'], 'level'),
      node('MatMul', ['kwRows', 'pickBase'], 'base'),
      node('MatMul', ['kwRows', 'pickSpread'], 'spread'),
      node('Sub', ['base', 'level'], 'above'),
      ...magnitude('above', 'away'),
      node('Add', ['away', 'spread'], 'vary'),
      { ...node('ReduceMean', ['vary'], 'varyMean'), attributes: { axes: Int32Array.of(1), keepdims: 1 } },
      ...magnitude('level', 'levelSize'),
      node('Mul', ['levelSize', 'leastShare'], 'levelPart'),
      node('Max', ['varyMean', 'levelPart', 'leastKw'], 'scale'),
      node('Mul', ['level', 'isPower'], 'offset'),
      node('Sub', ['kwRows', 'offset'], 'centred'),
      node('Div', ['centred', 'scale'], 'perScale'),
      node('Mul', ['perScale', 'isScaled'], 'scaledPart'),
      node('Mul', ['kwRows', 'times'], 'plainPart'),
      node('Add', ['scaledPart', 'plainPart'], 'scaleFree'),
      node('Reshape', ['scaleFree', 'flat'], 'rows'),
      ...network.nodes,
      node('Reshape', ['mlpRaw', 'answer'], 'inScales'),
      node('Mul', ['inScales', 'scale'], 'overBase'),
      node('Add', ['overBase', 'base'], 'kw'),
      node('Reshape', ['kw', 'outputShape'], 'quantiles'),
    ],
  });
}

/** |x| from operators that a bundle may use. */
const magnitude = (input: string, output: string): OnnxNode[] => [
  node('Sub', ['nothing', input], `${output}Turned`),
  node('Max', [input, `${output}Turned`], output),
];
