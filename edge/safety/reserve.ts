import { withoutReserve } from '../../shared/grid/storage-reserve.ts';
import type { DeviceSpec } from '../control/model.ts';
import type { GuardLever } from './guard-types.ts';
import type { GuardState } from '../control/safety-memory.ts';

/**
 * The device as a contractual limit may use it: the battery keeps a reserve at both ends of its charge, `reserveS` at its rated
 * power. Passing a contract or an operating limit costs money; the reserve is for a relay that would trip.
 */
export function withReserve(spec: DeviceSpec, reserveS: number): DeviceSpec {
  const { battery, rating } = spec;
  if (battery === null) return spec;
  const { capacityKwh, efficiency, socMinPct, socMaxPct } = battery;
  const { least, most } = withoutReserve(
    {
      chargeKw: rating.maxKw,
      dischargeKw: -rating.minKw,
      capacityKwh,
      efficiency,
      least: socMinPct / 100,
      most: socMaxPct / 100,
    },
    reserveS,
  );
  return { ...spec, battery: { ...battery, socMinPct: 100 * least, socMaxPct: 100 * most } };
}

/**
 * Moves bounds outside their levers' spans to the nearest end, which releases at once what has become reserve. `of` selects the
 * limits whose bounds are moved, by id.
 */
export function inSpans(
  state: GuardState,
  levers: readonly GuardLever[],
  of: (limit: string) => boolean = () => true,
): GuardState {
  const bounds = { ...state.bounds };
  for (const { key, span } of levers) {
    const bound = bounds[key];
    if (bound === undefined) continue;
    const max = bound.max === null || !of(bound.maxBy ?? '') ? bound.max : Math.max(bound.max, span.minKw);
    const min = bound.min === null || !of(bound.minBy ?? '') ? bound.min : Math.min(bound.min, span.maxKw);
    if (max !== bound.max || min !== bound.min) bounds[key] = { ...bound, max, min };
  }
  return { ...state, bounds };
}
