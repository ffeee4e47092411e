import type { FittedMlp } from '../../../shared/forecast/learn/mlp-train.ts';
import { REACH } from '../../../shared/forecast/learn/mlp-train.ts';
import type { BoostedQuantile } from '../train/boosting.ts';
import { int8Layers } from '../train/quantize.ts';
import { leadColumns, pooledWidth, type PooledLayout } from '../../../shared/forecast/learn/pooled-rows.ts';
import { floats, integers, node } from './graph-parts.ts';
import type { OnnxNode, OnnxTensor } from './onnx-writer.ts';

/** Nodes and constants of a part of a graph. */
export interface GraphPart {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
}

/**
 * The rows of the pooled members, `rows` [B x S, W], from `origin` [B, G] and `steps` [B, S, F]. A matrix of zeros and ones moves each part
 * to its columns, which leaves float32 values unchanged; then the lead columns are added.
 */
export function rowNodes(layout: PooledLayout, { steps, stepS }: { steps: number; stepS: number }): GraphPart {
  const { originCount: g, stepCount: f } = layout;
  const width = pooledWidth(layout);
  const moveOrigin = new Float32Array(g * width);
  for (let i = 0; i < g; i++) moveOrigin[i * width + i] = 1;
  const moveStep = new Float32Array(f * width);
  for (let i = 0; i < f; i++) moveStep[i * width + g + i] = 1;
  const lead = new Float32Array(steps * width);
  for (let step = 0; step < steps; step++) lead.set(leadColumns(step, stepS), step * width + g + f);
  return {
    initializers: [
      floats('moveOrigin', [g, width], moveOrigin),
      floats('moveStep', [f, width], moveStep),
      floats('lead', [steps, width], lead),
      integers('rowShape', [-1, width]),
    ],
    nodes: [
      node('MatMul', ['origin', 'moveOrigin'], 'originWide'),
      node('Unsqueeze', ['originWide', 'axis1'], 'originRows'),
      node('MatMul', ['steps', 'moveStep'], 'stepRows'),
      node('Add', ['originRows', 'stepRows'], 'bothRows'),
      node('Add', ['bothRows', 'lead'], 'rows3'),
      node('Reshape', ['rows3', 'rowShape'], 'rows'),
    ],
  };
}

/** Boosted quantiles as one ensemble with one output each, `<name>Raw` [B x S, quantiles]. Thresholds are float32 on both sides. */
export function treeNodes(name: string, models: readonly BoostedQuantile[]): GraphPart {
  const ids = {
    tree: [] as number[],
    node: [] as number[],
    feature: [] as number[],
    yes: [] as number[],
    no: [] as number[],
  };
  const leaves = { tree: [] as number[], node: [] as number[], target: [] as number[], weight: [] as number[] };
  const thresholds: number[] = [];
  const modes: string[] = [];
  let treeId = 0;
  for (const [target, { trees }] of models.entries()) {
    for (const tree of trees) {
      for (const [at, left] of tree.left.entries()) {
        const isLeaf = left < 0;
        ids.tree.push(treeId);
        ids.node.push(at);
        ids.feature.push(isLeaf ? 0 : tree.feature[at]!);
        ids.yes.push(isLeaf ? 0 : left);
        ids.no.push(isLeaf ? 0 : tree.right[at]!);
        thresholds.push(isLeaf ? 0 : tree.threshold[at]!);
        modes.push(isLeaf ? 'LEAF' : 'BRANCH_LEQ');
        if (!isLeaf) continue;
        leaves.tree.push(treeId);
        leaves.node.push(at);
        leaves.target.push(target);
        leaves.weight.push(tree.value[at]!);
      }
      treeId++;
    }
  }
  const attributes = {
    n_targets: models.length,
    base_values: Float32Array.from(models, ({ first }) => first),
    nodes_treeids: Int32Array.from(ids.tree),
    nodes_nodeids: Int32Array.from(ids.node),
    nodes_featureids: Int32Array.from(ids.feature),
    nodes_truenodeids: Int32Array.from(ids.yes),
    nodes_falsenodeids: Int32Array.from(ids.no),
    nodes_values: Float32Array.from(thresholds),
    nodes_modes: modes,
    target_treeids: Int32Array.from(leaves.tree),
    target_nodeids: Int32Array.from(leaves.node),
    target_ids: Int32Array.from(leaves.target),
    target_weights: Float32Array.from(leaves.weight),
  };
  const trees = node('TreeEnsembleRegressor', ['rows'], `${name}Raw`);
  return { initializers: [], nodes: [{ ...trees, domain: 'ai.onnx.ml', attributes }] };
}

/** The network, `<name>Raw` [B x S, outputs]. Its matrices are float32, or eight bits that the runtime expands on load. */
export function mlpNodes(name: string, fitted: FittedMlp): GraphPart {
  const { mlp, inputMean, inputScale, targetMean, targetScale } = fitted;
  const initializers: OnnxTensor[] = [
    floats(`${name}Mean`, [inputMean.length], inputMean),
    floats(`${name}Scale`, [inputScale.length], inputScale),
    floats(`${name}Low`, [], [-REACH]),
    floats(`${name}High`, [], [REACH]),
    floats(`${name}TargetMean`, [1], [targetMean]),
    floats(`${name}TargetScale`, [1], [targetScale]),
  ];
  const nodes: OnnxNode[] = [
    node('Sub', ['rows', `${name}Mean`], `${name}Centred`),
    node('Mul', [`${name}Centred`, `${name}Scale`], `${name}Scaled`),
    node('Clip', [`${name}Scaled`, `${name}Low`, `${name}High`], `${name}Hidden0`),
  ];
  let at = 0;
  const small = fitted.int8 === true ? int8Layers(fitted) : undefined;
  for (let layer = 1; layer < mlp.sizes.length; layer++) {
    const [from, to] = [mlp.sizes[layer - 1]!, mlp.sizes[layer]!];
    const matrix = `${name}Matrix${layer}`;
    if (small === undefined) initializers.push(floats(matrix, [from, to], mlp.weights.subarray(at, at + from * to)));
    else {
      const { weights, scales } = small[layer - 1]!;
      initializers.push({ name: `${matrix}Int8`, dims: [from, to], data: weights });
      initializers.push(floats(`${matrix}Scales`, [to], scales));
      // With a DequantizeLinear here, the runtime would fuse it with the Gemm and round its inputs to eight bits too.
      nodes.push({ ...node('Cast', [`${matrix}Int8`], `${matrix}Whole`), attributes: { to: 1 } });
      nodes.push(node('Mul', [`${matrix}Whole`, `${matrix}Scales`], matrix));
    }
    initializers.push(floats(`${name}Bias${layer}`, [to], mlp.weights.subarray(at + from * to, at + (from + 1) * to)));
    at += (from + 1) * to;
    const isLast = layer === mlp.sizes.length - 1;
    const sum = isLast ? `${name}Output` : `${name}Sum${layer}`;
    nodes.push(node('Gemm', [`${name}Hidden${layer - 1}`, matrix, `${name}Bias${layer}`], sum));
    if (!isLast) nodes.push(node('Relu', [sum], `${name}Hidden${layer}`));
  }
  nodes.push(
    node('Mul', [`${name}Output`, `${name}TargetScale`], `${name}Wide`),
    node('Add', [`${name}Wide`, `${name}TargetMean`], `${name}Raw`),
  );
  return { initializers, nodes };
}
