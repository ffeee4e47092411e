import type { DeviceHealth } from '../../shared/contracts/report.ts';

/**
 * kW that guard or grid limit takes from a device. A gateway from before it reported relief is judged by its wish and setpoint; a
 * device without a wish then counts as not relieved.
 */
export function reliefKwOf({
  limitedBy,
  reliefKw,
  wishedKw,
  setpointKw,
}: Pick<DeviceHealth, 'limitedBy' | 'reliefKw' | 'wishedKw' | 'setpointKw'>): number {
  if (limitedBy !== 'guard' && limitedBy !== 'grid-limit') return 0;
  if (reliefKw !== undefined) return Math.max(0, reliefKw);
  return wishedKw === null || setpointKw === null ? 0 : Math.abs(wishedKw - setpointKw);
}
