import { featureNames } from '../../../../../shared/forecast/features.ts';
import { GATEWAY_QUANTILES } from '../../../../../shared/forecast/quantiles.ts';
import { floats, integers, node } from '../../graph-parts.ts';
import { writeOnnx, type OnnxNode, type OnnxTensor } from '../../onnx-writer.ts';

const STEPS = 96;
const schema = { steps: STEPS, stepS: 900, weather: false };
const names = featureNames(schema);
const FIRST_STEP = 11;
const STEP_COLUMNS = 11;
const MEAN7 = 3;
const SPREAD7 = 4;
/** Standard normal quantiles of the gateway's levels. */
const Z = [-1.645, -1.282, -0.674, 0, 0.674, 1.282, 1.645];

export interface SimpleModel {
  readonly shiftKw?: number;
  /** Nodes between `answer` [B, S, Q] and the output's `answer2`. */
  readonly end?: { readonly nodes: readonly OnnxNode[]; readonly initializers: readonly OnnxTensor[] };
  /** Quantiles of its answer, from the lowest. */
  readonly levels?: number;
}

/** The mean of the same hour of seven days, with their spread around it, for a gateway. */
export function simpleModel({ shiftKw = 0, end, levels = Z.length }: SimpleModel = {}): Uint8Array {
  const out = end === undefined ? 'answer' : 'answer2';
  return writeOnnx({
    name: 'simple',
    nodes: [
      node('Slice', ['features', 'first', 'last', 'axis1'], 'columns'),
      node('Reshape', ['columns', 'rows'], 'steps'),
      node('Slice', ['steps', 'mean', 'spread', 'axis2'], 'usual'),
      node('Slice', ['steps', 'spread', 'after', 'axis2'], 'width'),
      node('Mul', ['width', 'z'], 'around'),
      node('Add', ['usual', 'around'], 'unmoved'),
      node('Add', ['unmoved', 'shift'], 'answer'),
      ...(end?.nodes ?? []),
      node('Reshape', [out, 'flat'], 'quantiles'),
    ],
    initializers: [
      integers('first', [FIRST_STEP]),
      integers('last', [names.length]),
      integers('axis1', [1]),
      integers('axis2', [2]),
      integers('rows', [-1, STEPS, STEP_COLUMNS]),
      integers('mean', [MEAN7]),
      integers('spread', [SPREAD7]),
      integers('after', [SPREAD7 + 1]),
      integers('flat', [-1, STEPS * levels]),
      floats('z', [levels], Z.slice(0, levels)),
      floats('shift', [1], [shiftKw]),
      ...(end?.initializers ?? []),
    ],
    input: { name: 'features', width: names.length },
    outputs: [{ name: 'quantiles', width: STEPS * levels }],
  });
}

/** What it gives for a row. */
export function simpleAnswer(row: readonly number[], shiftKw = 0): number[] {
  return Array.from({ length: STEPS }, (_, step) => FIRST_STEP + step * STEP_COLUMNS).flatMap((at) =>
    Z.map((z) => row[at + MEAN7]! + z * row[at + SPREAD7]! + shiftKw),
  );
}

/** A row whose load is flat but for a little. */
export const simpleRow = (): number[] => names.map((_, i) => 1000 + (i % 17));

/** Grows to gigabytes as it runs: the outer product of a row with itself, and again with the row. */
export const hugeEnd: NonNullable<SimpleModel['end']> = {
  nodes: [
    node('Reshape', ['features', 'column'], 'tall'),
    node('Reshape', ['features', 'line'], 'wide'),
    node('MatMul', ['tall', 'wide'], 'square'),
    node('Reshape', ['square', 'column'], 'taller'),
    node('MatMul', ['taller', 'wide'], 'cube'),
    { ...node('ReduceSum', ['cube'], 'total'), attributes: { keepdims: 0 } },
    node('Add', ['answer', 'total'], 'answer2'),
  ],
  initializers: [integers('column', [-1, 1]), integers('line', [1, -1])],
};

/** Nothing by nothing. */
export const nanEnd: NonNullable<SimpleModel['end']> = {
  nodes: [
    node('Sub', ['answer', 'answer'], 'nothing'),
    node('Div', ['nothing', 'nothing'], 'nan'),
    node('Add', ['answer', 'nan'], 'answer2'),
  ],
  initializers: [],
};

export const simpleQuantiles = GATEWAY_QUANTILES;
