import type { ForecastTasks } from '../../cloud/forecast/serve/forecast-tasks.ts';
import { loadSolver } from '../../cloud/plan/compose-solver.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import { runControlled } from './controlled.ts';
import type { Course } from './course.ts';
import { Droop } from './droop.ts';
import { runForesight } from './foresight.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { accessOf, Practice } from './practice.ts';
import type { Arm, ArmId, Protocol } from './protocol.ts';
import { rehearse } from './rehearsal.ts';
import { SiteScore, type Minute } from './site-score.ts';
import type { Traffic } from './traffic.ts';
import type { CourseWorld } from './world.ts';

/** Result of one arm on one seed. Everything but `cpuS` is reproducible. */
export interface ArmRun {
  readonly arm: ArmId;
  readonly seed: number;
  readonly scenario: string;
  readonly day: string;
  readonly outcome: Outcome;
  readonly minutes: Readonly<Record<string, readonly Minute[]>>;
  /** Null when not counted. */
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
  else if (switches.plan === 'none') await runWithout({ protocol, course, arm: switches, world, scores });
  else await runControlled({ protocol, course, arm: switches, world, training, scores, traffic });
  const { user, system } = process.cpuUsage(cpu);
  return {
    arm,
    seed: course.seed,
    scenario: course.scenario,
    day: course.day,
    outcome: outcomeOf(scores, { course, prices: protocol.prices, stepS: protocol.settings.cycleS }),
    minutes: Object.fromEntries([...scores].map(([id, { minutes }]) => [id, minutes])),
    // The per-second data of a guard in the cloud does not pass the metered link.
    bytes: switches.guard === 'cloud' ? null : traffic,
    cpuS: (user + system) / 1e6,
  };
}

/** Runs arms without gateway and plan: practice, or droop, where each device only knows its surroundings. */
async function runWithout(options: {
  readonly protocol: Protocol;
  readonly course: Course;
  readonly arm: Arm;
  readonly world: CourseWorld;
  readonly scores: ReadonlyMap<string, SiteScore>;
}): Promise<void> {
  const { protocol, course, arm, world, scores } = options;
  let sites: readonly {
    readonly id: string;
    readonly access: { lossShare: number };
    readonly control: Practice | Droop;
  }[] = [];
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
        const share = world.shares.get(id)!;
        const control =
          arm.knows === 'local' ? new Droop(plant, model, share) : new Practice(plant, model, { share, access });
        return { id, access, control };
      });
      return (event, begins) => {
        for (const { id, access, control } of sites) {
          if (event.kind === 'access') access.lossShare = begins ? 1 : protocol.plant.access.lossShare;
          // Droop has no computer to lose.
          if (event.kind === 'gateway' && event.substation === id && control instanceof Practice)
            control.alive = !begins;
        }
      };
    },
    onStep: async (plants) => {
      for (const [at, { control }] of sites.entries()) await control.step(plants[at]!.timeMs);
    },
  });
}
