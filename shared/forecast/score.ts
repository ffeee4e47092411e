import { indexOfLevel, pinball } from './quantiles.ts';

export interface Score {
  readonly nMae: number;
  /** Mean of the pinball losses of P10, P50 and P90 over the mean absolute load. */
  readonly pinball: number;
  /** Share of targets between P10 and P90. */
  readonly coverage80: number;
  readonly n: number;
}

/** Running score of forecasts against actual values: nMAE of the point, pinball loss and coverage of P10, P50, P90. */
export class Scorer {
  #n = 0;
  #absolute = 0;
  #pinball = 0;
  #inside = 0;

  /** `low`, `mid`, `high`: P10, P50, P90; `point` if it is not the median. */
  add(actual: number, band: { low: number; mid: number; high: number; point?: number }): void {
    this.#n++;
    this.#absolute += Math.abs(actual - (band.point ?? band.mid));
    this.#pinball +=
      (pinball(0.1, actual, band.low) + pinball(0.5, actual, band.mid) + pinball(0.9, actual, band.high)) / 3;
    if (actual >= band.low && actual <= band.high) this.#inside++;
  }

  get count(): number {
    return this.#n;
  }

  /** Sum of the mean losses of P10, P50 and P90, kW. */
  get pinballSum(): number {
    return this.#pinball;
  }

  get meanAbsoluteError(): number {
    return this.#absolute / this.#n;
  }

  /** `meanLoad`: mean absolute load over the scored window, kW. */
  score(meanLoad: number): Score {
    return {
      nMae: this.#absolute / this.#n / meanLoad,
      pinball: this.#pinball / this.#n / meanLoad,
      coverage80: this.#inside / this.#n,
      n: this.#n,
    };
  }
}

export const bandOf = (
  levels: readonly number[],
  valueAt: (quantile: number) => number,
): { low: number; mid: number; high: number } => ({
  low: valueAt(indexOfLevel(levels, 0.1)),
  mid: valueAt(indexOfLevel(levels, 0.5)),
  high: valueAt(indexOfLevel(levels, 0.9)),
});
