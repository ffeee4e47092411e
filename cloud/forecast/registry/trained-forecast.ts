import type { MemberBlend } from '../../../shared/contracts/model.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { DayScore } from '../../../shared/forecast/evaluate.ts';
import type { FeatureSchema } from '../../../shared/forecast/features.ts';
import type { Pruned } from '../train/fit-ensemble.ts';
import type { Reduction } from '../train/reduction.ts';

export interface TrainedForecast {
  readonly onnx: Uint8Array;
  readonly schema: FeatureSchema;
  readonly levels: readonly number[];
  readonly trainedFrom: number;
  readonly trainedUpTo: number;
  readonly metrics: ModelManifest['metrics'];
  /** nMAE of the mean of the last seven days at that hour, on the same days. */
  readonly sameHourMeanNMae: number;
  readonly members: Record<string, number>;
  /** The weights of the members that the model outputs separately; absent: it does not. */
  readonly blend?: MemberBlend | undefined;
  /** Losses of the recipe on each held-back day, by a fit without these days, with those of the baselines. */
  readonly days: readonly DayScore[];
  /** Relative increase of the network's loss by eight-bit weights; null: it is float32, or there is none. */
  readonly int8Loss: number | null;
  /** Cost of eight-bit weights and pruning, quantile by quantile. */
  readonly reductions: readonly Reduction[];
  /** Pruned parts of members, and the size of the model without pruning; absent: nothing was pruned. */
  readonly pruned?: { readonly bytesBefore: number; readonly members: readonly Pruned[] } | undefined;
  readonly outputRange: ModelManifest['outputRange'];
  readonly parity: { readonly input: number[]; readonly output: number[] };
}
