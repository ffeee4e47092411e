import { baselineForecast, type Baseline, type BaselineForecast } from '../../../shared/forecast/naive.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import type { LoadSeries } from '../../../shared/forecast/series.ts';
import { STEPS } from '../../forecast/issuer.ts';

/** What a naive forecaster says at the end of a history, on all our quantiles. */
export const naiveForecast = (asked: { readonly baseline: Baseline; readonly history: LoadSeries }): BaselineForecast =>
  baselineForecast(asked.baseline, asked.history, { steps: STEPS, levels: QUANTILES });
