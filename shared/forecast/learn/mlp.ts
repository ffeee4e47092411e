import { gaussian, type Random } from '../../ports/random.ts';

/**
 * A network of dense layers with ReLU between them. `weights` holds, layer by layer, the matrix [from x to] and then the `to` biases in one
 * array, so that an optimiser walks over it and a graph's Gemm reads it as it is.
 */
export interface Mlp {
  readonly sizes: readonly number[];
  readonly weights: Float32Array;
}

export const weightCount = (sizes: readonly number[]): number =>
  sizes.slice(1).reduce((sum, to, layer) => sum + (sizes[layer]! + 1) * to, 0);

/** Normal weights of variance 2 / inputs (He et al., 2015); in the last layer their deviation is a tenth of that. */
export function freshMlp(sizes: readonly number[], random: Random): Mlp {
  const weights = new Float32Array(weightCount(sizes));
  let at = 0;
  for (let layer = 1; layer < sizes.length; layer++) {
    const [from, to] = [sizes[layer - 1]!, sizes[layer]!];
    const scale = Math.sqrt(2 / from) * (layer === sizes.length - 1 ? 0.1 : 1);
    for (let i = 0; i < from * to; i++) weights[at++] = scale * gaussian(random);
    at += to;
  }
  return { sizes, weights };
}

/** Values of every layer for a batch of rows: [layer][row x unit]. The buffers are reused from step to step. */
export interface Activations {
  readonly batch: number;
  readonly values: readonly Float32Array[];
  readonly deltas: readonly Float32Array[];
}

export const activationsOf = ({ sizes }: Mlp, batch: number): Activations => ({
  batch,
  values: sizes.map((size) => new Float32Array(batch * size)),
  deltas: sizes.map((size) => new Float32Array(batch * size)),
});

/** Computes the last layer from values[0], which the caller has filled. */
export function forward({ sizes, weights }: Mlp, { batch, values }: Activations): Float32Array {
  let at = 0;
  for (let layer = 1; layer < sizes.length; layer++) {
    const shape = { batch, from: sizes[layer - 1]!, to: sizes[layer]! };
    dense(values[layer - 1]!, weights.subarray(at, at + (shape.from + 1) * shape.to), values[layer]!, shape);
    if (layer < sizes.length - 1) rectify(values[layer]!);
    at += (shape.from + 1) * shape.to;
  }
  return values.at(-1)!;
}

/** Writes the gradient of the loss by the weights. deltas.at(-1) holds the gradient by the last layer. */
export function backward(
  { sizes, weights }: Mlp,
  { batch, values, deltas }: Activations,
  gradient: Float32Array,
): void {
  let end = weights.length;
  for (let layer = sizes.length - 1; layer > 0; layer--) {
    const shape = { batch, from: sizes[layer - 1]!, to: sizes[layer]! };
    const begin = end - (shape.from + 1) * shape.to;
    const [above, below] = [deltas[layer]!, deltas[layer - 1]!];
    if (layer < sizes.length - 1) silence(above, values[layer]!);
    weightGradient(values[layer - 1]!, above, gradient.subarray(begin, end), shape);
    if (layer > 1) carryBack(above, weights.subarray(begin, end), below, shape);
    end = begin;
  }
}

interface Shape {
  readonly batch: number;
  readonly from: number;
  readonly to: number;
}

/** Four rows at a time share each weight that is read. `batch` is a multiple of four. */
function dense(input: Float32Array, weights: Float32Array, output: Float32Array, { batch, from, to }: Shape): void {
  const bias = from * to;
  for (let row = 0; row < batch; row += 4) {
    const [i0, o0] = [row * from, row * to];
    const [i1, i2, i3] = [i0 + from, i0 + 2 * from, i0 + 3 * from];
    const [o1, o2, o3] = [o0 + to, o0 + 2 * to, o0 + 3 * to];
    for (let k = 0; k < to; k++) {
      const b = weights[bias + k]!;
      output[o0 + k] = b;
      output[o1 + k] = b;
      output[o2 + k] = b;
      output[o3 + k] = b;
    }
    for (let j = 0; j < from; j++) {
      const [x0, x1, x2, x3] = [input[i0 + j]!, input[i1 + j]!, input[i2 + j]!, input[i3 + j]!];
      if (x0 === 0 && x1 === 0 && x2 === 0 && x3 === 0) continue;
      const at = j * to;
      for (let k = 0; k < to; k++) {
        const w = weights[at + k]!;
        output[o0 + k]! += x0 * w;
        output[o1 + k]! += x1 * w;
        output[o2 + k]! += x2 * w;
        output[o3 + k]! += x3 * w;
      }
    }
  }
}

function weightGradient(input: Float32Array, above: Float32Array, out: Float32Array, { batch, from, to }: Shape): void {
  out.fill(0);
  const bias = from * to;
  for (let row = 0; row < batch; row += 4) {
    const [i0, a0] = [row * from, row * to];
    const [i1, i2, i3] = [i0 + from, i0 + 2 * from, i0 + 3 * from];
    const [a1, a2, a3] = [a0 + to, a0 + 2 * to, a0 + 3 * to];
    for (let k = 0; k < to; k++) out[bias + k]! += above[a0 + k]! + above[a1 + k]! + above[a2 + k]! + above[a3 + k]!;
    for (let j = 0; j < from; j++) {
      const [x0, x1, x2, x3] = [input[i0 + j]!, input[i1 + j]!, input[i2 + j]!, input[i3 + j]!];
      if (x0 === 0 && x1 === 0 && x2 === 0 && x3 === 0) continue;
      const at = j * to;
      for (let k = 0; k < to; k++)
        out[at + k]! += x0 * above[a0 + k]! + x1 * above[a1 + k]! + x2 * above[a2 + k]! + x3 * above[a3 + k]!;
    }
  }
}

function carryBack(above: Float32Array, weights: Float32Array, below: Float32Array, { batch, from, to }: Shape): void {
  for (let row = 0; row < batch; row++) {
    for (let j = 0; j < from; j++) {
      let sum = 0;
      const at = j * to;
      for (let k = 0; k < to; k++) sum += weights[at + k]! * above[row * to + k]!;
      below[row * from + j] = sum;
    }
  }
}

function rectify(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) if (values[i]! < 0) values[i] = 0;
}

/** No gradient passes a unit that was inactive. */
function silence(deltas: Float32Array, values: Float32Array): void {
  for (let i = 0; i < deltas.length; i++) if (values[i]! <= 0) deltas[i] = 0;
}
