import type { Metric } from '../../shared/contracts/frame.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import type { ChargingSession } from '../../shared/contracts/sessions.ts';
import type { Setpoint, SetpointKey } from '../control/setpoint.ts';

/**
 * The newest value of one metric, in Loadstone's unit and sign. It is uncertain where the source's own time is far off and the time of
 * receipt stands for it; it is estimated where part of it is not measured but what a part of the device may be at worst.
 */
export interface ReadSample extends Sample {
  /** Elapsed plant time at receipt, ms: the age is taken from this. */
  readonly receivedMs: number;
}

/** When a value was so, plant time, ms UTC: as its device tells, or when it came. */
export interface SourceTime {
  readonly ms: number;
  /** What the device told is far off. */
  readonly uncertain: boolean;
}

export const measured = (value: number, { ms, uncertain }: SourceTime, receivedMs: number): ReadSample => ({
  value,
  quality: uncertain ? 'uncertain' : 'good',
  origin: 'measured',
  time: ms,
  receivedMs,
});

export type Samples = ReadonlyMap<Metric, ReadSample>;

export interface DriverCounters {
  /** Values that were not taken: not a number, out of range, not readable. */
  readonly refused: number;
  /** The last of them in words, or null. */
  readonly lastRefusal: string | null;
  /** Setpoints that went over the wire. */
  readonly sent: number;
  /** Setpoints that the line did not take. */
  readonly unsent: number;
}

/** One device over its protocol. Nothing here waits for the device. */
export interface Driver {
  /** The newest sample of each metric. */
  read(): Samples;
  /**
   * The setpoint that stands from now on, called each cycle: the driver decides what goes over the wire and when (dead band,
   * least interval, keep-alive). A key that is absent is commanded no longer, and the device reverts by itself. `urgent` marks
   * relief: it passes the dead band and waits at most 1 s. Resolves once the line has taken what was to be sent; never rejects.
   */
  hold(setpoint: Setpoint, urgent: boolean): Promise<void>;
  counters(): DriverCounters;
  /** The device, or the broker for it, has said that it is gone: what was read of it is old at once. Absent: none says so. */
  gone?(): boolean;
  /**
   * For how long its own task is overdue, ms of machine time: an answer and a time-out are progress alike. Absent: it has no task
   * of its own.
   */
  overdueMs?(): number;
  /**
   * Resolves once what was due is on the wire or has failed, and no question is old; never rejects. What simulates time waits for it,
   * no cycle does. Absent: it has no task of its own.
   */
  served?(): Promise<void>;
  /**
   * Whether what is no setpoint may be written now: parameters, profiles and configuration that the device keeps, a controller's
   * heartbeat. It may not before it is first said. Absent: the driver writes nothing but setpoints.
   */
  permit?(allowed: boolean): void;
  /** Who charges at a site now; undefined while it has not told. Absent: the driver knows no sessions. */
  sessions?(): readonly ChargingSession[] | undefined;
  /** Parameters that the device holds otherwise than it should, in words; empty: it holds them, or it is not known yet. */
  parameters?(): readonly string[];
  /** What it does not tell, as far as it would if it were set so, in words; empty or absent: it tells all. */
  untold?(): readonly string[];
}

/** Span in which a number may go over the wire, kW, kvar or pu. */
export interface Span {
  readonly min: number;
  readonly max: number;
}

export type WireSpans = Readonly<Partial<Record<SetpointKey, Span>>>;
