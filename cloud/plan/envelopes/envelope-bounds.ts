import type { Room } from './envelope-rooms.ts';

/** The limit that a bound comes from. */
export type Cause = Pick<Room, 'element' | 'constraint'>;

/** What the places of one connection point may do together. `members`: indices of the places. */
export interface PointBounds {
  readonly members: readonly number[];
  sumLow: number;
  sumHigh: number;
  lowBy?: Cause | undefined;
  highBy?: Cause | undefined;
}

/** What places may do in a step, MW of consumption: each by itself, those of a connection point together, and all together. */
export interface Bounds {
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Each place is in at most one; a place that is alone in its point has no sum besides its own ends. */
  readonly points: readonly PointBounds[];
  sumLow: number;
  sumHigh: number;
  /** The causes of each place's own ends; undefined: its ratings and the sky. */
  readonly lowBy: (Cause | undefined)[];
  readonly highBy: (Cause | undefined)[];
  sumLowBy?: Cause | undefined;
  sumHighBy?: Cause | undefined;
}

export function sum(values: ArrayLike<number>): number {
  let whole = 0;
  for (let at = 0; at < values.length; at++) whole += values[at]!;
  return whole;
}

/** The range of a connection point, whichever of its places uses it. */
export function endsOf(
  { members, sumLow, sumHigh }: PointBounds,
  { low, high }: Pick<Bounds, 'low' | 'high'>,
): [number, number] {
  return [Math.max(sumLow, sum(members.map((at) => low[at]!))), Math.min(sumHigh, sum(members.map((at) => high[at]!)))];
}

/**
 * The combination within the bounds that takes most of a limit: each place at the end that burdens it. If a connection point, or all
 * together, would exceed their common bound, the places that matter least to the limit give way first. The bounds are a laminar family, for
 * which this is the optimum of the linear programme.
 */
export function worstCorner(perMw: Float64Array, bounds: Bounds): Float64Array {
  const { low, high, points, sumLow, sumHigh } = bounds;
  const corner = new Float64Array(perMw.length);
  for (let at = 0; at < corner.length; at++) corner[at] = perMw[at]! > 0 ? high[at]! : low[at]!;
  const byWeight = (members: readonly number[]): number[] => members.toSorted((a, b) => perMw[a]! - perMw[b]!);
  for (let at = 0; at < points.length; at++) {
    const point = points[at]!;
    const whole = wholeOf(point, corner);
    if (whole > point.sumHigh)
      move(corner, byWeight(point.members), whole - point.sumHigh, (at) => corner[at]! - low[at]!);
    else if (whole < point.sumLow)
      move(corner, byWeight(point.members).reverse(), whole - point.sumLow, (at) => high[at]! - corner[at]!);
  }
  const whole = sum(corner);
  if (whole <= sumHigh && whole >= sumLow) return corner;
  const spare = roomOfPoints(corner, points);
  if (whole > sumHigh)
    move(corner, orderOf(perMw), whole - sumHigh, (at) => Math.min(corner[at]! - low[at]!, spare(at).down));
  else
    move(corner, orderOf(perMw).toReversed(), whole - sumLow, (at) => Math.min(high[at]! - corner[at]!, spare(at).up));
  return corner;
}

const orders = new WeakMap<Float64Array, readonly number[]>();

/**
 * Places from the one that burdens a limit least to the one that burdens it most; cached, because bounds change but sensitivities do not.
 */
function orderOf(perMw: Float64Array): readonly number[] {
  let order = orders.get(perMw);
  if (order === undefined) {
    order = [...perMw.keys()].sort((a, b) => perMw[a]! - perMw[b]!);
    orders.set(perMw, order);
  }
  return order;
}

function wholeOf({ members }: PointBounds, values: Float64Array): number {
  let whole = 0;
  for (let index = 0; index < members.length; index++) whole += values[members[index]!]!;
  return whole;
}

/** Takes `by` off the places in their order (adds it if it is negative), from each no more than `most`. */
function move(corner: Float64Array, order: readonly number[], by: number, most: (at: number) => number): void {
  let left = Math.abs(by);
  for (const at of order) {
    if (left <= 0) return;
    const part = Math.min(left, Math.max(0, most(at)));
    corner[at]! -= Math.sign(by) * part;
    left -= part;
  }
}

function roomOfPoints(
  corner: Float64Array,
  points: readonly PointBounds[],
): (at: number) => { readonly down: number; readonly up: number } {
  return (at) => {
    const point = points.find(({ members }) => members.includes(at));
    if (point === undefined) return { down: Infinity, up: Infinity };
    const whole = wholeOf(point, corner);
    return { down: whole - point.sumLow, up: point.sumHigh - whole };
  };
}

/** What connection points could take of a limit beyond what they do, each at the end of its own bounds that burdens it. */
export const reach = (room: Room, bounds: Bounds, here: Float64Array): number =>
  burden(room, worstCorner(room.perMw, { ...bounds, sumLow: -Infinity, sumHigh: Infinity }), here);

/** The same at a given corner. */
export function burden({ perMw }: Room, corner: Float64Array, here: Float64Array): number {
  let whole = 0;
  for (let at = 0; at < perMw.length; at++) whole += perMw[at]! * (corner[at]! - here[at]!);
  return whole;
}

/** Far below any sensitivity: it only orders equal ones. */
const ORDER = 1e-9;

/** Places that share a connection point with others. */
export const sharedOf = ({ points }: Bounds): ReadonlySet<number> =>
  new Set(points.filter(({ members }) => members.length > 1).flatMap(({ members }) => members));

/**
 * Which device of a connection point takes its sum does not matter to active power, but it does to reactive power, because inverters differ
 * in what is left of their circles. With several devices (`shared`) both orders are tried.
 */
export function splits(perMw: Float64Array, shared: ReadonlySet<number>): Float64Array[] {
  if (shared.size === 0) return [perMw];
  const by = ORDER * Math.max(...perMw.map(Math.abs));
  return [by, -by].map((step) => perMw.map((per, at) => (shared.has(at) ? per + step * at : per)));
}
