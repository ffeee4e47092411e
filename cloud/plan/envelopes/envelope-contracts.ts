import { pointLoadMw } from '../problem/connection-point.ts';
import type { Layout } from '../problem/layout.ts';
import type { Constraint, MeterEnd } from '../search/constraints/constraint.ts';
import { constraints } from '../search/constraints/table.ts';
import type { Bounds } from './envelope-bounds.ts';
import { boundPoint } from './envelope-cuts.ts';
import type { Span } from './envelope-spans.ts';

export interface Contract {
  readonly constraint: Constraint;
  readonly point: number;
  /** What the load there leaves of the contract. */
  readonly ends: readonly [low: MeterEnd, high: MeterEnd];
}

/** What the contracts at the meters of connection points leave in a step. */
export const contractsOf = (layout: Layout, step: number): Contract[] =>
  layout.points.flatMap((_, point) => {
    const [least, most] = pointLoads(layout, step, point);
    return constraints.flatMap((constraint): Contract[] => {
      const ends = constraint.meter?.(layout, { step, point });
      if (ends === undefined) return [];
      const [low, high] = ends;
      return [
        {
          constraint,
          point,
          ends: [
            { ...low, mw: low.mw - least },
            { ...high, mw: high.mw - most },
          ],
        },
      ];
    });
  });

/** Bounds by ratings and the sun alone. */
export const unbound = ({ points }: Layout, spans: readonly Span[]): Bounds => ({
  low: Float64Array.from(spans, ({ least }) => least),
  high: Float64Array.from(spans, ({ most }) => most),
  points: points.map(({ devices }) => ({
    members: devices.map((device) => spans.findIndex((span) => span.device === device)),
    sumLow: -Infinity,
    sumHigh: Infinity,
  })),
  sumLow: -Infinity,
  sumHigh: Infinity,
  lowBy: spans.map(() => undefined),
  highBy: spans.map(() => undefined),
});

/** Load behind a meter over all scenarios, MW: least and most. */
export function pointLoads(layout: Layout, step: number, point: number): [number, number] {
  const loads = layout.scenarios.map((scenario) => pointLoadMw(layout, { scenario, step, point }));
  return [Math.min(...loads), Math.max(...loads)];
}

/** Bounds by ratings, the sun, and what the load leaves of the contracts. */
export function contracted(layout: Layout, step: number, spans: readonly Span[]): Bounds {
  const bounds = unbound(layout, spans);
  for (const {
    point,
    ends: [low, high],
  } of contractsOf(layout, step))
    boundPoint(bounds.points[point]!, [low.mw, high.mw], { spans, bounds, by: [low.by, high.by] });
  return bounds;
}
