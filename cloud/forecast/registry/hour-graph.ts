import { between } from '../../../shared/forecast/between.ts';
import { leadColumns } from '../../../shared/forecast/learn/pooled-rows.ts';
import { HOUR_COS, HOUR_EDGE, HOUR_REACH, HOUR_SIN, HOURS, type HourFit } from '../train/hour-member.ts';
import { floats, integers, node } from './graph-parts.ts';
import type { GraphPart } from './pooled-graph.ts';

/**
 * The hourly member, `<name>Raw` [B x S, levels]: every hour and group of leads is computed, and those near the time of day and lead of the
 * row are weighted. Also `weekOver` [B x S, 1]: the mean of the last week, its reference, relative to the linear point.
 */
export function hourNodes(
  name: string,
  { layout, leads, mean, scale, matrix, bias }: HourFit,
  { steps, stepS }: { readonly steps: number; readonly stepS: number },
): GraphPart {
  const width = mean.length;
  const levels = bias.length / HOURS / leads.length;
  const { sin, week, loads } = layout;
  const ofWeek = Float32Array.from({ length: width }, (_, column) => Number(loads.includes(column)));
  const leadShares = new Float32Array(steps * leads.length);
  for (let step = 0; step < steps; step++) {
    const { low, high, share } = between(leads, leadColumns(step, stepS)[0]!);
    leadShares[step * leads.length + low] = 1 - share;
    leadShares[step * leads.length + high]! += share;
  }
  return {
    initializers: [
      integers('weekFrom', [week]),
      integers('weekTo', [week + 1]),
      integers('columnShape', [-1, 1]),
      floats(`${name}Loads`, [width], ofWeek),
      floats(`${name}Mean`, [width], mean),
      floats(`${name}Scale`, [width], scale),
      floats(`${name}Low`, [], [-HOUR_REACH]),
      floats(`${name}High`, [], [HOUR_REACH]),
      integers(`${name}Time`, [sin]),
      integers(`${name}TimeEnd`, [sin + 2]),
      integers(`${name}LeadShape`, [-1, steps, leads.length, HOURS * levels]),
      integers(`${name}Shape`, [-1, HOURS, levels]),
      floats(`${name}Matrix`, [width, bias.length], matrix),
      floats(`${name}Bias`, [bias.length], bias),
      floats(`${name}Leads`, [steps, leads.length, 1], leadShares),
      floats(`${name}Hours`, [2, HOURS], [...HOUR_SIN, ...HOUR_COS]),
      floats(`${name}Edge`, [1], [HOUR_EDGE]),
    ],
    nodes: [
      node('Slice', ['rows', 'weekFrom', 'weekTo', 'axis1'], 'week'),
      node('Reshape', ['point', 'columnShape'], 'pointRows'),
      node('Sub', ['week', 'pointRows'], 'weekOver'),
      node('Mul', ['week', `${name}Loads`], `${name}Weeks`),
      node('Sub', ['rows', `${name}Weeks`], `${name}OverWeek`),
      node('Sub', [`${name}OverWeek`, `${name}Mean`], `${name}Centred`),
      node('Mul', [`${name}Centred`, `${name}Scale`], `${name}Scaled`),
      node('Clip', [`${name}Scaled`, `${name}Low`, `${name}High`], `${name}Inputs`),
      node('Gemm', [`${name}Inputs`, `${name}Matrix`, `${name}Bias`], `${name}Flat`),
      node('Reshape', [`${name}Flat`, `${name}LeadShape`], `${name}EachLead`),
      node('Mul', [`${name}EachLead`, `${name}Leads`], `${name}LeadParts`),
      { ...node('ReduceSum', [`${name}LeadParts`, 'axis2'], `${name}AtLead`), attributes: { keepdims: 0 } },
      node('Reshape', [`${name}AtLead`, `${name}Shape`], `${name}Each`),
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
