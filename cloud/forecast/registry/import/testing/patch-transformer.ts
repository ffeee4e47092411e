import type { ModelContext } from '../../../../../shared/contracts/model.ts';
import { SeededRandom } from '../../../../../shared/ports/random.ts';
import { floats, integers, node } from '../../graph-parts.ts';
import { writeOnnx, type GraphEnd, type OnnxNode, type OnnxTensor } from '../../onnx-writer.ts';

/** Size of a patch transformer. */
export interface TransformerSize {
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  /** Width of the feed-forward part of a layer. */
  readonly hidden: number;
  /** Eight-bit matrices; activations are quantised at run time. */
  readonly int8: boolean;
}

/** 0.1 M parameters in float32. */
export const SMALL: TransformerSize = { width: 64, heads: 4, layers: 2, hidden: 128, int8: false };
/** The size of Chronos-Bolt tiny: 9 M parameters in eight bits. */
export const TINY: TransformerSize = { width: 256, heads: 4, layers: 11, hidden: 1024, int8: true };

export const STEPS = 192;
export const STEP_S = 900;
/** Steps a day, and days of history. */
export const DAY = 96;
export const DAYS = 7;
export const CONTEXT = {
  length: DAYS * DAY,
  covariates: ['sin1', 'cos1', 'free', 'ghi', 'wind'],
} satisfies ModelContext;
export const PATCH = 16;
const PAST = CONTEXT.length / PATCH;
export const AHEAD = STEPS / PATCH;
const TOKENS = PAST + AHEAD;
/** The covariates left unscaled, and the units of the weather: W/m2 and m/s. */
const CALENDAR = 3;
const WEATHER_UNITS = [200, 4];
/** Residuals, which of them are known, and the covariates. */
const TOKEN_INPUTS = PATCH * (2 + CONTEXT.covariates.length);
/** Hourly means of the last day, which the head sees beside the attention's output for the week. */
const RECENT = 24;
/** Weight of the overall mean, for times of day that are unknown on all days. */
export const LITTLE = 1e-3;
/** Seven bits: on processors without byte dot products, sums of eight bits saturate. */
const MOST = 63;

/**
 * The head's inputs for each patch ahead: its own state and weather, the state of the last known patch, the last day, and a constant one.
 */
export const seenBy = ({ width }: TransformerSize): number => 2 * width + PATCH * WEATHER_UNITS.length + RECENT + 1;

/** The result of training: [seen x PATCH], and the distance of each quantile from the point, by step. */
export interface Head {
  readonly matrix: Float32Array;
  /** [step x quantile] */
  readonly spread: Float32Array;
  readonly quantiles: number;
}

/**
 * A transformer over patches of a week's residuals from the mean of its days, with a token for each patch ahead that holds its covariates.
 * Attention and feed-forward parts are random, from the seed; only the head is trained. Without a head the graph returns the head's inputs,
 * `seen` [B, patches ahead x seen].
 */
export function patchTransformer(
  size: TransformerSize,
  seed: number,
  head?: Head,
): { onnx: Uint8Array; parameters: number } {
  const graph = new Graph(size.int8, seed);
  residuals(graph);
  weather(graph);
  encoder(graph, size);
  const seen = seenBy(size);
  const outputs: GraphEnd[] = [];
  if (head === undefined) {
    graph.shaped('seen3', [-1, AHEAD * seen], 'seen');
    outputs.push({ name: 'seen', dims: [AHEAD * seen] });
  } else {
    graph.constant(floats('head', [seen, PATCH], head.matrix));
    graph.constant(floats('spread', [STEPS, head.quantiles], head.spread));
    graph.add(node('MatMul', ['seen3', 'head'], 'pointPatches'));
    graph.shaped('pointPatches', [-1, STEPS, 1], 'points');
    graph.add(node('Add', ['points', 'spread'], 'scaled'));
    graph.add(node('Mul', ['scaled', 'scale'], 'unscaled'));
    graph.constant(integers('twice', [1, STEPS / DAY, 1]));
    graph.add(node('Tile', ['usual', 'twice'], 'usualDays'));
    graph.shaped('usualDays', [-1, STEPS, 1], 'usualAhead');
    graph.add(node('Add', ['unscaled', 'usualAhead'], 'answer'));
    graph.shaped('answer', [-1, STEPS * head.quantiles], 'quantiles');
    outputs.push({ name: 'quantiles', dims: [STEPS * head.quantiles] });
  }
  return graph.finish(outputs);
}

