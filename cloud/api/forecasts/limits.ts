import type { Region } from '../../../shared/contracts/region.ts';
import type { Limits } from './shape.ts';

/**
 * Returns the import and export limits of a target as magnitudes. A feeder without limits has the rating of its head, else those of its
 * substation. Undefined if none are known.
 */
export function limitsOf(region: Region, target: string): Limits | undefined {
  const [kind, id] = target.split(':');
  if (kind === 'region') return id === region.id ? region.limits : undefined;
  for (const { id: own, limits, network } of region.substations) {
    if (kind === 'substation' && own === id) return limits;
    const feeder = kind === 'feeder' ? network.feeders.find((each) => each.id === id) : undefined;
    if (feeder === undefined) continue;
    const head = region.substations.flatMap(({ heads = [] }) => heads).find((each) => each.feeder === feeder.id);
    if (head !== undefined) return { importKw: head.importKw, exportKw: head.exportKw };
    const rating = network.lines.find((line) => line.id === feeder.headBranch)?.ratedKva;
    return rating === undefined ? limits : { importKw: rating, exportKw: rating };
  }
  return undefined;
}
