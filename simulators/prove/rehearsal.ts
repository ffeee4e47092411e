import type { Plant } from '../plant/plant.ts';
import { startedRegion } from '../plant/region-plant.ts';
import type { Course } from './course.ts';
import { Happenings, type Touch } from './happenings.ts';
import type { SiteScore } from './site-score.ts';
import type { CourseWorld } from './world.ts';

export interface RehearsalOptions {
  readonly course: Course;
  readonly world: CourseWorld;
  readonly cycleS: number;
  readonly scores: ReadonlyMap<string, SiteScore>;
  /** False keeps relays from opening feeders, so that their load is observed to the end. */
  readonly relays?: boolean;
  /** Handles outages of links and computers; without it they have no effect. */
  readonly touch?: (plants: readonly Plant[]) => Touch;
  /** Runs after the plants have stepped. */
  readonly onStep?: (plants: readonly Plant[], s: number) => void | Promise<void>;
}

/** Runs the plants with the events of a course and scores them, without gateways. */
export async function rehearse(options: RehearsalOptions): Promise<void> {
  const { course, world, cycleS, scores, relays = true } = options;
  const bites = { ...world.plant.bites, relays };
  const { plants } = startedRegion(world.specs, { ...world.plant, bites, startMs: course.startMs });
  const happenings = new Happenings(course, plants, options.touch?.(plants) ?? ((): void => undefined));
  for (let s = 0; s < course.hours * 3600; s += cycleS) {
    for (const plant of plants) plant.step(cycleS);
    await options.onStep?.(plants, s);
    happenings.step(plants[0]!.timeMs);
    for (const plant of plants) scores.get(plant.id)!.step(plant.truth(), cycleS);
  }
}