/** From `context` [B, L] to `known3` and `residual3` [B, days, steps of a day], `usual` [B, 1, steps of a day] and `scale` [B, 1, 1]. */
function residuals(graph: Graph): void {
  graph.constant(floats('nothing', [], [0]));
  graph.constant(floats('one', [], [1]));
  graph.constant(floats('little', [], [LITTLE]));
  graph.constant(integers('axis1', [1]));
  graph.constant(integers('axis12', [1, 2]));
  graph.add(node('IsNaN', ['context'], 'unknown'));
  graph.add(node('Where', ['unknown', 'nothing', 'context'], 'history'));
  graph.add(node('Not', ['unknown'], 'isKnown'));
  graph.add(node('Cast', ['isKnown'], 'known'), { to: 1 });
  graph.shaped('history', [-1, DAYS, DAY], 'history3');
  graph.shaped('known', [-1, DAYS, DAY], 'known3');
  graph.add(node('ReduceSum', ['known3', 'axis12'], 'count'));
  graph.add(node('Max', ['count', 'one'], 'counted'));
  graph.add(node('ReduceSum', ['history3', 'axis12'], 'total'));
  graph.add(node('Div', ['total', 'counted'], 'mean'));
  graph.add(node('Mul', ['mean', 'little'], 'littleMean'));
  graph.add(node('ReduceSum', ['history3', 'axis1'], 'daySum'));
  graph.add(node('Add', ['daySum', 'littleMean'], 'daySums'));
  graph.add(node('ReduceSum', ['known3', 'axis1'], 'dayCount'));
  graph.add(node('Add', ['dayCount', 'little'], 'dayCounts'));
  graph.add(node('Div', ['daySums', 'dayCounts'], 'usual'));
  graph.add(node('Sub', ['history3', 'usual'], 'away'));
  graph.add(node('Mul', ['away', 'known3'], 'left'));
  graph.add(node('Mul', ['left', 'left'], 'square'));
  graph.add(node('ReduceSum', ['square', 'axis12'], 'squares'));
  graph.add(node('Div', ['squares', 'counted'], 'variance'));
  graph.add(node('Add', ['variance', 'one'], 'variance1'));
  graph.add(node('Sqrt', ['variance1'], 'scale'));
  graph.add(node('Div', ['left', 'scale'], 'residual3'));
}

/**
 * From `covariates` to `covariatePatches` [B, tokens, ...] and `weatherAhead` [B, patches ahead, ...]: the weather less its mean over the
 * week.
 */
function weather(graph: Graph): void {
  const all = CONTEXT.covariates.length;
  graph.add(node('IsNaN', ['covariates'], 'lacks'));
  graph.add(node('Where', ['lacks', 'nothing', 'covariates'], 'whole'));
  graph.shaped('whole', [-1, DAYS + STEPS / DAY, DAY, all], 'whole4');
  graph.cut('whole4', [0, CALENDAR], 3, 'calendar4');
  graph.cut('whole4', [CALENDAR, all], 3, 'weather4');
  graph.cut('weather4', [0, DAYS], 1, 'weatherPast');
  graph.add(node('ReduceMean', ['weatherPast'], 'weatherUsual'), { axes: Int32Array.from([1]) });
  graph.add(node('Sub', ['weather4', 'weatherUsual'], 'weatherAway'));
  graph.constant(floats('weatherUnits', [WEATHER_UNITS.length], WEATHER_UNITS));
  graph.add(node('Div', ['weatherAway', 'weatherUnits'], 'weatherScaled'));
  graph.add(node('Concat', ['calendar4', 'weatherScaled'], 'covariates4'), { axis: 3 });
  graph.shaped('covariates4', [-1, TOKENS, PATCH * all], 'covariatePatches');
  graph.shaped('weatherScaled', [-1, TOKENS, PATCH * WEATHER_UNITS.length], 'weatherPatches');
  graph.cut('weatherPatches', [PAST, TOKENS], 1, 'weatherAhead');
}

