import type { Metric } from '../../shared/contracts/frame.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import { isLive } from '../../shared/time/staleness.ts';

/** Newest readings by device id within the gateway, load convention; absent: never read. */
export type Readings = ReadonlyMap<string, Readonly<Partial<Record<Metric, Sample>>>>;

/** The reading if it is usable: finite, and not of bad quality. */
export function usable(readings: Readings, device: string, metric: Metric): Sample | undefined {
  const reading = readings.get(device)?.[metric];
  return reading !== undefined && reading.quality !== 'bad' && Number.isFinite(reading.value) ? reading : undefined;
}

/** When readings are evaluated. */
export interface Moment {
  /** Plant time, ms UTC. */
  readonly time: number;
  /** Requested plant seconds per machine second; absent: 1. */
  readonly speed?: number | undefined;
}

/** Whether a meter's reading of a time is still live. */
export const isLiveAt = (now: Moment, readAt: number, meter: { readonly intervalS?: number }): boolean =>
  isLive(now.time - readAt, { intervalS: meter.intervalS, speed: now.speed });
