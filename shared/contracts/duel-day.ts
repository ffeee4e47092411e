import { Type, type Static } from 'typebox';
import { Coverage } from './coverage.ts';
import { Count, TimeMs } from './ids.ts';

/** Mean pinball losses over all quantiles and leads of two models, kW, on the `n` forecasts of the targets of one UTC day. */
export const DuelDay = Type.Object({
  day: TimeMs,
  n: Count,
  answeringKw: Type.Number(),
  besideKw: Type.Number(),
  /** Of the one beside. */
  coverage: Coverage,
});
export type DuelDay = Static<typeof DuelDay>;
