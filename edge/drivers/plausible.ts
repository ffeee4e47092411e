import type { Metric } from '../../shared/contracts/frame.ts';
import type { Span } from './driver.ts';

const FAR = 10;

const LATE_MS = 3_600_000;
const AHEAD_MS = 120_000;

/**
 * Whether a source's time, ms UTC, is plausible for a value that arrives now: it may have been delayed, but cannot be in the
 * future. The cloud would refuse a time far ahead.
 */
export const isPlausibleTime = (time: number, now: number): boolean => time - now <= AHEAD_MS && now - time <= LATE_MS;

/**
 * Plausible range of each metric. Power may reach ten times the rating, because a fault is a value too; beyond that, a unit is
 * wrong or a register was misread.
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
    // A transformer carries more when it is cold, so a broken sensor must not report cold.
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
