import type { Wish } from '../control/arbitrate.ts';
import { finite, type DeviceImage } from '../control/image.ts';
import type { DeviceSpec } from '../control/model.ts';

/** Of the rating: less than this is noise of a measurement. */
const IDLE_SHARE = 0.001;
/** Of the rating: a device that keeps a limit stays this near to it. */
const KEPT_SHARE = 0.02;

/** A plan tells tenths of a kW, so its setpoint may be beyond its limit by half of one. */
const ROUNDED_KW = 0.05;

export interface Free {
  readonly wish: Pick<Wish, 'free' | 'kw'>;
  readonly device: Pick<DeviceImage, 'activePowerKw' | 'freeKw'> | undefined;
  /** Most that the sun gives now, as a share of a plant's rating; null: not known. */
  readonly sun: number | null;
}

/**
 * Whether a limit takes anything away, for people: a device without a target that would do no more is left as it is, such as the sun by
 * night. `kw` is the limit, signed. What the device would do it says itself; of one that does not, it is known that its limit takes nothing while it
 * does clearly less than that, and that a plant gives no more than the sun: with a limit of 0 by night there is no other sign.
 */
export function bites(
  { type, lever, rating }: Pick<DeviceSpec, 'type' | 'lever' | 'rating'>,
  kw: number,
  { wish, device, sun }: Free,
): boolean {
  if (!wish.free) return wish.kw === null || Math.abs(kw - wish.kw) > ROUNDED_KW;
  const rated = Math.max(Math.abs(rating.minKw), Math.abs(rating.maxKw));
  /** Magnitudes in the direction of the limit. */
  const along = (value: number): number => (lever === 'export-limit' ? -value : value);
  const limit = along(kw);
  if (finite(device?.freeKw)) return along(device.freeKw) > limit + IDLE_SHARE * rated;
  if (finite(device?.activePowerKw) && along(device.activePowerKw) < limit - KEPT_SHARE * rated) return false;
  return type !== 'pv-inverter' || sun === null || sun * rated > limit + IDLE_SHARE * rated;
}
