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
 * The one place where a device's way of counting is turned into the load convention, and back. Active and reactive power turn
 * together (IEEE 1547 and SunSpec count both as a generator does); limits are magnitudes and stay.
 */
export const turn = (sign: Sign, key: Metric | SetpointKey, value: number): number =>
  sign === 'generation-positive' && SIGNED.has(key) && value !== 0 ? -value : value;
