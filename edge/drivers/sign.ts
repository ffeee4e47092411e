import type { Metric } from '../../shared/contracts/frame.ts';
import type { SetpointKey } from '../control/setpoint.ts';

export type Sign = 'consumption-positive' | 'generation-positive';

const SIGNED: ReadonlySet<string> = new Set<Metric | SetpointKey>([
  'activePowerKw',
  'reactivePowerKvar',
  'activePowerSetpointKw',
  'reactivePowerSetpointKvar',
]);

/**
 * The one place that converts a device's sign to the load convention and back. Active and reactive power are inverted together
 * (IEEE 1547 and SunSpec count both in the generator convention); limits are magnitudes and stay.
 */
export const turn = (sign: Sign, key: Metric | SetpointKey, value: number): number =>
  sign === 'generation-positive' && SIGNED.has(key) && value !== 0 ? -value : value;
