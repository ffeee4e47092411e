import type { PlanBody, PowerRange } from '../../shared/contracts/plan.ts';
import type { Wish } from '../control/arbitrate.ts';
import { jointly, obeys, type Joined, type Obeying } from '../control/envelope.ts';
import { finite, type DeviceImage, type Image } from '../control/image.ts';
import type { DeviceSpec } from '../control/model.ts';
import { intersect } from './limits.ts';

/** Where a customer meets the grid, as the gateway knows it. Signed range, load convention. */
export interface PointSpec {
  readonly id: string;
  /** Devices behind it that are commanded, and those that are only read. */
  readonly commanded: readonly string[];
  readonly read: readonly string[];
  /** Device that is the customer's meter; null: there is none here. */
  readonly meter: string | null;
  /** What the customer has contracted for all that lies behind the meter; infinite where nothing is stated. */
  readonly contract: PowerRange;
}

/** What some devices may do together, kW. */
export interface SharedRange {
  readonly devices: readonly string[];
  readonly range: PowerRange;
}

/**
 * The envelopes of devices, drawn in until those that share a range stay within it, whatever each of them does: connection points
 * first, what all do together last. All limits hold at once; drawing in for one never widens what another left. The rule by which a
 * range is shared is that of `jointly`: what is beyond the wishes goes first.
 */
export function drawnTogether(
  devices: ReadonlyMap<string, Joined>,
  shared: readonly SharedRange[],
): ReadonlyMap<string, PowerRange> {
  const drawn = new Map(devices);
  for (const { devices: members, range } of shared) {
    const own = new Map(
      members.flatMap((id) => {
        const one = drawn.get(id);
        return one === undefined ? [] : [[id, one] as const];
      }),
    );
    for (const [id, narrower] of jointly(own, range)) drawn.set(id, { ...own.get(id)!, range: narrower });
  }
  return new Map([...drawn].map(([id, { range }]) => [id, range]));
}

/**
 * What a plan lets the devices of each connection point do in a step. Where the customer's meter is read, what it shows beyond the
 * devices is taken off what the plan allows at the meter: the sum is then the narrower of both, never the wider.
 */
export function plannedPoints(
  { connectionPoints = [] }: Pick<PlanBody, 'connectionPoints'>,
  step: number,
  { points, image }: { readonly points: readonly PointSpec[]; readonly image: Image },
): SharedRange[] {
  return connectionPoints.flatMap(({ id, devices, envelope, meter }): SharedRange[] => {
    const own = envelope[step];
    const net = meter[step];
    if (own === undefined || net === undefined) return [];
    const point = points.find((one) => one.id === id);
    const load = point === undefined ? null : meteredLoadKw(point, image);
    if (load === null) return [{ devices, range: own }];
    const range = { minKw: net.minKw - load, maxKw: net.maxKw - load };
    return [{ devices, range: intersect([layer(own), layer(range)]).range }];
  });
}

const layer = (range: PowerRange) => ({ name: 'envelope', range, reason: '' }) as const;

/**
 * What the contract of a connection point leaves each commanded device, where several share it or other load lies behind the meter.
 * Load beyond the contract is nothing that devices have to make up for: they are then held to taking nothing.
 */
export function contractShares(
  points: readonly PointSpec[],
  specs: readonly DeviceSpec[],
  { wish, ...now }: Obeying & { readonly wish: (device: string) => Pick<Wish, 'kw' | 'free'> | undefined },
): ReadonlyMap<string, PowerRange> {
  const { image } = now;
  const shares = new Map<string, PowerRange>();
  for (const point of points) {
    const { contract, commanded } = point;
    const load = meteredLoadKw(point, image) ?? readLoadKw(point, image);
    if (!bounds(contract) || (commanded.length < 2 && load === 0)) continue;
    const range = { minKw: contract.minKw - Math.min(0, load), maxKw: contract.maxKw - Math.max(0, load) };
    const own = new Map<string, Joined>();
    for (const spec of specs) {
      if (!commanded.includes(spec.id)) continue;
      const live = image.devices.get(spec.id);
      const measured = finite(live?.activePowerKw) ? live.activePowerKw : spec.safeKw;
      const { kw = null, free = false } = wish(spec.id) ?? {};
      const limitKw = aboveFloor(spec, kw ?? measured);
      own.set(spec.id, {
        // The contract is of the meter: what one feeds in behind it another may take beside.
        range: spec.rating,
        wishedKw: free ? wantedKw(spec, limitKw, live) : limitKw,
        fixed: !obeys(now, spec.id),
        limited: spec.lever !== 'power',
        held: true,
        ...(live?.fresh === true ? { doesKw: measured } : {}),
      });
    }
    const highs = jointly(own, { minKw: -Infinity, maxKw: range.maxKw });
    const lows = jointly(own, { minKw: range.minKw, maxKw: Infinity });
    for (const [id, each] of own)
      shares.set(id, bounded(each, { minKw: lows.get(id)!.minKw, maxKw: highs.get(id)!.maxKw }));
  }
  return shares;
}

/** A limit bounds what its device takes or feeds in, and never asks for the opposite. */
function bounded({ limited, range }: Joined, { minKw, maxKw }: PowerRange): PowerRange {
  const [least, most] = limited === true ? [Math.max(0, range.minKw), Math.min(0, range.maxKw)] : [Infinity, -Infinity];
  const high = Math.max(maxKw, most) || 0;
  return { minKw: Math.min(minKw, least, high) || 0, maxKw: high };
}

/** A device that nobody has a target for counts for no more than it would do without a limit, as it says itself, or does now. */
function wantedKw({ lever }: DeviceSpec, limitKw: number, live: DeviceImage | undefined): number {
  if (lever === 'power' || live?.fresh !== true || !finite(live.freeKw) || !finite(live.activePowerKw)) return limitKw;
  return lever === 'export-limit'
    ? Math.max(limitKw, Math.min(0, live.freeKw, live.activePowerKw))
    : Math.min(limitKw, Math.max(0, live.freeKw, live.activePowerKw));
}

const bounds = ({ minKw, maxKw }: PowerRange): boolean => Number.isFinite(minKw) || Number.isFinite(maxKw);

/** The statutory floor counts as wished: it goes last. */
function aboveFloor({ lever, floorKw }: DeviceSpec, kw: number): number {
  if (floorKw <= 0) return kw;
  return lever === 'export-limit' ? Math.min(kw, -floorKw) : Math.max(kw, floorKw);
}

/** What the customer's meter shows beyond the commanded devices, kW; null while it or one of them is not heard. */
function meteredLoadKw({ meter, commanded }: PointSpec, image: Image): number | null {
  const seen = meter === null ? undefined : image.devices.get(meter);
  if (seen?.fresh !== true || !finite(seen.activePowerKw)) return null;
  let load = seen.activePowerKw;
  for (const id of commanded) {
    const device = image.devices.get(id);
    if (device?.fresh !== true || !finite(device.activePowerKw)) return null;
    load -= device.activePowerKw;
  }
  return load;
}

/** What is read of devices behind the point that nobody commands, kW. */
function readLoadKw({ read }: PointSpec, image: Image): number {
  let load = 0;
  for (const id of read) {
    const device = image.devices.get(id);
    if (device?.fresh === true && finite(device.activePowerKw)) load += device.activePowerKw;
  }
  return load;
}
