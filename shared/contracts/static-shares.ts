import type { Region, RegionSubstation } from './region.ts';
import type { ShareKw } from './share-schedule.ts';

/**
 * Each substation's part of the region's limit by its transformer's rating, and no more than its own limit, by its id: what holds where
 * nobody knows more. Together they are no more than the region's limit.
 */
export function staticShares({
  limits,
  substations,
}: Pick<Region, 'limits' | 'substations'>): ReadonlyMap<string, ShareKw> {
  const weight = ({ network }: RegionSubstation): number => network.transformers[0]?.ratedKva ?? 1;
  const whole = substations.reduce((sum, one) => sum + weight(one), 0);
  return new Map(
    substations.map((one) => {
      const part = weight(one) / whole;
      return [
        one.id,
        {
          importKw: Math.floor(Math.min(one.limits.importKw, part * limits.importKw)),
          exportKw: Math.floor(Math.min(one.limits.exportKw, part * limits.exportKw)),
        },
      ];
    }),
  );
}
