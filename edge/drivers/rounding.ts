import type { SetpointKey } from '../control/setpoint.ts';
import type { Span } from './driver.ts';

export type Toward = 'nearest' | 'zero';

/**
 * How a setpoint is rounded to what the wire can hold. A limit is rounded towards zero, so that the device never gets more than was
 * allowed. So is the power of a device that only takes or only feeds in, because it is the most that it may.
 */
export const towardOf = (key: SetpointKey, span: Span | undefined): Toward =>
  key === 'activePowerLimitKw' || (key === 'activePowerKw' && span !== undefined && span.min * span.max >= 0)
    ? 'zero'
    : 'nearest';

/** Values that are whole up to floating-point error stay so. */
export const whole = (raw: number, toward: Toward): number =>
  (toward === 'zero' ? Math.trunc(raw + Math.sign(raw) * 1e-6) : Math.round(raw)) || 0;
