import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SubstationId } from '../../data/names.ts';
import { plantStartMs, RegionPlant, type RegionPlantSnapshot } from '../../plant/region-plant.ts';
import { plantSpecs } from '../../region/inputs.ts';

/** Restores the plant that a finished demo saved, with all ten substations by default. */
export function leftPlant(data: string, substations?: readonly SubstationId[]): RegionPlant {
  const region = new RegionPlant(plantSpecs(substations), { seed: 1, startMs: plantStartMs });
  region.restore(JSON.parse(readFileSync(join(data, 'plant.json'), 'utf8')) as RegionPlantSnapshot);
  return region;
}
