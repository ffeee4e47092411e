import type { Forecast, ForecastKind } from '../../../shared/contracts/forecast.ts';

export interface HeadQuery {
  readonly target: string;
  readonly kind: ForecastKind;
  /** Default: uncontrolled; for external forecasts, any load. */
  readonly load?: Forecast['load'] | undefined;
  /** Times of issue, both included. */
  readonly from: number;
  readonly to: number;
}

/** The range of a vintage: [start, start + steps x resolutionS). */
export interface ForecastHead {
  readonly id: string;
  readonly issuedAt: number;
  readonly start: number;
  readonly steps: number;
  readonly resolutionS: number;
  /** Id of the model that made it. */
  readonly model: string;
  readonly isFallback: boolean;
  /** End, ms UTC, of the steps that repeat another forecast's, which is stored as well; absent: none. */
  readonly copiedTo?: number;
}

const WEEK = '-week';

/** Id of the week-ahead forecast that extends an issued one and repeats its steps. */
export const weekIdOf = (near: string): string => `${near}${WEEK}`;
export const isWeekId = (id: string): boolean => id.endsWith(WEEK);

/** Immutable forecasts of every kind. A second forecast under an id is dropped; the first stays. A power loss may lose the last ones. */
export interface ForecastStore {
  /** Stores several, all or none. Values are whole multiples of 0.01 kW (see `roundedKw`). */
  put(forecasts: readonly Forecast[]): Promise<void>;
  get(id: string): Promise<Forecast | undefined>;
  /** The newest forecast of a target's uncontrolled load issued at or before `asOf`, to the model's horizon. */
  newest(target: string, asOf?: number): Promise<Forecast | undefined>;
  /**
   * The newest forecast of a target's uncontrolled load that reaches the seventh day and was issued within [since, asOf], ms UTC. One
   * issued later comes from a clock that has since been set back.
   */
  newestWeekAhead(target: string, since: number, asOf: number): Promise<Forecast | undefined>;
  /** All forecasts of a target's uncontrolled load issued within [from, to), oldest first, at most `limit`. */
  issued(
    target: string,
    range: { readonly from: number; readonly to: number; readonly limit: number },
  ): Promise<Forecast[]>;
  /** Heads, without values, of forecasts issued within [from, to], oldest first. */
  heads(query: HeadQuery): Promise<ForecastHead[]>;
  /** Levels of a target's actual load within its forecasts, by origin: see `JointSums`. */
  errorPaths(target: string): Promise<[origin: number, path: Float32Array][]>;
  /** An existing path of an origin stays. */
  putErrorPath(target: string, origin: number, path: Float32Array): Promise<void>;
  pruneErrorPaths(target: string, before: number): Promise<void>;
  trackerState(target: string): Promise<unknown>;
  keepTrackerState(target: string, state: unknown): Promise<void>;
}
