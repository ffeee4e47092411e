import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { Comparison, Predict } from '../../../shared/forecast/evaluate.ts';
import type { LoadSeries } from '../../../shared/forecast/series.ts';

/** What has to be known of a model to measure it. */
export type ComparedModel = Pick<
  ModelManifest,
  'featureVersion' | 'features' | 'context' | 'steps' | 'stepS' | 'quantiles' | 'weather' | 'trainedUpTo'
>;

/** A model beside the baselines from index `from` of the load on. */
export interface MeasuredModel {
  readonly comparison: Comparison;
  readonly load: LoadSeries;
  readonly from: number;
}

export interface RecentComparison {
  /** On the days of the last four weeks that the model has not seen; undefined: there are none, or not the weather that it needs. */
  compareRecent(manifest: ComparedModel, target: string, run: Predict): Promise<MeasuredModel | undefined>;
}
