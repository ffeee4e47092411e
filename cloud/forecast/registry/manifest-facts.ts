import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { LoadSeries } from '../../../shared/forecast/series.ts';
import type { Comparison } from '../../../shared/forecast/evaluate.ts';

/** A manifest's metrics over the held-back window, from index `from` to the end of the load. */
export function metricsOf({ model, baselines }: Comparison, load: LoadSeries, from: number): ModelManifest['metrics'] {
  const stepMs = load.stepS * 1000;
  return {
    window: isoInterval(load.start + from * stepMs, load.start + load.values.length * stepMs),
    nMae: rounded(model.nMae),
    pinball: rounded(model.pinball),
    coverage80: rounded(model.coverage80),
    seasonalNaiveNMae: rounded(baselines.seasonalNaive.nMae),
    seasonalNaivePinball: rounded(baselines.seasonalNaive.pinball),
  };
}

/** The range of the history, extended by its width on either side, kW. */
export function outputRangeOf(values: Float64Array): ModelManifest['outputRange'] {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const width = Math.max(1, max - min);
  return { minKw: Math.floor(min - width), maxKw: Math.ceil(max + width) };
}

const isoInterval = (from: number, to: number): string =>
  `${new Date(from).toISOString().slice(0, 16)}Z/${new Date(to).toISOString().slice(0, 16)}Z`;

/** Rounds to four decimal places. */
export const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
