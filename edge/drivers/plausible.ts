import type { Metric } from '../../shared/contracts/frame.ts';
import type { Span } from './driver.ts';

const FAR = 10;

const LATE_MS = 3_600_000;
const AHEAD_MS = 120_000;

/**
 * Whether a source's own time, ms UTC, can be that of a value which comes now: it may have waited, but nothing was measured in the
 * future. What lies far ahead the cloud would refuse.
 */
export const isPlausibleTime = (time: number, now: number): boolean => time - now <= AHEAD_MS && now - time <= LATE_MS;

/**
 * Span of values that can be true, per metric. Power may pass the rating tenfold (a fault is a value too); what is further off is
 * a unit mistaken or a register read wrongly.
 */
export function plausible(metric: Metric, ratedKw: number): Span {
  const power = FAR * Math.max(ratedKw, 1);
  switch (metric) {
    case 'activePowerKw':
    case 'reactivePowerKvar':
    case 'activePowerSetpointKw':
    case 'reactivePowerSetpointKvar':
      return { min: -power, max: power };
    case 'activePowerLimitKw':
    case 'availableKw':
    case 'wishedKw':
      return { min: 0, max: power };
    case 'voltagePu':
    case 'voltageTargetPu':
      return { min: 0, max: 2 };
    case 'currentA':
      return { min: 0, max: 1e5 };
    case 'socPct':
      return { min: -1, max: 101 };
    case 'energyDueKwh':
      return { min: 0, max: 1e6 };
    case 'sessions':
      return { min: 0, max: 1e5 };
    case 'deadlineMs':
      return { min: 0, max: 8.64e15 };
    case 'tapPosition':
      return { min: -100, max: 100 };
    case 'capacitorStep':
      return { min: 0, max: 100 };
    // A transformer carries more when it is cold: a broken sensor must not say so.
    case 'temperatureC':
      return { min: -60, max: 70 };
    case 'radiationWm2':
      return { min: -20, max: 2000 };
    case 'closed':
      return { min: 0, max: 1 };
    case 'windSpeedMs':
      return { min: 0, max: 120 };
  }
}
