import { burden, endsOf, reach, sum, type Bounds, type Cause, type PointBounds } from './envelope-bounds.ts';
import type { Breach, CornerCheck, PlanState } from './envelope-corner.ts';
import type { Room } from './envelope-rooms.ts';
import type { Span } from './envelope-spans.ts';

/** Rounds of power flows and shrinking; in the last one, what still breaks a limit keeps its plan only. */
const TRIES = 8;
/** A broken limit is corrected by this multiple of its excess. */
const AIM = 1.1;

export interface StepStates {
  readonly spans: readonly Span[];
  readonly states: readonly PlanState[];
  readonly contracts: Bounds;
}

/** Distributes what each limit leaves in a step among the places, until none breaks at the corners that are tried. Changes `contracts`. */
export function stepBounds(check: CornerCheck, { spans, states, contracts: bounds }: StepStates): Bounds {
  for (const state of states)
    for (const room of state.rooms) {
      if (room.common) continue;
      const whole = reach(room, bounds, state.here);
      const left = Math.max(0, room.room);
      if (whole > left) cut(room, left / whole, { spans, bounds, here: state.here });
    }
  for (const state of states)
    for (const room of state.rooms)
      if (room.common) boundSum(room, state.here, Math.max(0, room.room) / strongest(room), { spans, bounds });
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const breaches = states.flatMap((state) => check.breaches(state, spans, bounds));
    if (breaches.length === 0) break;
    const before = stamp(bounds);
    for (const breach of breaches) yieldTo(breach, attempt, { spans, bounds });
    // Plans and floors do not give way: the same bounds would break the same limits, so the remaining attempts follow at once.
    while (attempt < TRIES && stamp(bounds) === before) {
      attempt++;
      for (const breach of breaches) yieldTo(breach, attempt, { spans, bounds });
    }
  }
  leaveCommanded(spans, bounds);
  settle(bounds);
  return bounds;
}

/**
 * Narrows the envelopes of uncommanded devices, in equal shares of what exceeds the plan's expectation, until the setpoints of the others
 * fit beside them in each sum. Otherwise a gateway, which cannot know what a limited device will do, would reduce those setpoints.
 */
function leaveCommanded(spans: readonly Span[], bounds: Bounds): void {
  const { sumLow, sumHigh, sumLowBy: lowBy, sumHighBy: highBy } = bounds;
  for (const sums of [...bounds.points, { members: [...spans.keys()], sumLow, sumHigh, lowBy, highBy }]) {
    const own = sums.members.map((at) => ({ at, ...spans[at]! }));
    const lows = own.map(({ at, commandedLow, keepLow }) => ({
      at,
      commanded: commandedLow,
      keep: keepLow,
      end: bounds.low[at]!,
    }));
    for (const [at, low] of drawnIn(lows, sums.sumLow, 1)) setLow(bounds, at, low, sums.lowBy);
    const highs = own.map(({ at, commandedHigh, keepHigh }) => ({
      at,
      commanded: commandedHigh,
      keep: keepHigh,
      end: bounds.high[at]!,
    }));
    for (const [at, high] of drawnIn(highs, sums.sumHigh, -1)) setHigh(bounds, at, high, sums.highBy);
  }
}

interface End {
  readonly at: number;
  readonly commanded: number | undefined;
  readonly keep: number;
  readonly end: number;
}

/** Moves the ends in the direction of `sign` until all sum to `whole`. A setpoint counts in place of its device's end. */
function drawnIn(own: readonly End[], whole: number, sign: 1 | -1): [at: number, end: number][] {
  const short = sign * (whole - sum(own.map(({ commanded, end }) => commanded ?? end)));
  const free = own.filter(({ commanded }) => commanded === undefined);
  const spare = sign * sum(free.map(({ keep, end }) => keep - end));
  if (!(short > 0) || spare <= 0) return [];
  return free.map(({ at, keep, end }) => [at, end + Math.min(1, short / spare) * (keep - end)]);
}

/** Equal for equal bounds. */
const stamp = ({ low, high, points, sumLow, sumHigh }: Bounds): string =>
  [low, high, sumLow, sumHigh, ...points.map((point) => [point.sumLow, point.sumHigh])].join(' ');

/** Draws each bound in to what the others leave of it; this excludes nothing that they allow. */
function settle(bounds: Bounds): void {
  const { low, high } = bounds;
  const inPoint = new Set<number>();
  let [whole, most] = [0, 0];
  for (const point of bounds.points) {
    [point.sumLow, point.sumHigh] = endsOf(point, bounds);
    const [least, top] = [sum(point.members.map((at) => low[at]!)), sum(point.members.map((at) => high[at]!))];
    const ends = point.members.map((at) => [
      Math.max(low[at]!, point.sumLow - (top - high[at]!)),
      Math.min(high[at]!, point.sumHigh - (least - low[at]!)),
    ]);
    for (const [index, at] of point.members.entries()) {
      setLow(bounds, at, ends[index]![0]!, point.lowBy);
      setHigh(bounds, at, ends[index]![1]!, point.highBy);
      inPoint.add(at);
    }
    whole += point.sumLow;
    most += point.sumHigh;
  }
  for (const at of low.keys()) {
    if (inPoint.has(at)) continue;
    whole += low[at]!;
    most += high[at]!;
  }
  bounds.sumLow = Math.max(bounds.sumLow, whole);
  bounds.sumHigh = Math.min(bounds.sumHigh, most);
}

