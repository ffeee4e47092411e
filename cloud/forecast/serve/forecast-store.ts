import type { Forecast, ForecastKind } from '../../../shared/contracts/forecast.ts';

export interface HeadQuery {
  readonly target: string;
  readonly kind: ForecastKind;
  /** Default: uncontrolled; of what is external, whatever its source said it is. */
  readonly load?: Forecast['load'] | undefined;
  /** Times of issue, both included. */
  readonly from: number;
  readonly to: number;
}

/** What a vintage covers: [start, start + steps x resolutionS). */
export interface ForecastHead {
  readonly id: string;
  readonly issuedAt: number;
  readonly start: number;
  readonly steps: number;
  readonly resolutionS: number;
  /** Id of what made it. */
  readonly model: string;
  readonly isFallback: boolean;
}

/** Forecasts of every kind, immutable: a second one of the same id is dropped and the first answers. A loss of power may take the last ones. */
export interface ForecastStore {
  /** Stores several, all or none; each forecast's values are whole multiples of 0.01 kW (see `roundedKw`). */
  put(forecasts: readonly Forecast[]): Promise<void>;
  get(id: string): Promise<Forecast | undefined>;
  /** The newest issued one of a target's uncontrolled load that left at or before `asOf`, by a model to its horizon. */
  newest(target: string, asOf?: number): Promise<Forecast | undefined>;
  /**
   * The newest issued one of a target's uncontrolled load that goes on to the seventh day and left within [since, asOf], ms UTC: what
   * left later did so by a clock that has been set back.
   */
  newestWeekAhead(target: string, since: number, asOf: number): Promise<Forecast | undefined>;
  /** All of a target's uncontrolled load issued within [from, to), oldest first, at most `limit`. */
  issued(
    target: string,
    range: { readonly from: number; readonly to: number; readonly limit: number },
  ): Promise<Forecast[]>;
  /** Heads, without values, of what was issued within [from, to], oldest first. */
  heads(query: HeadQuery): Promise<ForecastHead[]>;
  /** Where a target's load came to lie on its forecasts, by origin: see `JointSums`. */
  errorPaths(target: string): Promise<[origin: number, path: Float32Array][]>;
  /** The first path of an origin stays. */
  putErrorPath(target: string, origin: number, path: Float32Array): Promise<void>;
  pruneErrorPaths(target: string, before: number): Promise<void>;
  trackerState(target: string): Promise<unknown>;
  keepTrackerState(target: string, state: unknown): Promise<void>;
}