/** To `seen3` [B, patches ahead, seen]. */
function encoder(graph: Graph, size: TransformerSize): void {
  const { width, layers } = size;
  graph.shaped('residual3', [-1, PAST, PATCH], 'residualPatches');
  graph.shaped('known3', [-1, PAST, PATCH], 'knownPatches');
  graph.add(node('Concat', ['residualPatches', 'knownPatches'], 'pastPatches'), { axis: 2 });
  graph.constant(integers('aheadRoom', [0, 0, 0, 0, AHEAD, 0]));
  graph.add(node('Pad', ['pastPatches', 'aheadRoom'], 'patches'));
  graph.add(node('Concat', ['patches', 'covariatePatches'], 'tokenInputs'), { axis: 2 });
  graph.matrix('tokenInputs', [TOKEN_INPUTS, width], 'embedded');
  graph.constant(floats('position', [TOKENS, width], graph.drawn(TOKENS * width, 0.5)));
  graph.add(node('Add', ['embedded', 'position'], 'state0'));
  for (let layer = 0; layer < layers; layer++) layerOf(graph, size, layer);
  graph.norm(`state${layers}`, width, 'states');
  graph.cut('states', [PAST, TOKENS], 1, 'aheadStates');
  graph.cut('states', [PAST - 1, PAST], 1, 'lastState');
  graph.cut('residual3', [DAYS - 1, DAYS], 1, 'lastDay');
  graph.shaped('lastDay', [-1, 1, RECENT, DAY / RECENT], 'lastHours');
  graph.constant(integers('axis3', [3]));
  graph.add(node('ReduceSum', ['lastHours', 'axis3'], 'recent'), { keepdims: 0 });
  graph.constant(integers('eachAhead', [1, AHEAD, 1]));
  graph.add(node('Tile', ['lastState', 'eachAhead'], 'lastStates'));
  graph.add(node('Tile', ['recent', 'eachAhead'], 'recents'));
  // A one for each patch ahead, for any number of rows.
  graph.cut('aheadStates', [0, 1], 2, 'firstOfEach');
  graph.add(node('Shape', ['firstOfEach'], 'onesShape'));
  graph.constant(floats('oneWide', [1, 1, 1], [1]));
  graph.add(node('Expand', ['oneWide', 'onesShape'], 'ones'));
  graph.add(node('Concat', ['aheadStates', 'weatherAhead', 'lastStates', 'recents', 'ones'], 'seen3'), { axis: 2 });
}

/** Attention and feed-forward, each after a norm and added to its input. */
function layerOf(graph: Graph, { width, heads, hidden }: TransformerSize, layer: number): void {
  const at = (name: string): string => `${name}${layer}`;
  graph.norm(at('state'), width, at('normed'));
  for (const part of ['query', 'key', 'value']) {
    graph.matrix(at('normed'), [width, width], at(part));
    graph.shaped(at(part), [-1, TOKENS, heads, width / heads], at(`${part}Heads`));
    const perm = Int32Array.from(part === 'key' ? [0, 2, 3, 1] : [0, 2, 1, 3]);
    graph.add(node('Transpose', [at(`${part}Heads`)], at(`${part}s`)), { perm });
  }
  graph.add(node('MatMul', [at('querys'), at('keys')], at('match')));
  graph.constant(floats(at('sharpness'), [], [2 / Math.sqrt(width / heads)]));
  graph.add(node('Mul', [at('match'), at('sharpness')], at('scores')));
  graph.add(node('Softmax', [at('scores')], at('weights')), { axis: -1 });
  graph.add(node('MatMul', [at('weights'), at('values')], at('mixed')));
  graph.add(node('Transpose', [at('mixed')], at('mixedBack')), { perm: Int32Array.from([0, 2, 1, 3]) });
  graph.shaped(at('mixedBack'), [-1, TOKENS, width], at('joined'));
  graph.matrix(at('joined'), [width, width], at('attention'));
  graph.add(node('Add', [at('state'), at('attention')], at('attended')));
  graph.norm(at('attended'), width, at('attendedNormed'));
  graph.matrix(at('attendedNormed'), [width, hidden], at('wide'));
  graph.add(node('Relu', [at('wide')], at('bent')));
  graph.matrix(at('bent'), [hidden, width], at('fed'));
  graph.add(node('Add', [at('attended'), at('fed')], `state${layer + 1}`));
}

