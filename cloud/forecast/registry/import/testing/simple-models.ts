import { featureNames } from '../../../../../shared/forecast/features.ts';
import { GATEWAY_QUANTILES, QUANTILES } from '../../../../../shared/forecast/quantiles.ts';
import { floats, integers, node } from '../../graph-parts.ts';
import { writeOnnx, type OnnxNode, type OnnxTensor } from '../../onnx-writer.ts';

const namesOf = (steps: number): string[] => featureNames({ steps, stepS: 900, weather: false });
const STEPS = 96;
const names = namesOf(STEPS);
const FIRST_STEP = 11;
const STEP_COLUMNS = 11;
const MEAN7 = 3;
const SPREAD7 = 4;
/** Standard normal quantiles of the gateway's levels. */
const Z = [-1.645, -1.282, -0.674, 0, 0.674, 1.282, 1.645];
/** Standard normal quantiles of the cloud's levels above the median, from 0.55 to 0.95. */
const ABOVE = [0.126, 0.253, 0.385, 0.524, 0.674, 0.842, 1.036, 1.282, 1.645];
const CLOUD_Z = [...ABOVE.map((z) => -z).toReversed(), 0, ...ABOVE];

export interface SimpleModel {
  readonly shiftKw?: number;
  /** Nodes between `answer` [B, S, Q] and `answer2`, the input of the output. */
  readonly end?: { readonly nodes: readonly OnnxNode[]; readonly initializers: readonly OnnxTensor[] };
  /** Number of quantiles, from the lowest. */
  readonly levels?: number;
}

/** A gateway model: the mean of the same hour of seven days, with their spread around it. */
export const simpleModel = ({ levels = Z.length, ...rest }: SimpleModel = {}): Uint8Array =>
  usualModel({ steps: STEPS, z: Z.slice(0, levels) }, rest);

/** The same for the cloud. */
export const simpleCloudModel = (): Uint8Array => usualModel({ steps: 192, z: CLOUD_Z }, {});

function usualModel(
  { steps, z }: { readonly steps: number; readonly z: readonly number[] },
  { shiftKw = 0, end }: Omit<SimpleModel, 'levels'>,
): Uint8Array {
  const width = namesOf(steps).length;
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
      integers('last', [width]),
      integers('axis1', [1]),
      integers('axis2', [2]),
      integers('rows', [-1, steps, STEP_COLUMNS]),
      integers('mean', [MEAN7]),
      integers('spread', [SPREAD7]),
      integers('after', [SPREAD7 + 1]),
      integers('flat', [-1, steps * z.length]),
      floats('z', [z.length], z),
      floats('shift', [1], [shiftKw]),
      ...(end?.initializers ?? []),
    ],
    inputs: [{ name: 'features', dims: [width] }],
    outputs: [{ name: 'quantiles', dims: [steps * z.length] }],
  });
}

/** Its answer for a row. */
export function simpleAnswer(row: readonly number[], shiftKw = 0): number[] {
  return Array.from({ length: STEPS }, (_, step) => FIRST_STEP + step * STEP_COLUMNS).flatMap((at) =>
    Z.map((z) => row[at + MEAN7]! + z * row[at + SPREAD7]! + shiftKw),
  );
}

/** An almost flat row. */
export const simpleRow = (): number[] => names.map((_, i) => 1000 + (i % 17));

/** Grows to gigabytes at run time: the outer product of a row with itself, and again with the row. */
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

/** Divides zero by zero. */
export const nanEnd: NonNullable<SimpleModel['end']> = {
  nodes: [
    node('Sub', ['answer', 'answer'], 'nothing'),
    node('Div', ['nothing', 'nothing'], 'nan'),
    node('Add', ['answer', 'nan'], 'answer2'),
  ],
  initializers: [],
};

export const simpleQuantiles = GATEWAY_QUANTILES;

/** Horizon, quantiles and simple model of each place. */
export const simplePlaces = {
  gateway: { steps: STEPS, quantiles: GATEWAY_QUANTILES, model: simpleModel },
  cloud: { steps: 192, quantiles: QUANTILES, model: simpleCloudModel },
};
