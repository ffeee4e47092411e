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
  /** Offset of the frame in the gateway's stream; with `time` (offset mod 10^6) it keys the point: a second write is harmless. */
  readonly offset: number;
}

export interface Interval {
  /** Start of the interval, ms UTC. */
  readonly start: number;
  /** Time-weighted mean; null where there is no value (never 0). */
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
  /** Only what the cloud had stored at or before this plant time. */
  readonly asOf?: number;
}

export interface MeansQuery extends RangeQuery {
  readonly resolutionS: number;
  /** Share of an interval that values must cover for its mean to be usable. */
  readonly leastCoverage: number;
}

export interface WaitingRollups {
  /** Known to be rolled up. */
  readonly series: number;
  /** To be looked at: which of their series are to be rolled up. */
  readonly gateways: number;
}

/**
 * The Store port. Adapters: SQLite in its own worker (default), InfluxDB through its client, SQLite in memory in the caller's
 * thread (virtual time). All pass one conformance suite. `write` resolves when the points are durable, or rejects with
 * LS-STORE-001 and nothing counts as stored.
 */
export interface TelemetryStore {
  open(): Promise<void>;
  close(): Promise<void>;
  write(points: readonly Point[]): Promise<void>;
  /** Raw samples of each series, in time order. */
  read(query: RangeQuery): Promise<Sample[][]>;
  /** Interval means on the grid of `resolutionS`, one entry for each interval of the range. */
  intervals(query: RangeQuery & { readonly resolutionS: number }): Promise<Interval[][]>;
  /**
   * Of each series its usable means alone, as `usableMeans` has them of its intervals: whole histories are read for forecasts, and an
   * object for each interval would keep the garbage collector of the caller's thread at work. Absent: `readMeans` asks for the intervals.
   */
  means?(query: MeansQuery): Promise<Float64Array[]>;
  /** The newest sample of each series within the range, or undefined. */
  latest(query: RangeQuery): Promise<(Sample | undefined)[]>;
  /** A bounded piece of roll-up and retention at plant time `now`. True: more is left. Once it is `stopping`, it ends soon. */
  maintain?(now: number, stopping?: AbortSignal): Promise<boolean>;
  /** What waits for `maintain`. Absent: nothing waits long. */
  waitingRollups?(): WaitingRollups;
}
