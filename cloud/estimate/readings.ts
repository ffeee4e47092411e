import type { Metric } from '../../shared/contracts/frame.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import { isLive } from '../../shared/time/staleness.ts';

/** Newest readings by device id within the gateway, load convention. What was never read is absent. */
export type Readings = ReadonlyMap<string, Readonly<Partial<Record<Metric, Sample>>>>;

/** A reading that may be counted on: finite, and not bad. */
export function usable(readings: Readings, device: string, metric: Metric): Sample | undefined {
  const reading = readings.get(device)?.[metric];
  return reading !== undefined && reading.quality !== 'bad' && Number.isFinite(reading.value) ? reading : undefined;
}

/** When readings are looked at. */
export interface Moment {
  /** Plant time, ms UTC. */
  readonly time: number;
  /** Plant seconds per machine second, as asked for; absent: 1. */
  readonly speed?: number | undefined;
}

/** Whether what a meter read at a time still says what is. */
export const isLiveAt = (now: Moment, readAt: number, meter: { readonly intervalS?: number }): boolean =>
  isLive(now.time - readAt, { intervalS: meter.intervalS, speed: now.speed });
