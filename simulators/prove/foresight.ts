import type { LpSolver } from '../../cloud/plan/problem/lp.ts';
import type { DeviceCommand } from '../plant/setpoints.ts';
import type { DeviceSpec } from '../plant/spec.ts';
import type { Course } from './course.ts';
import { bestSchedule, keyOf, type Schedule } from './foresight-programme.ts';
import { SiteSeen } from './foresight-seen.ts';
import { judged, outcomeOf } from './outcome.ts';
import type { Protocol } from './protocol.ts';
import { rehearse } from './rehearsal.ts';
import { SiteScore } from './site-score.ts';
import type { CourseWorld } from './world.ts';

export interface ForesightOptions {
  readonly protocol: Protocol;
  readonly course: Course;
  readonly world: CourseWorld;
  readonly solver: LpSolver;
}

/** Shortest step of a schedule, and the largest number of steps. */
const LEAST_STEP_S = 60;
const MOST_STEPS = 300;
/** Rehearsals with commands, after the one without. */
const REHEARSALS = 4;
const LEAD_S = 2;
/** The first schedule keeps heads below this share of their limits, under the relays' pick-up of 120 %; each trip lowers it. */
export const FIRST_MOST_SHARE = 1.15;
const LOWER = 0.1;

type Scores = ReadonlyMap<string, SiteScore>;

/** A rehearsal: its cost, and whether a feeder tripped. */
export interface Rehearsed {
  readonly eur: number;
  readonly hasTripped: boolean;
}

/**
 * Perfect foresight: the true plant is rehearsed with the true loads and events. From each rehearsal a linear programme computes the
 * schedule with the lowest cost for the whole run, which is rehearsed in turn; commands have no delay or loss. The best run counts. No arm
 * can know more, but the bound is only as tight as the linear programme: arms that beat it are reported.
 */
export async function runForesight(options: ForesightOptions): Promise<Scores> {
  const { protocol, course, world, solver } = options;
  const runS = course.hours * 3600;
  const stepS = LEAST_STEP_S * Math.ceil(runS / LEAST_STEP_S / MOST_STEPS);
  const steps = Math.ceil(runS / stepS);
  interface Run extends Rehearsed {
    readonly scores: Scores;
    readonly seen: readonly SiteSeen[];
  }
  const rehearsed = async (schedule: Schedule | undefined, relays: boolean): Promise<Run> => {
    const scores = new Map(
      world.region.substations.map((model) => [model.id, new SiteScore(model, course, protocol.unit)]),
    );
    const seen = world.specs.map((spec) => new SiteSeen(spec, steps));
    await rehearse({
      course,
      world,
      cycleS: protocol.settings.cycleS,
      scores,
      relays,
      onStep: (plants, s) => {
        for (const [at, plant] of plants.entries()) {
          seen[at]!.add(Math.floor(s / stepS), plant.truth());
          const step = Math.floor((s + LEAD_S) / stepS);
          if (schedule === undefined || step >= steps || (s !== 0 && (s + LEAD_S) % stepS !== 0)) continue;
          for (const device of seen[at]!.devices) {
            const command = commandOf(device, schedule.get(keyOf(plant.id, device.id))![step]!);
            if (command !== undefined) void plant.command(device.id, { ...command, revertAfterS: 2 * stepS });
          }
        }
      },
    });
    const eur = judged(outcomeOf(scores, { course, prices: protocol.prices, stepS: protocol.settings.cycleS }));
    return { scores, seen, eur, hasTripped: seen.some(({ trips }) => trips > 0) };
  };
  const free = await rehearsed(undefined, false);
  const fixed = { course, region: world.region, prices: protocol.prices, steps, stepS, free: free.seen };
  const best = await bestRehearsal(free, {
    plan: ({ seen }, pickUp) => bestSchedule(seen, { ...fixed, pickUp }, solver),
    rehearse: (schedule) => rehearsed(schedule, true),
  });
  return best.scores;
}

/**
 * Plans and rehearses in turn, and returns the cheapest rehearsal; one with a trip only if all have one. A feeder without power does not
 * show its load, so a trip is followed by another plan from the last rehearsal without one.
 */
export async function bestRehearsal<Run extends Rehearsed, Plan>(
  free: Run,
  {
    plan,
    rehearse: run,
  }: {
    readonly plan: (last: Run, pickUp: number) => Plan | undefined;
    readonly rehearse: (plan: Plan | undefined) => Promise<Run>;
  },
): Promise<Run> {
  const runs: Run[] = [];
  let last = free;
  let pickUp = FIRST_MOST_SHARE;
  for (let turn = 0; turn < REHEARSALS; turn++) {
    const planned = plan(last, pickUp);
    const next = await run(planned);
    runs.push(next);
    if (planned === undefined) break;
    if (next.hasTripped) pickUp -= LOWER;
    else last = next;
  }
  return runs.reduce((best, next) => (isBetter(next, best) ? next : best));
}

const isBetter = (a: Rehearsed, b: Rehearsed): boolean =>
  a.hasTripped === b.hasTripped ? a.eur < b.eur : b.hasTripped;

/** Above every rating: no limit, kW. */
const ANYTHING_KW = 1e6;

function commandOf({ type }: DeviceSpec, kw: number): DeviceCommand | undefined {
  const isFree = Number.isNaN(kw);
  switch (type) {
    case 'battery':
      return { activePowerKw: isFree ? 0 : kw };
    case 'flexible-load':
      return isFree ? undefined : { activePowerKw: kw };
    case 'ev-site':
      return { activePowerLimitKw: isFree ? ANYTHING_KW : kw };
    case 'pv-inverter':
      return { activePowerLimitKw: isFree ? ANYTHING_KW : -kw };
    case 'tap-changer':
    case 'capacitor-bank':
      return undefined;
  }
}
