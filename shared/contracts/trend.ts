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
