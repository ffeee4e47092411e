import type { Forecast } from '../../../shared/contracts/forecast.ts';
import { indexOfLevel } from '../../../shared/forecast/quantiles.ts';

export interface WatchedLimits {
  /** Magnitudes, kW. */
  readonly importKw: number;
  readonly exportKw: number;
}

/** A limit that is more likely than not to be exceeded. Times in ms UTC. */
export interface PredictedBreach {
  readonly limit: 'import' | 'export';
  readonly limitKw: number;
  /** The first step at which the median exceeds it, and the worst step. */
  readonly start: number;
  readonly peakAt: number;
  readonly peakKw: number;
}

/** Reports a limit once when the median of the forecasts begins to exceed it, and again only after a forecast that did not. */
export class LimitWatch {
  readonly #standing = new Set<string>();

  look(forecast: Forecast, limits: WatchedLimits | undefined): PredictedBreach[] {
    const median = forecast.values[indexOfLevel(forecast.quantiles, 0.5)];
    if (median === undefined || limits === undefined) return [];
    const sides = [
      { limit: 'import', limitKw: limits.importKw, sign: 1 },
      { limit: 'export', limitKw: limits.exportKw, sign: -1 },
    ] as const;
    return sides.flatMap(({ limit, limitKw, sign }) => {
      const key = `${forecast.target} ${limit}`;
      const first = median.findIndex((kw) => sign * kw > limitKw);
      if (first < 0) {
        this.#standing.delete(key);
        return [];
      }
      if (this.#standing.has(key)) return [];
      this.#standing.add(key);
      const worst = median.reduce((best, kw, step) => (sign * kw > sign * median[best]! ? step : best), first);
      const timeOf = (step: number): number => forecast.start + step * forecast.resolutionS * 1000;
      return [{ limit, limitKw, start: timeOf(first), peakAt: timeOf(worst), peakKw: median[worst]! }];
    });
  }
}
