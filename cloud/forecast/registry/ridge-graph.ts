import { stepFits, type RidgeModel } from '../train/ridge-member.ts';
import type { OnnxNode, OnnxTensor } from './onnx-writer.ts';
import { integers, node } from './graph-parts.ts';

/**
 * The linear member as a part of an ONNX graph. Standardisation and blending are folded into the weights.
 *
 *   features [B, G + S x F] ─┬─ origin part ── Gemm [G, S] ─────────────┐
 *                            └─ step part ── [B, S, F] x W, summed ── + ─┴─▶ point [B, S]
 *   the spread likewise, at least `leastSpread`; linear = point + spread x shape [S, Q] ─▶ [B, S, Q]
 */
export function ridgeNodes(
  model: RidgeModel,
  layout: { readonly originCount: number; readonly stepCount: number },
): { readonly nodes: OnnxNode[]; readonly initializers: OnnxTensor[] } {
  const { steps } = model.schema;
  const quantiles = model.levels.length;
  const { originCount: g, stepCount: f } = layout;
  const parts = { point: blankPart(steps, g, f), spread: blankPart(steps, g, f) };
  const least = new Float32Array(steps);
  const shape = new Float32Array(steps * quantiles);
  for (const [step, fits] of stepFits(model)) {
    least[step] = fits.leastSpread;
    shape.set(fits.shape, step * quantiles);
    for (const name of ['point', 'spread'] as const) {
      const fit = fits[name];
      parts[name].bias[step] = fit.intercept;
      for (let i = 0; i < g; i++) parts[name].origin[i * steps + step] = fit.weights[i]!;
      for (let i = 0; i < f; i++) parts[name].step[step * f + i] = fit.weights[g + i]!;
    }
  }
  const initializers: OnnxTensor[] = [
    integers('zero', [0]),
    integers('originEnd', [g]),
    integers('end', [g + steps * f]),
    integers('axis1', [1]),
    integers('axis2', [2]),
    integers('stepShape', [-1, steps, f]),
    { name: 'least', dims: [steps], data: least },
    { name: 'shape', dims: [steps, quantiles], data: shape },
  ];
  const nodes: OnnxNode[] = [
    node('Slice', ['features', 'zero', 'originEnd', 'axis1'], 'origin'),
    node('Slice', ['features', 'originEnd', 'end', 'axis1'], 'flatSteps'),
    node('Reshape', ['flatSteps', 'stepShape'], 'steps'),
  ];
  for (const name of ['point', 'spread'] as const) {
    const part = parts[name];
    initializers.push(
      { name: `${name}Origin`, dims: [g, steps], data: part.origin },
      { name: `${name}Bias`, dims: [steps], data: part.bias },
      { name: `${name}Step`, dims: [steps, f], data: part.step },
    );
    nodes.push(
      node('Gemm', ['origin', `${name}Origin`, `${name}Bias`], `${name}FromOrigin`),
      node('Mul', ['steps', `${name}Step`], `${name}Products`),
      { ...node('ReduceSum', [`${name}Products`, 'axis2'], `${name}FromSteps`), attributes: { keepdims: 0 } },
      node('Add', [`${name}FromOrigin`, `${name}FromSteps`], name),
    );
  }
  nodes.push(
    node('Max', ['spread', 'least'], 'width'),
    node('Unsqueeze', ['width', 'axis2'], 'width3'),
    node('Unsqueeze', ['point', 'axis2'], 'point3'),
    node('Mul', ['width3', 'shape'], 'offsets'),
    node('Add', ['point3', 'offsets'], 'linear'),
  );
  return { nodes, initializers };
}

const blankPart = (
  steps: number,
  g: number,
  f: number,
): { origin: Float32Array; step: Float32Array; bias: Float32Array } => ({
  origin: new Float32Array(g * steps),
  step: new Float32Array(steps * f),
  bias: new Float32Array(steps),
});
