import type { ForecastTasks } from '../../cloud/forecast/serve/forecast-tasks.ts';
import type { Region } from '../../shared/contracts/region.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import type { Link } from '../../shared/ports/link.ts';
import { gatewayOf } from '../data/names.ts';
import { AccessNetwork } from '../faces/access-network.ts';
import { RegionSim } from '../sim/region-sim.ts';
import type { SimField } from '../sim/sim-gateway.ts';
import { goodNetwork } from '../sim/sim-network.ts';
import { Trace } from '../sim/trace.ts';
import type { Course } from './course.ts';
import { Forwarding } from './forwarding.ts';
import { Happenings, type Touch } from './happenings.ts';
import { accessOf } from './practice.ts';
import type { Arm, Protocol } from './protocol.ts';
import type { SiteScore } from './site-score.ts';
import { metered, type Traffic } from './traffic.ts';
import { oneWay, readingFaults } from './wan.ts';
import type { CourseWorld } from './world.ts';

export interface ControlledOptions {
  readonly protocol: Protocol;
  readonly course: Course;
  readonly arm: Arm;
  readonly world: CourseWorld;
  readonly training: Compute<ForecastTasks>;
  readonly scores: ReadonlyMap<string, SiteScore>;
  readonly traffic: Traffic;
}

/** Period at which links and computers change state, and at which a cloud without a guard forwards its plan, s. */
const TURN_S = 10;

/** Runs an arm with gateways: one planner for all sites, or one per site that knows only its own. */
export async function runControlled(options: ControlledOptions): Promise<void> {
  const { world, arm } = options;
  const { substations } = world.region;
  if (arm.knows === 'all') return runTogether(options, world.region, new Set(substations.map(({ id }) => id)));
  // Sites that know nothing of each other can run one after the other.
  for (const substation of substations) {
    const moment = { ms: options.course.startMs };
    const limits =
      arm.quarterHourlyShare === true ? scheduled(world, substation.id, moment) : world.shares.get(substation.id)!;
    await runTogether(
      options,
      { ...world.region, substations: [substation], limits },
      new Set([substation.id]),
      moment,
    );
  }
}

const QUARTER_MS = 900_000;

/** The share of this quarter-hour or of the next, whichever is less: controllers need time to follow a lower one. */
function scheduled({ sharesAt }: CourseWorld, id: string, moment: { readonly ms: number }): Region['limits'] {
  const least = (of: 'importKw' | 'exportKw'): number =>
    Math.min(...[0, QUARTER_MS].map((ahead) => sharesAt(moment.ms + ahead).get(id)![of]));
  return {
    get importKw() {
      return least('importKw');
    },
    get exportKw() {
      return least('exportKw');
    },
  };
}

/**
 * The location of each part decides which links lie between the parts. That and what each part knows are the only differences between arms.
 */
async function runTogether(
  options: ControlledOptions,
  region: Region,
  ids: ReadonlySet<string>,
  moment = { ms: options.course.startMs },
): Promise<void> {
  const { protocol, course, arm, world, training, scores, traffic } = options;
  const { settings, plant } = protocol;
  const wan = { isUp: true };
  const accesses = new Map([...ids].map((id) => [id, accessOf(plant.access, course.seed, id)]));
  const viaWan = arm.plan === 'cloud';
  const batches = world.history.filter(({ gateway }) => [...ids].some((id) => gatewayOf(id) === gateway));
  const pending: (() => Promise<void>)[] = [];
  const sim: RegionSim = new RegionSim({
    seed: course.seed,
    trace: new Trace(undefined, false),
    world: { specs: world.specs.filter(({ id }) => ids.has(id)), region },
    startMs: course.startMs,
    stepS: settings.cycleS,
    ...(world.plant.differs === undefined ? {} : { differs: world.plant.differs }),
    ...(world.plant.bites === undefined ? {} : { bites: world.plant.bites }),
    estimateEveryS: settings.estimateEveryS,
    dispatchEveryS: settings.planEveryS,
    planStepsS: settings.planSteps.flatMap(([count, s]) => Array.from({ length: count }, () => s)),
    train: batches.length === 0 ? [] : targetsOf(region),
    history: batches.length === 0 ? false : batches,
    training,
    uplinks: viaWan ? oneWay(course.wan) : goodNetwork,
    ...(viaWan ? { meter: (link: Link) => metered(link, traffic) } : {}),
    field: (id) => fieldOf(id),
    onStep: () => {
      moment.ms = sim.plant.timeMs;
      happenings.step(moment.ms);
      for (const each of sim.plant.plants) scores.get(each.id)!.step(each.truth(), settings.cycleS);
    },
  });
  const happenings = new Happenings(course, sim.plant.plants, touch());
  const forwardings =
    arm.guard === 'none'
      ? sim.plant.plants.map((plant) => ({
          id: plant.id,
          forwarding: new Forwarding(plant, new AccessNetwork(accesses.get(plant.id)!)),
        }))
      : [];
  await sim.start();
  for (let s = 0; s < course.hours * 3600; s += TURN_S) {
    await sim.run(Math.min(TURN_S, course.hours * 3600 - s));
    // No plan arrives while the WAN is down.
    for (const { id, forwarding } of forwardings)
      await forwarding.step(moment.ms, wan.isUp ? sim.cloud.dispatch.planFor(id)?.plan : undefined);
    for (const task of pending.splice(0)) await task();
  }
  await sim.stop();

  function fieldOf(id: string): SimField {
    return {
      access: accesses.get(id)!,
      forecasts: arm.localForecast !== false,
      ...(arm.guard === 'cloud' ? { faultsOf: (topic) => readingFaults(topic, course.wan, wan) } : {}),
      settings: {
        // Without a guard nothing acts on site: the cloud's plan goes to the devices unchanged.
        ...(arm.guard === 'none' ? { mode: 'monitor' as const } : {}),
        responseS: settings.responseS + (arm.guard === 'cloud' ? 2 * course.wan.latencyS : 0),
        staleFactor: settings.staleFactor,
      },
    };
  }

  function touch(): Touch {
    return (event, begins) => {
      switch (event.kind) {
        case 'access':
          for (const access of accesses.values()) access.lossShare = begins ? 1 : plant.access.lossShare;
          break;
        case 'wan':
          wan.isUp = !begins;
          if (!viaWan) break;
          pending.push(async () => {
            for (const { id } of sim.gateways)
              if (begins) await sim.network.partition(id);
              else sim.network.heal(id);
          });
          break;
        case 'gateway': {
          const gateway = sim.gateways.find(({ id }) => id === gatewayOf(event.substation));
          if (gateway === undefined) break;
          pending.push(async () => {
            if (begins) gateway.kill();
            else await gateway.start();
            // A planner on site runs on the same computer.
            if (arm.plan !== 'site') return;
            if (begins) sim.killCloud();
            else await sim.restartCloud();
          });
        }
      }
    };
  }
}

const targetsOf = ({ substations }: Region): string[] =>
  substations.flatMap(({ id, network }) => [
    `substation:${id}`,
    ...network.feeders.map((feeder) => `feeder:${feeder.id}`),
  ]);
