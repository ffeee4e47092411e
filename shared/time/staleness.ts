/**
 * The one rule of staleness for estimate, plan, API and page. A value is live for two intervals of its source plus its transit time; then
 * it is stale. All times are plant time.
 */

/** Gateways report by exception. They repeat an unchanged value after this many seconds. */
export const REPORT_INTERVAL_S = 60;
/** One report may be lost. After two missing reports the source counts as silent. */
const INTERVALS = 2;
/** Transit time of a value from device to reader, machine time. Plant time may run faster. */
const WAY_MS = 2000;
/** A plan decides quarter-hour means, so it may start from a value that was live within the last quarter hour. */
const PLANNED_MEAN_MS = 900_000;

export interface Source {
  /** Interval of the meter, s. Absent: the report interval applies. */
  readonly intervalS?: number | undefined;
  /** Requested plant seconds per machine second. Absent: 1. */
  readonly speed?: number | undefined;
}

/** Interval at which the values of a meter reach the cloud, s. */
export const reportIntervalS = (meterIntervalS = 0): number => Math.max(meterIntervalS, REPORT_INTERVAL_S);

/** Age up to which a value is live, ms. */
export const liveForMs = ({ intervalS, speed = 1 }: Source): number =>
  INTERVALS * 1000 * reportIntervalS(intervalS) + WAY_MS * Math.max(1, speed);

/** False if the age is unknown (NaN). A source whose clock is ahead is live. */
export const isLive = (ageMs: number, source: Source): boolean => ageMs <= liveForMs(source);

/** A plan may use a value for a quarter of an hour after it became stale. */
export const isUsableForPlanning = (ageMs: number, source: Source): boolean =>
  ageMs <= liveForMs(source) + PLANNED_MEAN_MS;
