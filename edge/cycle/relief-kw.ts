import type { Wish } from '../control/arbitrate.ts';
import { finite, type DeviceImage } from '../control/image.ts';
import type { DeviceSpec } from '../control/model.ts';
import { clampPower, type ClampInput } from '../safety/clamp.ts';

export interface ReliefInput extends Pick<ClampInput, 'stepS' | 'socPct' | 'run'> {
  readonly wish: Pick<Wish, 'kw'>;
  readonly device: DeviceImage | undefined;
  /** Its power before guard or grid limit bounded it; null if unknown. */
  readonly beforeKw: number | null;
  /** The most that the sun yields now, as a share of a plant's rating; null if unknown. */
  readonly sun: number | null;
  /** The limits that would hold without guard and grid limit. */
  readonly others: ClampInput['layers'];
}

/**
 * What a device would do now without guard and grid limit, signed kW; null if unknown. A limit says only what a device may do: it
 * does no more than it reports it could, else no more than it did before. A device without a wish would go on as before.
 */
export function unrelievedKw(spec: DeviceSpec, input: ReliefInput): number | null {
  const { wish, device, beforeKw, sun, others } = input;
  const wishedKw = wish.kw ?? beforeKw;
  if (wishedKw === null) return null;
  const layers = wish.kw === null ? [] : others;
  const { kw } = clampPower({ ...input, spec, wishedKw, lastKw: null, layers });
  if (spec.lever !== 'import-limit' && spec.lever !== 'export-limit') return kw;
  const isDark = spec.type === 'pv-inverter' && sun === 0;
  const able = finite(device?.freeKw) ? device.freeKw : isDark ? 0 : beforeKw;
  if (able === null) return null;
  return (spec.lever === 'export-limit' ? Math.max(kw, Math.min(0, able)) : Math.min(kw, Math.max(0, able))) || 0;
}

/** How much less a device gives or takes than without relief, at most by as much as its setpoint requires, kW. */
export function reliefKwOf(
  unrelieved: number | null,
  { setpointKw, device }: { readonly setpointKw: number; readonly device: DeviceImage | undefined },
): number {
  if (unrelieved === null) return 0;
  const required = setpointKw - unrelieved;
  const now = device?.fresh === true && finite(device.activePowerKw) ? device.activePowerKw : setpointKw;
  return Math.max(0, Math.min(Math.abs(required), Math.sign(required) * (now - unrelieved)));
}
