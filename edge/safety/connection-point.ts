import type { PlanBody, PowerRange } from '../../shared/contracts/plan.ts';
import type { Wish } from '../control/arbitrate.ts';
import { jointly, obeys, type Joined, type Obeying } from '../control/envelope.ts';
import { finite, type DeviceImage, type Image } from '../control/image.ts';
import type { DeviceSpec } from '../control/model.ts';
import { intersect } from './limits.ts';

/** Where a customer meets the grid, as the gateway knows it. Signed ranges, load convention. */
export interface PointSpec {
  readonly id: string;
  /** Devices behind the point that are commanded, and those that are only read. */
  readonly commanded: readonly string[];
  readonly read: readonly string[];
  /** Device id of the customer's meter; null if there is none. */
  readonly meter: string | null;
  /** The customer's contract for everything behind the meter; infinite where not configured. */
  readonly contract: PowerRange;
}

/** Joint range of several devices, kW. */
export interface SharedRange {
  readonly devices: readonly string[];
  readonly range: PowerRange;
}

/**
 * Draws in the envelopes of devices until those that share a range stay within it, whatever each of them does: connection points
 * first, the joint limit of all devices last. All limits hold at once, because drawing in for one never widens what another left.
 * `jointly` decides how a range is shared: room beyond the wishes is cut first.
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
 * Joint ranges that a plan allows the devices of each connection point in a step. Where the customer's meter is read, its load
 * beyond the devices is subtracted from what the plan allows at the meter. The narrower of the two ranges applies.
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
 * Devices need not make up for load beyond the contract; they are then held at zero.
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
        // The contract applies at the meter: what one device feeds in behind it, another may consume as well.
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

/** A limit bounds what its device consumes or feeds in, and never demands the opposite. */
function bounded({ limited, range }: Joined, { minKw, maxKw }: PowerRange): PowerRange {
  const [least, most] = limited === true ? [Math.max(0, range.minKw), Math.min(0, range.maxKw)] : [Infinity, -Infinity];
  const high = Math.max(maxKw, most) || 0;
  return { minKw: Math.min(minKw, least, high) || 0, maxKw: high };
}

/** A device without a target counts for no more than it would do without a limit, by its own report, or does now. */
function wantedKw({ lever }: DeviceSpec, limitKw: number, live: DeviceImage | undefined): number {
  if (lever === 'power' || live?.fresh !== true || !finite(live.freeKw) || !finite(live.activePowerKw)) return limitKw;
  return lever === 'export-limit'
    ? Math.max(limitKw, Math.min(0, live.freeKw, live.activePowerKw))
    : Math.min(limitKw, Math.max(0, live.freeKw, live.activePowerKw));
}

const bounds = ({ minKw, maxKw }: PowerRange): boolean => Number.isFinite(minKw) || Number.isFinite(maxKw);

/** The statutory floor counts as wished, so it is cut last. */
function aboveFloor({ lever, floorKw }: DeviceSpec, kw: number): number {
  if (floorKw <= 0) return kw;
  return lever === 'export-limit' ? Math.min(kw, -floorKw) : Math.max(kw, floorKw);
}

/** What the customer's meter shows beyond the commanded devices, kW; null while the meter or one of the devices is not heard. */
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

/** Sum of the read-only devices behind the point, kW. */
function readLoadKw({ read }: PointSpec, image: Image): number {
  let load = 0;
  for (const id of read) {
    const device = image.devices.get(id);
    if (device?.fresh === true && finite(device.activePowerKw)) load += device.activePowerKw;
  }
  return load;
}
