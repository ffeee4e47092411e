import { Type, type Static } from 'typebox';
import { Coverage } from './coverage.ts';
import { Count, TimeMs } from './ids.ts';

/**
 * Mean pinball losses of the answering and the shadow model, kW, over all quantiles and leads of the `n` forecasts of the targets of one
 * UTC day.
 */
export const DuelDay = Type.Object({
  day: TimeMs,
  n: Count,
  answeringKw: Type.Number(),
  besideKw: Type.Number(),
  /** Coverage of the shadow model. */
  coverage: Coverage,
});
export type DuelDay = Static<typeof DuelDay>;
