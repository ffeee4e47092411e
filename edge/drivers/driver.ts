import type { Metric } from '../../shared/contracts/frame.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import type { ChargingSession } from '../../shared/contracts/sessions.ts';
import type { Setpoint, SetpointKey } from '../control/setpoint.ts';

/**
 * The newest value of one metric, in Loadstone's unit and sign. It is uncertain if the source's time was implausible and the receipt time
 * replaces it. It is estimated if part of it is not measured but assumed at its worst.
 */
export interface ReadSample extends Sample {
  /** Elapsed plant time at receipt, ms; the age counts from it. */
  readonly receivedMs: number;
}

/** Time of the value, plant time, ms UTC: from the device, or the receipt. */
export interface SourceTime {
  readonly ms: number;
  /** The device's own time was implausible. */
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
  /** Rejected values: not a number, out of range, or unreadable. */
  readonly refused: number;
  /** The last of them in words, or null. */
  readonly lastRefusal: string | null;
  /** Setpoints sent over the wire. */
  readonly sent: number;
  /** Setpoints that the line did not take. */
  readonly unsent: number;
}

/** One device over its protocol. Nothing here waits for the device. */
export interface Driver {
  /** The newest sample of each metric. */
  read(): Samples;
  /**
   * The standing setpoint, called each cycle. The driver decides what is sent and when (dead band, minimum interval, keep-alive). An absent
   * key is no longer commanded, and the device reverts by itself. `urgent` marks relief: it bypasses the dead band and waits at most 1 s.
   * Resolves once the line has taken what had to be sent. Never rejects.
   */
  hold(setpoint: Setpoint, urgent: boolean): Promise<void>;
  counters(): DriverCounters;
  /** Step in which its active power or its limit can be set, kW: it is rounded down to that. Absent: finer than matters. */
  stepKw?(): number;
  /** The device, or its broker, has announced its death. Its values are stale at once. Absent: no device announces it. */
  gone?(): boolean;
  /**
   * How long the driver's own task is overdue, ms of machine time. Answers and time-outs both count as progress. Absent: it has no
   * task.
   */
  overdueMs?(): number;
  /**
   * Resolves once everything due is on the wire or has failed and no request is old; never rejects. Simulated time waits for it,
   * cycles never do. Absent: it has no task of its own.
   */
  served?(): Promise<void>;
  /**
   * Whether anything but setpoints may be written now: parameters, profiles, stored configuration, a controller's heartbeat. False
   * until first called. Absent: the driver writes setpoints only.
   */
  permit?(allowed: boolean): void;
  /** The charging sessions at a site. Undefined: not reported yet. Absent: the driver knows no sessions. */
  sessions?(): readonly ChargingSession[] | undefined;
  /** Parameters that differ from their configuration, in words. Empty: none, or not known yet. */
  parameters?(): readonly string[];
  /** Metrics the device would report if it were configured to, in words. Empty or absent: it reports all. */
  unreported?(): readonly string[];
}

/** Range of values that may be sent, kW, kvar or pu. */
export interface Span {
  readonly min: number;
  readonly max: number;
}

export type WireSpans = Readonly<Partial<Record<SetpointKey, Span>>>;
