import type { BatterySpec, DeviceSpec } from '../control/model.ts';
import type { GuardLever, GuardState } from './guard-types.ts';

/** Share of a battery's span that is kept at each end, at most. */
const MOST_RESERVED = 0.25;

/**
 * The device as a limit of the grid may use it: with a battery that keeps off both ends by what it gives and takes at its rating in
 * `reserveS`. A contract that is passed costs money; what the last of a battery is for is a relay that would trip.
 */
export function withReserve(spec: DeviceSpec, reserveS: number): DeviceSpec {
  const { battery, rating } = spec;
  if (battery === null) return spec;
  const { socMinPct, socMaxPct, capacityKwh, efficiency } = battery;
  const most = MOST_RESERVED * Math.max(0, socMaxPct - socMinPct);
  const kept = (kwh: number): number => Math.min(most, Math.max(0, (100 * kwh) / capacityKwh));
  const hours = reserveS / 3600;
  const narrowed: BatterySpec = {
    ...battery,
    socMinPct: socMinPct + kept((-rating.minKw * hours) / efficiency),
    socMaxPct: socMaxPct - kept(rating.maxKw * hours * efficiency),
  };
  return { ...spec, battery: narrowed };
}

/** Bounds that no longer lie in what their levers may give are brought to its end: what has become a reserve is let go at once. */
export function inSpans(state: GuardState, levers: readonly GuardLever[]): GuardState {
  const bounds = { ...state.bounds };
  for (const { key, span } of levers) {
    const bound = bounds[key];
    if (bound === undefined) continue;
    const max = bound.max === null ? null : Math.max(bound.max, span.minKw);
    const min = bound.min === null ? null : Math.min(bound.min, span.maxKw);
    if (max !== bound.max || min !== bound.min) bounds[key] = { ...bound, max, min };
  }
  return { ...state, bounds };
}
