import type { Region, RegionSubstation } from './region.ts';
import type { ShareKw } from './share-schedule.ts';

/**
 * Each substation's static share of the region's limit, by its id: its `failsafe`. Substations without one share the rest by rating, each
 * up to its own limit. The shares together stay within the region's limit as long as the failsafes do.
 */
export function staticShares({
  limits,
  substations,
}: Pick<Region, 'limits' | 'substations'>): ReadonlyMap<string, ShareKw> {
  const weight = ({ failsafe, network }: RegionSubstation): number =>
    failsafe === undefined ? (network.transformers[0]?.ratedKva ?? 1) : 0;
  const whole = substations.reduce((sum, one) => sum + weight(one), 0);
  const rest = (side: keyof ShareKw): number =>
    substations.reduce((left, { failsafe }) => left - (failsafe?.[side] ?? 0), limits[side]);
  const left = { importKw: rest('importKw'), exportKw: rest('exportKw') };
  return new Map(
    substations.map((one) => {
      const part = (side: keyof ShareKw): number =>
        Math.max(0, Math.floor(Math.min(one.limits[side], (weight(one) / whole) * left[side])));
      return [one.id, one.failsafe ?? { importKw: part('importKw'), exportKw: part('exportKw') }];
    }),
  );
}
