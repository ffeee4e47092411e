import type { OnnxNode, OnnxTensor } from './onnx-writer.ts';

export const node = (op: string, inputs: readonly string[], output: string): OnnxNode => ({
  op,
  inputs,
  outputs: [output],
});

export const integers = (name: string, values: readonly number[]): OnnxTensor => ({
  name,
  dims: [values.length],
  data: values.map(BigInt),
});

export const floats = (name: string, dims: readonly number[], data: ArrayLike<number>): OnnxTensor => ({
  name,
  dims,
  data: Float32Array.from(data),
});
