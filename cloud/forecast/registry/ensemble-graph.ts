import { weightsByStep } from '../../../shared/forecast/member-blend.ts';
import { groupsOf, type Ensemble } from '../train/ensemble.ts';
import type { PooledFit, QuantileHead } from '../train/pooled-member.ts';
import { pooledWidth, type PooledLayout } from '../../../shared/forecast/learn/pooled-rows.ts';
import { floats, integers, node } from './graph-parts.ts';
import { hourNodes } from './hour-graph.ts';
import { dayBeforeNodes } from './day-before-graph.ts';
import { writeOnnx, type OnnxNode, type OnnxTensor } from './onnx-writer.ts';
import { mlpNodes, rowNodes, treeNodes, type GraphPart } from './pooled-graph.ts';
import { ridgeNodes } from './ridge-graph.ts';

/**
 * A blend as one ONNX model: features [B, G + S x F] to quantiles [B, S x Q]. The linear member gives `point` [B, S] and `linear`
 * [B, S, Q]. Each other member adds to the point; if there is an hourly member, the trees add to its median and the network to the mean of
 * the week. The answer is their weighted mean. `withMembers`: if there are several members, a second output `members` [B, M x S x Q] gives
 * the answer of each.
 */
export function ensembleGraph(ensemble: Ensemble, { withMembers = false } = {}): Uint8Array {
  const { ridge, layout, pooled, weights } = ensemble;
  const { steps } = ridge.schema;
  const quantiles = ridge.levels.length;
  const { nodes, initializers } = ridgeNodes(ridge, layout);
  initializers.push(integers('outputShape', [-1, steps * quantiles]));
  const add = (part: GraphPart): void => {
    nodes.push(...part.nodes);
    initializers.push(...part.initializers);
  };
  let sum = 'linear';
  const outputs = [{ name: 'quantiles', dims: [steps * quantiles] }];
  if (pooled.length > 0) {
    initializers.push(integers('tripleShape', [-1, steps, 3]));
    for (const part of ['LowQ', 'MidQ', 'HighQ'].entries()) initializers.push(...sliceOf(part));
    const byStep = weightsByStep({ groups: groupsOf(weights, ridge.schema) }, steps);
    const share = (member: number): Float32Array => Float32Array.from(byStep, (shares) => shares[member]!);
    initializers.push(floats('share0', [steps, 1], share(0)));
    nodes.push(node('Mul', ['linear', 'share0'], 'blend0'));
    sum = 'blend0';
    add(rowNodes(layout, ridge.schema));
    const hours = pooled.find(({ fit }) => fit.kind === 'hours');
    for (const [m, { fit, head }] of pooled.entries()) {
      const name = fit.kind;
      add(memberNodes(name, fit, { ...ridge.schema, ...layout }));
      const begin = beginOf(fit.kind, hours !== undefined);
      const over = begin === undefined ? `${name}Raw` : `${name}Begun`;
      if (begin !== undefined) nodes.push(node('Add', [`${name}Raw`, begin], over));
      if (fit.kind === 'hours') nodes.push(node('Slice', [over, 'fromMidQ', 'toMidQ', 'axis1'], 'hoursMid'));
      add(headNodes(name, head, over));
      initializers.push(floats(`share${m + 1}`, [steps, 1], share(m + 1)));
      nodes.push(node('Mul', [`${name}Quantiles`, `share${m + 1}`], `${name}Part`));
      nodes.push(node('Add', [sum, `${name}Part`], `blend${m + 1}`));
      sum = `blend${m + 1}`;
    }
  }
  nodes.push(node('Reshape', [sum, 'outputShape'], 'quantiles'));
  if (withMembers && pooled.length > 0) {
    const said = ['linear', ...pooled.map(({ fit }) => `${fit.kind}Quantiles`)];
    const width = said.length * steps * quantiles;
    initializers.push(integers('membersShape', [-1, width]));
    nodes.push({ ...node('Concat', said, 'said'), attributes: { axis: 1 } });
    nodes.push(node('Reshape', ['said', 'membersShape'], 'members'));
    outputs.push({ name: 'members', dims: [width] });
  }
  return writeOnnx({
    name: 'loadstone-forecast',
    nodes,
    initializers,
    inputs: [{ name: 'features', dims: [layout.originCount + steps * layout.stepCount] }],
    outputs,
  });
}

/** The start of a member's triples, relative to the linear point, from the hourly member's nodes; undefined: none. */
function beginOf(kind: PooledFit['kind'], hasHours: boolean): string | undefined {
  if (kind === 'dayBefore' || !hasHours) return undefined;
  return kind === 'boosting' ? 'hoursMid' : 'weekOver';
}

function memberNodes(
  name: string,
  fit: PooledFit,
  horizon: { steps: number; stepS: number } & PooledLayout,
): GraphPart {
  switch (fit.kind) {
    case 'mlp':
      return mlpNodes(name, fit.fitted);
    case 'hours':
      return hourNodes(name, fit, horizon);
    case 'boosting':
      return treeNodes(name, fit.models);
    case 'dayBefore':
      return dayBeforeNodes(name, fit, pooledWidth(horizon));
  }
}

const sliceOf = ([index, part]: [number, string]): OnnxTensor[] => [
  integers(`from${part}`, [index]),
  integers(`to${part}`, [index + 1]),
];

/**
 * From `over` [B x S, 3], triples relative to the linear point, to `<name>Quantiles` [B, S, Q]: the distances from P50 times the head's
 * shape.
 */
function headNodes(name: string, { least, shape }: QuantileHead, over: string): GraphPart {
  const slice = (part: string): OnnxNode =>
    node('Slice', [`${name}Triple`, `from${part}`, `to${part}`, 'axis2'], `${name}${part}`);
  return {
    initializers: [
      floats(`${name}Least`, [1], [least]),
      floats(
        `${name}Below`,
        [shape.length],
        shape.map((ratio) => Math.min(0, ratio)),
      ),
      floats(
        `${name}Above`,
        [shape.length],
        shape.map((ratio) => Math.max(0, ratio)),
      ),
    ],
    nodes: [
      node('Reshape', [over, 'tripleShape'], `${name}Triple`),
      ...['LowQ', 'MidQ', 'HighQ'].map((part) => slice(part)),
      node('Sub', [`${name}MidQ`, `${name}LowQ`], `${name}Under`),
      node('Max', [`${name}Under`, `${name}Least`], `${name}Down`),
      node('Sub', [`${name}HighQ`, `${name}MidQ`], `${name}Over`),
      node('Max', [`${name}Over`, `${name}Least`], `${name}Up`),
      node('Mul', [`${name}Down`, `${name}Below`], `${name}Lower`),
      node('Mul', [`${name}Up`, `${name}Above`], `${name}Upper`),
      node('Add', [`${name}Lower`, `${name}Upper`], `${name}Offsets`),
      node('Add', ['point3', `${name}MidQ`], `${name}Centre`),
      node('Add', [`${name}Centre`, `${name}Offsets`], `${name}Quantiles`),
    ],
  };
}
