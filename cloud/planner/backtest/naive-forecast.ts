import { baselineForecast, type Baseline, type BaselineForecast } from '../../../shared/forecast/naive.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import type { LoadSeries } from '../../../shared/forecast/series.ts';

export interface NaiveAsk {
  readonly baseline: Baseline;
  readonly history: LoadSeries;
  readonly steps: number;
}

/** Forecast of a naive forecaster at the end of a history, on all our quantiles. */
export const naiveForecast = ({ baseline, history, steps }: NaiveAsk): BaselineForecast =>
  baselineForecast(baseline, history, { steps, levels: QUANTILES });
