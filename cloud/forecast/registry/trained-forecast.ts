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
  /** The mean of the last seven days at that hour, scored on the same days: nMAE. */
  readonly sameHourMeanNMae: number;
  readonly members: Record<string, number>;
  /** The weights of the members that the model tells apart; absent: it does not. */
  readonly blend?: MemberBlend | undefined;
  /** Losses of the recipe on each held-back day, by a fit that has not seen them, beside the baselines'. */
  readonly days: readonly DayScore[];
  /** Loss that eight bits a weight add to the network's, as a share; null: it is float32, or there is none. */
  readonly int8Loss: number | null;
  /** What eight bits and pruning cost, quantile by quantile. */
  readonly reductions: readonly Reduction[];
  /** What members do without, and the bytes that the model would have with all of it; absent: nothing that pays. */
  readonly pruned?: { readonly bytesBefore: number; readonly members: readonly Pruned[] } | undefined;
  readonly outputRange: ModelManifest['outputRange'];
  readonly parity: { readonly input: number[]; readonly output: number[] };
}
