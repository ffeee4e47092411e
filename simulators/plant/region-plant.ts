import { Plant, type PlantSnapshot } from './plant.ts';
import type { PlantOptions, PlantSpec } from './spec.ts';

export interface RegionPlantSnapshot {
  readonly version: 1;
  readonly timeMs: number;
  readonly plants: readonly PlantSnapshot[];
}

/** Start of the plants in the demo and the proof: after eight weeks of history. */
export const plantStartMs = Date.UTC(2021, 8, 25);

const WARM_UP_S = 86_400;
const WARM_UP_STEP_S = 900;

/** All substations of a region, stepped together. */
export class RegionPlant {
  readonly plants: readonly Plant[];
  readonly #byId: ReadonlyMap<string, Plant>;

  constructor(specs: readonly PlantSpec[], options: PlantOptions) {
    this.plants = specs.map((spec) => new Plant(spec, options));
    this.#byId = new Map(this.plants.map((plant) => [plant.id, plant]));
  }

  get timeMs(): number {
    return this.plants[0]!.timeMs;
  }

  /** True once the series have ended; the demo then offers a restart. */
  get ended(): boolean {
    return this.plants[0]!.ended;
  }

  plant(id: string): Plant | undefined {
    return this.#byId.get(id);
  }

  /** Returns false when the series have ended and nothing moved. */
  step(dtS = 1): boolean {
    if (this.ended) return false;
    for (const plant of this.plants) plant.step(dtS);
    return true;
  }

  snapshot(): RegionPlantSnapshot {
    return { version: 1, timeMs: this.timeMs, plants: this.plants.map((plant) => plant.snapshot()) };
  }

  /** Throws if the state belongs to other plants or another seed. */
  restore(from: RegionPlantSnapshot): void {
    if (from.plants.length !== this.plants.length)
      throw new Error(`the saved state has ${from.plants.length} plants, not ${this.plants.length}`);
    for (const [at, plant] of this.plants.entries()) plant.restore(from.plants[at]!);
  }
}

/** A region at `startMs` after one day of warm-up: tap changers have settled, and cars of the evening before are charging. */
export function startedRegion(specs: readonly PlantSpec[], options: PlantOptions): RegionPlant {
  const region = new RegionPlant(specs, { ...options, startMs: options.startMs - WARM_UP_S * 1000 });
  for (let left = WARM_UP_S; left > 0; left -= WARM_UP_STEP_S) region.step(WARM_UP_STEP_S);
  return region;
}
