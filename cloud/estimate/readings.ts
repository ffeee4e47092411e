import type { Metric } from '../../shared/contracts/frame.ts';
import type { Quality } from '../../shared/contracts/ids.ts';

/** The newest value of one metric of one device. */
export interface Reading {
  readonly value: number;
  readonly quality: Quality;
  /** Source time, plant time, ms UTC. */
  readonly time: number;
}

/** Newest readings by device id within the gateway, load convention. What was never read is absent. */
export type Readings = ReadonlyMap<string, Readonly<Partial<Record<Metric, Reading>>>>;

/** A reading that may be counted on: finite, and not bad. */
export function usable(readings: Readings, device: string, metric: Metric): Reading | undefined {
  const reading = readings.get(device)?.[metric];
  return reading !== undefined && reading.quality !== 'bad' && Number.isFinite(reading.value) ? reading : undefined;
}

/** Beyond this age a reading is stale: three intervals and half a minute of grace. */
export const staleAfterMs = (intervalS: number): number => (3 * intervalS + 30) * 1000;
