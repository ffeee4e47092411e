import type { PlanBody } from '../../../shared/contracts/plan.ts';
import type { Region, RegionSubstation } from '../../../shared/contracts/region.ts';
import { termsOf } from '../../../shared/forecast/uncontrolled.ts';
import type { NetLoad } from '../../estimate/net-load.ts';
import type { LoadSource } from '../../forecast/serve/inputs.ts';
import { localDay, localMoment, zoneOf } from '../../tables/local-time.ts';

/** Sources for the power of commanded devices: the plans ahead, and what was measured. */
export interface CommandedSources {
  readonly region: Region;
  /** The plan in force for a substation at a plant time; undefined: none. */
  planInForce(substation: string, time: number): Promise<PlanBody | undefined>;
  /** Load as metered, and without commanded devices; the difference is what the devices did. */
  readonly net: Pick<NetLoad, 'intervals'>;
  readonly uncontrolled: LoadSource;
}

/** Steps of a forecast: `count` of `stepMs` from `start`, ms UTC. */
export interface Steps {
  readonly start: number;
  readonly stepMs: number;
  readonly count: number;
}

export interface PlannedPower {
  /** kW that the devices add to the uncontrolled load; NaN beyond the plans. */
  readonly kw: Float64Array;
  /** Plans behind these values. */
  readonly plans: readonly string[];
  /** Substations with devices but without a plan in force. */
  readonly without: readonly string[];
}

interface Part {
  readonly substation: RegionSubstation;
  /** As in a plan: `transformer` or a feeder. */
  readonly element: string;
}

/** The substations and feeders of some targets that have devices contributing to the load. */
export function partsWithDevices(region: Region, targets: readonly string[]): Part[] {
  return targets.flatMap((target) => {
    const [kind, id = ''] = target.split(':');
    return region.substations.flatMap((substation): Part[] => {
      const feeder = kind === 'feeder' && substation.network.feeders.some((each) => each.id === id) ? id : undefined;
      const isWhole = kind === 'region' ? id === region.id : kind === 'substation' && id === substation.id;
      if (!isWhole && feeder === undefined) return [];
      const counts = substation.devices.some(
        (device) => (feeder === undefined || device.feeder === feeder) && termsOf(device).length > 0,
      );
      return counts ? [{ substation, element: feeder ?? 'transformer' }] : [];
    });
  });
}

/** What the plans in force at `asOf` add to the total load of some targets, step by step. */
export async function plannedPower(
  sources: Pick<CommandedSources, 'region' | 'planInForce'>,
  targets: readonly string[],
  { steps, asOf }: { readonly steps: Steps; readonly asOf: number },
): Promise<PlannedPower> {
  const kw = new Float64Array(steps.count);
  const plans = new Set<string>();
  const without: string[] = [];
  for (const { substation, element } of partsWithDevices(sources.region, targets)) {
    const plan = await sources.planInForce(substation.id, asOf);
    const own = plan?.expected.find((each) => each.element === element)?.devicesKw;
    if (plan === undefined || own === undefined) {
      without.push(substation.id);
      continue;
    }
    plans.add(plan.id);
    for (const [step, mean] of onGrid(plan.horizon, own, steps).entries()) kw[step]! += mean;
  }
  return { kw: without.length > 0 ? kw.fill(Number.NaN) : kw, plans: [...plans], without };
}

/** Means of a plan's values over the steps of a grid; a partly covered step has the mean of the covered part. */
function onGrid(horizon: PlanBody['horizon'], values: readonly number[], steps: Steps): Float64Array {
  const sums = new Float64Array(steps.count);
  const covered = new Float64Array(steps.count);
  let at = horizon.start;
  for (const [index, seconds] of horizon.stepsS.entries()) {
    const end = at + seconds * 1000;
    const last = Math.min(steps.count - 1, Math.ceil((end - steps.start) / steps.stepMs) - 1);
    for (let step = Math.max(0, Math.floor((at - steps.start) / steps.stepMs)); step <= last; step++) {
      const from = steps.start + step * steps.stepMs;
      const overlap = Math.min(end, from + steps.stepMs) - Math.max(at, from);
      sums[step]! += overlap * values[index]!;
      covered[step]! += overlap;
    }
    at = end;
  }
  return sums.map((sum, step) => (covered[step]! > 0 ? sum / covered[step]! : Number.NaN));
}

const DAY_MS = 86_400_000;
const PAST_DAYS = 14;

/**
 * What the devices of some targets added to the load at each step's time of day on each of the last 14 days, kW, as known at `asOf`:
 * metered minus uncontrolled. Days for which it is unknown are left out.
 */
export async function pastPower(
  { net, uncontrolled, region }: Pick<CommandedSources, 'net' | 'uncontrolled' | 'region'>,
  targets: readonly string[],
  { steps, asOf }: { readonly steps: Steps; readonly asOf: number },
): Promise<number[][]> {
  const { stepMs } = steps;
  const end = steps.start + Math.floor((asOf - steps.start) / stepMs) * stepMs;
  const start = end - PAST_DAYS * DAY_MS;
  const power = new Float64Array((end - start) / stepMs);
  for (const target of targets) {
    const query = { target, start, end, resolutionS: stepMs / 1000, asOf };
    const [metered, rest] = [await net.intervals(query), await uncontrolled.intervals(query)];
    for (const index of power.keys())
      power[index]! += (metered?.[index]?.mean ?? Number.NaN) - (rest.values[index] ?? Number.NaN);
  }
  const zone = zoneOf(region.timezone)!;
  return Array.from({ length: steps.count }, (_, step) => {
    const found: number[] = [];
    let time = steps.start + step * stepMs;
    const today = localDay(zone, time);
    const timeOfDay = time + zone.offsetMs(time) - today * DAY_MS;
    for (let day = today; time >= start; time = localMoment(zone, --day, timeOfDay)) {
      const value = time < end ? power[(time - start) / stepMs]! : Number.NaN;
      if (!Number.isNaN(value)) found.push(value);
    }
    return found;
  });
}
