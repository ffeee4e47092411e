import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';

const Column = Type.Array(Type.Union([Type.Number(), Type.Null()]));

/** One measured value over a span, as mean, least and most of equal steps; null: nothing is known of a step. */
export const TrendSeries = Type.Object(
  {
    /** `owd-01/feeder-1/activePowerKw` */
    series: Type.String(),
    mean: Column,
    min: Column,
    max: Column,
    /** In the unit of the series; null: none on that side. Absent: none is known. */
    limits: Type.Optional(
      Type.Object({
        low: Type.Union([Type.Number(), Type.Null()]),
        high: Type.Union([Type.Number(), Type.Null()]),
      }),
    ),
    /** By the plan in force: what a device is told, what is expected at a head or a transformer. Absent: it says nothing of the span. */
    planned: Type.Optional(Column),
    /** Of a head or a transformer: 10, 50 and 90 % of the newest forecast, with what the plan has devices do. */
    forecast: Type.Optional(Type.Object({ low: Column, mid: Column, high: Column })),
  },
  { title: 'TrendSeries' },
);
export type TrendSeries = Immutable<Static<typeof TrendSeries>>;

export const TrendView = Type.Object(
  {
    /** ms UTC: the first step begins here. */
    start: Type.Number(),
    stepS: Type.Number(),
    items: Type.Array(TrendSeries),
  },
  {
    title: 'TrendView',
    examples: [
      {
        start: 1632441600000,
        stepS: 900,
        items: [
          { series: 'owd-01/feeder-1/activePowerKw', mean: [1203.4, null], min: [1180, null], max: [1251, null] },
        ],
      },
    ],
  },
);
export type TrendView = Immutable<Static<typeof TrendView>>;