/** Nodes and constants in order; weights are drawn from the seed. */
class Graph {
  readonly #nodes: OnnxNode[] = [];
  readonly #constants: OnnxTensor[] = [];
  readonly #random: SeededRandom;
  readonly #int8: boolean;
  #parameters = 0;

  constructor(int8: boolean, seed: number) {
    this.#int8 = int8;
    this.#random = new SeededRandom(seed, 'patch transformer');
  }

  add(one: OnnxNode, attributes?: OnnxNode['attributes']): void {
    this.#nodes.push(attributes === undefined ? one : { ...one, attributes });
  }

  constant(tensor: OnnxTensor): void {
    this.#constants.push(tensor);
    if (tensor.data instanceof Float32Array) this.#parameters += tensor.data.length;
  }

  /** Uniform around zero with this standard deviation. */
  drawn(count: number, deviation: number): Float32Array {
    const width = deviation * Math.sqrt(12);
    return Float32Array.from({ length: count }, () => width * (this.#random.next() - 0.5));
  }

  shaped(from: string, shape: readonly number[], to: string): void {
    this.constant(integers(`${to}Shape`, shape));
    this.add(node('Reshape', [from, `${to}Shape`], to));
  }

  cut(name: string, [from, to]: readonly [number, number], axis: number, out: string): void {
    this.constant(integers(`${out}From`, [from]));
    this.constant(integers(`${out}To`, [to]));
    this.constant(integers(`${out}Axis`, [axis]));
    this.add(node('Slice', [name, `${out}From`, `${out}To`, `${out}Axis`], out));
  }

  norm(from: string, width: number, to: string): void {
    this.constant(floats(`${to}Gain`, [width], new Float32Array(width).fill(1)));
    this.add(node('LayerNormalization', [from, `${to}Gain`], to), { axis: -1 });
  }

  /** Multiplies by a random matrix. In eight bits, input and matrix are quantised, the input at run time with one scale. */
  matrix(from: string, dims: readonly [number, number], to: string): void {
    const deviation = 1 / Math.sqrt(dims[0]);
    if (!this.#int8) {
      this.constant(floats(`${to}Matrix`, dims, this.drawn(dims[0] * dims[1], deviation)));
      this.add(node('MatMul', [from, `${to}Matrix`], to));
      return;
    }
    const scale = (2 * deviation) / MOST;
    const weights = Int8Array.from(this.drawn(dims[0] * dims[1], deviation / scale), (weight) =>
      Math.max(-MOST, Math.min(MOST, Math.round(weight))),
    );
    this.#parameters += weights.length;
    this.#constants.push({ name: `${to}Int8`, dims, data: weights });
    this.constant(floats(`${to}Scale`, [], [scale]));
    const parts = [`${to}Bytes`, `${to}Step`, `${to}Zero`];
    this.add({ op: 'DynamicQuantizeLinear', inputs: [from], outputs: parts });
    this.add(node('MatMulInteger', [`${to}Bytes`, `${to}Int8`, `${to}Zero`], `${to}Whole`));
    this.add(node('Cast', [`${to}Whole`], `${to}Float`), { to: 1 });
    this.add(node('Mul', [`${to}Step`, `${to}Scale`], `${to}Unit`));
    this.add(node('Mul', [`${to}Float`, `${to}Unit`], to));
  }

  finish(outputs: readonly GraphEnd[]): { onnx: Uint8Array; parameters: number } {
    const inputs = [
      { name: 'context', dims: [CONTEXT.length] },
      { name: 'covariates', dims: [CONTEXT.length + STEPS, CONTEXT.covariates.length] },
    ];
    const onnx = writeOnnx({
      name: 'patch-transformer',
      nodes: this.#nodes,
      initializers: this.#constants,
      inputs,
      outputs,
    });
    return { onnx, parameters: this.#parameters };
  }
}
