import type { ForecastTasks } from '../../cloud/forecast/serve/forecast-tasks.ts';
import { loadSolver } from '../../cloud/plan/compose-solver.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import { runControlled } from './controlled.ts';
import type { Course } from './course.ts';
import { runForesight } from './foresight.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { accessOf, Practice } from './practice.ts';
import type { ArmId, Protocol } from './protocol.ts';
import { rehearse } from './rehearsal.ts';
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
  let scores: ReadonlyMap<string, SiteScore> = new Map(
    world.region.substations.map((model) => [model.id, new SiteScore(model, course, protocol.unit)]),
  );
  const traffic: Traffic = { up: {}, down: {} };
  if (switches.knows === 'truth') scores = await runForesight({ protocol, course, world, solver: await loadSolver() });
  else if (switches.guard === 'none') await runPractice({ protocol, course, world, scores });
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
  let sites: readonly { readonly id: string; readonly access: { lossShare: number }; readonly practice: Practice }[] =
    [];
  await rehearse({
    course,
    world,
    scores,
    cycleS: protocol.settings.cycleS,
    touch: (plants) => {
      sites = plants.map((plant) => {
        const { id } = plant;
        const access = accessOf(protocol.plant.access, course.seed, id);
        const model = world.region.substations.find((each) => each.id === id)!;
        return { id, access, practice: new Practice(plant, model, { share: world.shares.get(id)!, access }) };
      });
      return (event, begins) => {
        for (const { id, access, practice } of sites) {
          if (event.kind === 'access') access.lossShare = begins ? 1 : protocol.plant.access.lossShare;
          if (event.kind === 'gateway' && event.substation === id) practice.alive = !begins;
        }
      };
    },
    onStep: async (plants) => {
      for (const [at, { practice }] of sites.entries()) await practice.step(plants[at]!.timeMs);
    },
  });
}
