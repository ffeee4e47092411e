import { HOUR_COS, HOUR_EDGE, HOUR_REACH, HOUR_SIN, HOURS, type HourFit } from '../train/hour-member.ts';
import { floats, integers, node } from './graph-parts.ts';
import type { GraphPart } from './pooled-graph.ts';

/** The member by hours, `<name>Raw` [B x S, levels]: every hour answers, and those near the time of day of the row count. */
export function hourNodes(name: string, { layout, mean, scale, matrix, bias }: HourFit): GraphPart {
  const width = matrix.length / bias.length;
  const levels = bias.length / HOURS;
  const { origin, near, sin } = layout;
  return {
    initializers: [
      floats(`${name}Mean`, [mean.length], mean),
      floats(`${name}Scale`, [scale.length], scale),
      floats(`${name}Low`, [], [-HOUR_REACH]),
      floats(`${name}High`, [], [HOUR_REACH]),
      integers(`${name}From`, [0]),
      integers(`${name}Origin`, [origin]),
      integers(`${name}Near`, [near]),
      integers(`${name}NearEnd`, [near + 1]),
      integers(`${name}Time`, [sin]),
      integers(`${name}TimeEnd`, [sin + 2]),
      integers(`${name}Shape`, [-1, HOURS, levels]),
      floats(`${name}Matrix`, [width, bias.length], matrix),
      floats(`${name}Bias`, [bias.length], bias),
      floats(`${name}Hours`, [2, HOURS], [...HOUR_SIN, ...HOUR_COS]),
      floats(`${name}Edge`, [1], [HOUR_EDGE]),
    ],
    nodes: [
      node('Sub', ['rows', `${name}Mean`], `${name}Centred`),
      node('Mul', [`${name}Centred`, `${name}Scale`], `${name}Scaled`),
      node('Clip', [`${name}Scaled`, `${name}Low`, `${name}High`], `${name}Clipped`),
      node('Slice', [`${name}Clipped`, `${name}From`, `${name}Origin`, 'axis1'], `${name}Recent`),
      node('Slice', ['rows', `${name}Near`, `${name}NearEnd`, 'axis1'], `${name}Nearness`),
      node('Mul', [`${name}Recent`, `${name}Nearness`], `${name}NearRecent`),
      { ...node('Concat', [`${name}Clipped`, `${name}NearRecent`], `${name}Inputs`), attributes: { axis: 1 } },
      node('Gemm', [`${name}Inputs`, `${name}Matrix`, `${name}Bias`], `${name}Flat`),
      node('Reshape', [`${name}Flat`, `${name}Shape`], `${name}Each`),
      node('Slice', ['rows', `${name}Time`, `${name}TimeEnd`, 'axis1'], `${name}TimeOfDay`),
      node('MatMul', [`${name}TimeOfDay`, `${name}Hours`], `${name}Nearby`),
      node('Sub', [`${name}Nearby`, `${name}Edge`], `${name}Excess`),
      node('Relu', [`${name}Excess`], `${name}Say`),
      { ...node('ReduceSum', [`${name}Say`, 'axis1'], `${name}Total`), attributes: { keepdims: 1 } },
      node('Div', [`${name}Say`, `${name}Total`], `${name}Shares`),
      node('Unsqueeze', [`${name}Shares`, 'axis2'], `${name}Shares3`),
      node('Mul', [`${name}Each`, `${name}Shares3`], `${name}Parts`),
      { ...node('ReduceSum', [`${name}Parts`, 'axis1'], `${name}Raw`), attributes: { keepdims: 0 } },
    ],
  };
}
