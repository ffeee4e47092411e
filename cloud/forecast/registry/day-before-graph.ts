import type { DayBeforeFit } from '../train/day-before.ts';
import { floats, integers, node } from './graph-parts.ts';
import type { GraphPart } from './pooled-graph.ts';

/** The day-before member, `<name>Raw` [B x S, 3], relative to the linear point. `width`: columns of a row. */
export function dayBeforeNodes(name: string, { day, spread }: DayBeforeFit, width: number): GraphPart {
  const matrix = new Float32Array(width * 3);
  matrix.set([1, 1, 1], day * 3);
  matrix.set([-1, 0, 1], spread * 3);
  return {
    initializers: [floats(`${name}Matrix`, [width, 3], matrix), integers(`${name}Column`, [-1, 1])],
    nodes: [
      node('MatMul', ['rows', `${name}Matrix`], `${name}Level`),
      node('Reshape', ['point', `${name}Column`], `${name}Point`),
      node('Sub', [`${name}Level`, `${name}Point`], `${name}Raw`),
    ],
  };
}
