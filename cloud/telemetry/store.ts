import type { Quality } from '../../shared/contracts/ids.ts';
import type { Sample } from '../../shared/contracts/sample.ts';

/** One time series: a metric of a device of a gateway. */
export interface SeriesKey {
  readonly gateway: string;
  readonly device: string;
  readonly metric: string;
}

export interface Point extends Sample {
  readonly series: SeriesKey;
  /** Offset of the frame in the gateway's stream. `time` and (offset mod 10^6) are the point's key, so a second write is harmless. */
  readonly offset: number;
}

export interface Interval {
  /** Start of the interval, ms UTC. */
  readonly start: number;
  /** Time-weighted mean; null without a value (never 0). */
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Share of the interval that values cover, 0 to 1. */
  readonly coverage: number;
  /** The worst quality in it. */
  readonly quality: Quality;
}

export interface RangeQuery {
  readonly series: readonly SeriesKey[];
  /** Half open: [start, end), ms UTC. */
  readonly start: number;
  readonly end: number;
  /** Only points that the cloud had stored by this plant time. */
  readonly asOf?: number;
}

export interface IntervalsQuery extends RangeQuery {
  readonly resolutionS: number;
  /** For intervals finer than a quarter of an hour: no mean where raw samples were thinned, instead of the mean of the whole quarter. */
  readonly rawOnly?: boolean;
}

export interface MeansQuery extends RangeQuery {
  readonly resolutionS: number;
  /** Share of an interval that values must cover for its mean to be usable. */
  readonly leastCoverage: number;
}

export interface WaitingRollups {
  /** Series that are due. */
  readonly series: number;
  /** Gateways whose due series are still to be found. */
  readonly gateways: number;
}

/**
 * The Store port. Adapters: SQLite in its own worker (default), InfluxDB through its client, SQLite in memory in the caller's thread
 * (virtual time). All pass one conformance suite. `write` resolves when the points are durable, or rejects with LS-STORE-001 and nothing
 * counts as stored.
 */
export interface TelemetryStore {
  open(): Promise<void>;
  close(): Promise<void>;
  write(points: readonly Point[]): Promise<void>;
  /** Raw samples of each series, in time order. */
  read(query: RangeQuery): Promise<Sample[][]>;
  /** Interval means on the grid of `resolutionS`, one entry for each interval of the range. */
  intervals(query: IntervalsQuery): Promise<Interval[][]>;
  /**
   * Only the usable means of each series' intervals (`usableMeans`). Forecasts read whole histories, and an object per interval would load
   * the garbage collector of the caller's thread. Absent: `readMeans` computes them from the intervals.
   */
  means?(query: MeansQuery): Promise<Float64Array[]>;
  /** The newest sample of each series within the range, or undefined. */
  latest(query: RangeQuery): Promise<(Sample | undefined)[]>;
  /** Does a bounded piece of roll-up and retention at plant time `now`. True: more is left. Ends soon once `stopping` is aborted. */
  maintain?(now: number, stopping?: AbortSignal): Promise<boolean>;
  /** Work that waits for `maintain`. Absent: nothing waits long. */
  waitingRollups?(): WaitingRollups;
}
