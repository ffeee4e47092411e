import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { Comparison, Predict } from '../../../shared/forecast/evaluate.ts';
import type { LoadSeries } from '../../../shared/forecast/series.ts';

/** The fields of a manifest needed to measure a model. */
export type ComparedModel = Pick<
  ModelManifest,
  'featureVersion' | 'features' | 'context' | 'steps' | 'stepS' | 'quantiles' | 'weather' | 'trainedUpTo'
>;

/** Scores of a model and the baselines from index `from` of the load on. */
export interface MeasuredModel {
  readonly comparison: Comparison;
  readonly load: LoadSeries;
  readonly from: number;
}

export interface RecentComparison {
  /**
   * Measures a model on those of the last 28 days that it was not trained on; undefined if there are none or the weather it needs is
   * missing.
   */
  compareRecent(manifest: ComparedModel, target: string, run: Predict): Promise<MeasuredModel | undefined>;
}
