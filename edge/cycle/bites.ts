import type { Wish } from '../control/arbitrate.ts';
import { finite, type DeviceImage } from '../control/image.ts';
import type { DeviceSpec } from '../control/model.ts';

/** Share of the rating below which a difference is measurement noise. */
const IDLE_SHARE = 0.001;
/** A device that is held back by a limit stays within this share of its rating from it. */
const TRACKING_SHARE = 0.02;

/** A plan rounds to tenths of a kW, so its setpoint may exceed its limit by half of that. */
const ROUNDED_KW = 0.05;

export interface Free {
  readonly wish: Pick<Wish, 'free' | 'kw'>;
  readonly device: Pick<DeviceImage, 'activePowerKw' | 'freeKw'> | undefined;
  /** The most that the sun yields now, as a share of a plant's rating; null if unknown. */
  readonly sun: number | null;
}

/**
 * Whether a limit takes anything away, for display. A device without a target that would do no more anyway is not limited, such as
 * PV at night. `kw` is the limit, signed. Some devices report what they would do without a limit. For the others, a limit takes
 * nothing while the device does clearly less than the limit allows, and PV never yields more than the sun does: with a limit of 0
 * at night there is no other sign.
 */
export function bites(
  { type, lever, rating }: Pick<DeviceSpec, 'type' | 'lever' | 'rating'>,
  kw: number,
  { wish, device, sun }: Free,
): boolean {
  if (!wish.free) return wish.kw === null || Math.abs(kw - wish.kw) > ROUNDED_KW;
  const rated = Math.max(Math.abs(rating.minKw), Math.abs(rating.maxKw));
  /** Magnitude in the direction of the limit. */
  const along = (value: number): number => (lever === 'export-limit' ? -value : value);
  const limit = along(kw);
  if (finite(device?.freeKw)) return along(device.freeKw) > limit + IDLE_SHARE * rated;
  if (finite(device?.activePowerKw) && along(device.activePowerKw) < limit - TRACKING_SHARE * rated) return false;
  return type !== 'pv-inverter' || sun === null || sun * rated > limit + IDLE_SHARE * rated;
}
