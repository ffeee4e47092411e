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
  /** False: no relay opens a feeder, so that its load is seen to the end. */
  readonly relays?: boolean;
  /** Outages of links and computers; absent: they touch nobody. */
  readonly touch?: (plants: readonly Plant[]) => Touch;
  /** After the plants have stepped. */
  readonly onStep?: (plants: readonly Plant[], s: number) => void | Promise<void>;
}

/** The plants of a run by themselves: what happens to them, and what it comes to. */
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
