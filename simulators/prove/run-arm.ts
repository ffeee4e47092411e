import type { ForecastTasks } from '../../cloud/forecast/serve/forecast-tasks.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import { startedRegion } from '../plant/region-plant.ts';
import { runControlled } from './controlled.ts';
import type { Course } from './course.ts';
import { Happenings } from './happenings.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { accessOf, Practice } from './practice.ts';
import type { ArmId, Protocol } from './protocol.ts';
import { SiteScore, type Minute } from './site-score.ts';
import type { Traffic } from './traffic.ts';
import type { CourseWorld } from './world.ts';

/** One arm on one seed. All but the CPU is the same each time. */
export interface ArmRun {
  readonly arm: ArmId;
  readonly seed: number;
  readonly scenario: string;
  readonly day: string;
  readonly outcome: Outcome;
  readonly minutes: Readonly<Record<string, readonly Minute[]>>;
  /** Null where it is not counted. */
  readonly bytes: Traffic | null;
  readonly cpuS: number;
}

export interface RunOptions {
  readonly protocol: Protocol;
  readonly course: Course;
  readonly arm: ArmId;
  readonly world: CourseWorld;
  readonly training: Compute<ForecastTasks>;
}

export async function runArm({ protocol, course, arm, world, training }: RunOptions): Promise<ArmRun> {
  const cpu = process.cpuUsage();
  const switches = protocol.arms[arm];
  const scores = new Map(
    world.region.substations.map((model) => [model.id, new SiteScore(model, course, protocol.unit)]),
  );
  const traffic: Traffic = { up: {}, down: {} };
  if (switches.guard === 'none') await runPractice({ protocol, course, world, scores });
  else await runControlled({ protocol, course, arm: switches, world, training, scores, traffic });
  const { user, system } = process.cpuUsage(cpu);
  return {
    arm,
    seed: course.seed,
    scenario: course.scenario,
    day: course.day,
    outcome: outcomeOf(scores, { course, prices: protocol.prices, stepS: protocol.settings.cycleS }),
    minutes: Object.fromEntries([...scores].map(([id, { minutes }]) => [id, minutes])),
    // What a guard in the cloud is sent each second passes by the link that is metered here.
    bytes: switches.guard === 'cloud' ? null : traffic,
    cpuS: (user + system) / 1e6,
  };
}

async function runPractice(options: {
  readonly protocol: Protocol;
  readonly course: Course;
  readonly world: CourseWorld;
  readonly scores: ReadonlyMap<string, SiteScore>;
}): Promise<void> {
  const { protocol, course, world, scores } = options;
  const { cycleS } = protocol.settings;
  const { plants } = startedRegion(world.specs, { ...world.plant, startMs: course.startMs });
  const sites = plants.map((plant) => {
    const { id } = plant;
    const access = accessOf(protocol.plant.access, course.seed, id);
    const model = world.region.substations.find((each) => each.id === id)!;
    return { id, access, practice: new Practice(plant, model, { share: world.shares.get(id)!, access }) };
  });
  const happenings = new Happenings(course, plants, (event, begins) => {
    for (const { id, access, practice } of sites) {
      if (event.kind === 'access') access.lossShare = begins ? 1 : protocol.plant.access.lossShare;
      if (event.kind === 'gateway' && event.substation === id) practice.alive = !begins;
    }
  });
  for (let s = 0; s < course.hours * 3600; s += cycleS) {
    for (const [at, plant] of plants.entries()) {
      plant.step(cycleS);
      await sites[at]!.practice.step(plant.timeMs);
    }
    happenings.step(plants[0]!.timeMs);
    for (const plant of plants) scores.get(plant.id)!.step(plant.truth(), cycleS);
  }
}