const strongest = ({ perMw }: Room): number => Math.max(1e-3, ...perMw.map(Math.abs));

export interface Cut {
  readonly spans: readonly Span[];
  readonly bounds: Bounds;
}

/**
 * Leaves the connection points that load a limit `part` of their room beyond the plan, never less than their minimum. Devices behind one
 * point share a bus and load it alike: their sum is cut, and each of them too if nothing is left.
 */
function cut(room: Room, part: number, { spans, bounds, here }: Cut & { readonly here: Float64Array }): void {
  const shared = new Set<number>();
  for (const point of bounds.points) {
    if (point.members.length < 2) continue;
    const per = room.perMw[point.members[0]!]!;
    const now = sum(point.members.map((at) => here[at]!));
    const [low, high] = endsOf(point, bounds);
    boundPoint(point, [per < 0 ? now + part * (low - now) : low, per > 0 ? now + part * (high - now) : high], {
      spans,
      bounds,
      by: [room, room],
    });
    if (part > 0) for (const at of point.members) shared.add(at);
  }
  for (const [at, per] of room.perMw.entries()) {
    if (shared.has(at)) continue;
    const { keepLow, keepHigh } = spans[at]!;
    const drawn = here[at]! + part * ((per > 0 ? bounds.high : bounds.low)[at]! - here[at]!);
    if (per > 0) setHigh(bounds, at, Math.max(keepHigh, drawn), room);
    else if (per < 0) setLow(bounds, at, Math.min(keepLow, drawn), room);
  }
}

function setLow(bounds: Bounds, at: number, low: number, by: Cause | undefined): void {
  if (low > bounds.low[at]!) bounds.lowBy[at] = by;
  bounds.low[at] = low;
}

function setHigh(bounds: Bounds, at: number, high: number, by: Cause | undefined): void {
  if (high < bounds.high[at]!) bounds.highBy[at] = by;
  bounds.high[at] = high;
}

/** Bounds the sum at `more` MW beyond the sum of `from`, towards the limit; never below what all keep. */
function boundSum(room: Room, from: Float64Array, more: number, { spans, bounds }: Cut): void {
  if (room.perMw[0]! > 0) {
    const high = Math.max(sum(spans.map(({ keepHigh }) => keepHigh)), Math.min(bounds.sumHigh, sum(from) + more));
    if (high < bounds.sumHigh) [bounds.sumHigh, bounds.sumHighBy] = [high, room];
  } else {
    const low = Math.min(sum(spans.map(({ keepLow }) => keepLow)), Math.max(bounds.sumLow, sum(from) - more));
    if (low > bounds.sumLow) [bounds.sumLow, bounds.sumLowBy] = [low, room];
  }
}

/**
 * Newton's step towards the limit. Without a power flow the step is half of the burden; in the last attempt, what breaks a limit keeps its
 * plan only.
 */
function yieldTo({ state, room, corner, by }: Breach, attempt: number, { spans, bounds }: Cut): void {
  const whole = burden(room, corner, state.here);
  const back = Number.isFinite(by) ? AIM * by : Math.abs(whole) / 2;
  if (room.common) {
    const weakest = Math.max(1e-3, Math.min(...room.perMw.map(Math.abs)));
    boundSum(room, corner, -back / weakest, { spans, bounds });
    // A sum that does not help after some rounds hides places that work against each other.
    if (attempt < TRIES / 2) return;
  }
  const part = attempt === TRIES || whole <= 0 ? 0 : Math.max(0, 1 - back / whole);
  cut(room, part, { spans, bounds, here: state.here });
}

/** Bounds a connection point to a range, but never to less than its devices keep. `by`: the causes of its two ends. */
export function boundPoint(
  point: PointBounds,
  [low, high]: readonly [number, number],
  { spans, bounds, by: [lowBy, highBy] }: Cut & { readonly by: readonly [Cause, Cause] },
): void {
  const { members } = point;
  const [least, most] = endsOf(point, bounds);
  const sumLow = Math.min(sum(members.map((at) => spans[at]!.keepLow)), Math.max(least, low));
  const sumHigh = Math.max(sum(members.map((at) => spans[at]!.keepHigh)), Math.min(most, high));
  const [alone, ...others] = members;
  if (others.length === 0 && alone !== undefined) {
    if (sumLow > least) [bounds.low[alone], bounds.lowBy[alone]] = [sumLow, lowBy];
    if (sumHigh < most) [bounds.high[alone], bounds.highBy[alone]] = [sumHigh, highBy];
    return;
  }
  if (sumLow > least) [point.sumLow, point.lowBy] = [sumLow, lowBy];
  if (sumHigh < most) [point.sumHigh, point.highBy] = [sumHigh, highBy];
}
