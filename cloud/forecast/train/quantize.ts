import type { FittedMlp } from '../../../shared/forecast/learn/mlp-train.ts';

/** One layer's matrix [from x to] in eight bits with one scale per column; biases stay float32. */
export interface Int8Layer {
  readonly from: number;
  readonly to: number;
  readonly weights: Int8Array;
  readonly scales: Float32Array;
  readonly bias: Float32Array;
}

/** Symmetric, per column: a weight is its eight-bit value times the scale of its column. */
export function int8Layers({ mlp }: Pick<FittedMlp, 'mlp'>): Int8Layer[] {
  const layers: Int8Layer[] = [];
  let at = 0;
  for (let layer = 1; layer < mlp.sizes.length; layer++) {
    const [from, to] = [mlp.sizes[layer - 1]!, mlp.sizes[layer]!];
    const matrix = mlp.weights.subarray(at, at + from * to);
    const bias = mlp.weights.slice(at + from * to, at + (from + 1) * to);
    at += (from + 1) * to;
    const scales = new Float32Array(to);
    for (const [i, weight] of matrix.entries()) scales[i % to] = Math.max(scales[i % to]!, Math.abs(weight) / 127);
    const weights = Int8Array.from(matrix, (weight, i) =>
      scales[i % to] === 0 ? 0 : Math.round(weight / scales[i % to]!),
    );
    layers.push({ from, to, weights, scales, bias });
  }
  return layers;
}

/** The network after rounding to eight bits. Its float32 weights equal those that a runtime dequantises. */
export function quantizedMlp(fitted: FittedMlp): FittedMlp {
  const weights = fitted.mlp.weights.slice();
  let at = 0;
  for (const layer of int8Layers(fitted)) {
    for (const [i, value] of layer.weights.entries()) weights[at + i] = value * layer.scales[i % layer.to]!;
    at += (layer.from + 1) * layer.to;
  }
  return { ...fitted, mlp: { ...fitted.mlp, weights }, int8: true };
}
