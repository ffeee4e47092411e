import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';

const Column = Type.Array(Type.Union([Type.Number(), Type.Null()]));

/** One measured series over a span, as mean, minimum and maximum per step of equal length; null if nothing is known. */
export const TrendSeries = Type.Object(
  {
    /** `owd-01/feeder-1/activePowerKw` */
    series: Type.String(),
    mean: Column,
    min: Column,
    max: Column,
    /** In the unit of the series; null if there is none on that side. Absent if none is known. */
    limits: Type.Optional(
      Type.Object({
        low: Type.Union([Type.Number(), Type.Null()]),
        high: Type.Union([Type.Number(), Type.Null()]),
      }),
    ),
    /**
     * From the plan in force: a device's target, or the expected power of a head or transformer. Absent if the plan does not cover the
     * span.
     */
    planned: Type.Optional(Column),
    /** For a head or transformer: P10, P50 and P90 of the newest forecast, including what the plan has the devices do. */
    forecast: Type.Optional(Type.Object({ low: Column, mid: Column, high: Column })),
  },
  { title: 'TrendSeries' },
);
export type TrendSeries = Immutable<Static<typeof TrendSeries>>;

export const TrendView = Type.Object(
  {
    /** Start of the first step, ms UTC. */
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
