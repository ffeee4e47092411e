import type { ModelManifest } from '../../../../shared/contracts/model.ts';
import { indexOfLevel } from '../../../../shared/forecast/quantiles.ts';
import { rowColumns } from '../../../../shared/forecast/features.ts';
import { GROUPS, groupOfFeature, type FeatureGroup } from './feature-groups.ts';
import { shapleyValues } from './shapley.ts';

/** Runs the model on some rows, concatenated: [row x step x level]. */
export type RunRows = (rows: Float32Array, batch: number) => Promise<Float32Array>;

export interface Contributions {
  /** Mean of the model's medians for the background rows, kW, one per step. */
  readonly base: readonly number[];
  /** kW per step; with `base` they add up to `median`. */
  readonly groups: Readonly<Record<FeatureGroup, readonly number[]>>;
  /** The model's own median. */
  readonly median: readonly number[];
}

/**
 * What each group of features adds to the median of one forecast, compared with the same model's answers to the `background` rows: Shapley
 * values of the groups over every coalition, where features outside it take the background's values, averaged over the background (Lundberg
 * et al., Nature Machine Intelligence 2, 2020, interventional; as games of whole groups: Jullum et al., 2021). Every coalition is run, so
 * nothing is sampled. For a linear model the result is the coefficients times the deviations from the background's mean; for trees,
 * networks and their blends it is the exact Shapley value of the model as it runs. Throws what `run` throws.
 */
export async function contributionsOf(
  { features, steps, quantiles }: Pick<ModelManifest, 'features' | 'steps' | 'quantiles'>,
  { row, background }: { readonly row: Float32Array; readonly background: readonly Float32Array[] },
  run: RunRows,
): Promise<Contributions> {
  const columns = rowColumns({ features, steps }).map(groupOfFeature);
  const present = GROUPS.filter((group) => columns.includes(group));
  const groupOf = Uint8Array.from(columns, (group) => present.indexOf(group));
  const middle = indexOfLevel(quantiles, 0.5);
  const coalitions = 2 ** present.length;
  const worth = Array.from({ length: steps }, () => new Float64Array(coalitions));
  for (const other of background) {
    const rows = new Float32Array(coalitions * row.length);
    for (let coalition = 0; coalition < coalitions; coalition++) {
      for (let column = 0; column < row.length; column++) {
        const isIn = (coalition & (1 << groupOf[column]!)) !== 0;
        rows[coalition * row.length + column] = isIn ? row[column]! : other[column]!;
      }
    }
    const output = await run(rows, coalitions);
    for (let coalition = 0; coalition < coalitions; coalition++) {
      const at = coalition * steps * quantiles.length + middle;
      for (let step = 0; step < steps; step++)
        worth[step]![coalition]! += output[at + step * quantiles.length]! / background.length;
    }
  }
  const byStep = worth.map((each) => shapleyValues(each, present.length));
  const of = (group: FeatureGroup): number[] => byStep.map((values) => values[present.indexOf(group)] ?? 0);
  return {
    base: worth.map((each) => each[0]!),
    groups: {
      recentLoad: of('recentLoad'),
      pastDays: of('pastDays'),
      calendar: of('calendar'),
      sun: of('sun'),
      wind: of('wind'),
      temperature: of('temperature'),
    },
    median: worth.map((each) => each[coalitions - 1]!),
  };
}
