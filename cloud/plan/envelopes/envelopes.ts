import { sayPlan } from '../../../shared/sentences/plan-forms.ts';
import type { Part } from '../../../shared/sentences/said.ts';
import type { PowerRange } from '../../../shared/contracts/plan.ts';
import { voltageModel } from '../search/model.ts';
import { pointLoadMw } from '../problem/connection-point.ts';
import type { Constraint, MeterEnd } from '../search/constraints/constraint.ts';
import { constraints } from '../search/constraints/table.ts';
import { burden, endsOf, reach, sum, type Bounds, type Cause, type PointBounds } from './envelope-bounds.ts';
import { CornerCheck, type Breach, type PlanState } from './envelope-corner.ts';
import { roomsOf, type Room } from './envelope-rooms.ts';
import { injected, spansOf, type Span } from './envelope-spans.ts';
import type { Layout } from '../problem/layout.ts';
import type { Optimised } from '../search/optimise.ts';
import { isStepped } from '../problem/problem.ts';

/** Envelopes of a plan, kW of consumption per step. Any combination within all kinds at once keeps the network's limits. */
export interface Envelopes {
  /** [device][step]; undefined for devices that inject nothing. */
  readonly devices: readonly (readonly PowerRange[] | undefined)[];
  /** Which limits those ends come from, [device][step]. */
  readonly causes: readonly (readonly EndCauses[])[];
  /** Of each connection point, in the order of the problem, [point][step]. */
  readonly points: readonly PointEnvelope[];
  /** What all devices together may take and feed in, [step]. */
  readonly gateway: readonly PowerRange[];
}

/** Undefined where an end is that of the ratings or the sky. */
export interface EndCauses {
  readonly low: Cause | undefined;
  readonly high: Cause | undefined;
}

/** kW of consumption per step. */
export interface PointEnvelope {
  /** What its devices may do together. */
  readonly devices: readonly PowerRange[];
  /** What may flow at its meter, with the load behind it that nobody plans, wherever in its forecast's band that is. */
  readonly meter: readonly PowerRange[];
}

export type Planned = Pick<Optimised, 'layout' | 'best' | 'model'>;

/** Rounds of power flows and shrinking; in the last one what still breaks a limit is left its plan alone. */
const TRIES = 8;
/** A limit that was broken is aimed at with so much more than it was broken by. */
const AIM = 1.1;

/**
 * Dynamic operating envelopes around a plan. They hold at the corners of the forecast for their step, so they narrow with its lead
 * time; no device gets more than its ratings, and by night the sun gives nothing. Sun above its forecast's upper quantile is not cut for that
 * alone: a limit of the network is what cuts it.
 *
 * The rule by which a limit is shared out: a connection point that burdens it is cut in proportion to what it could still do beyond
 * its plan, so all keep the same share of that, however many devices stand behind one; who relieves it is not bound by it; nobody is
 * cut below its plan or its statutory floor. Limits of voltages and lines bound each connection point: the device that is alone there,
 * or the sum of those that share it, each of which may use what the others leave. What all burden alike (import and export at the
 * source, the transformer) bounds the sum of all, which the gateway holds. A contract at a meter bounds what the load there leaves of
 * it. Each limit is then tried at the corner that its sensitivities name the worst, by an AC power flow, and
 * those who burden it are cut further until it holds.
 *
 * After Petrou et al., Ensuring distribution network integrity using dynamic operating limits for prosumers, IEEE Trans. Smart Grid
 * 12 (2021); Liu, Ochoa, Wong and Theunissen, Using OPF-based operating envelopes to facilitate residential DER services, IEEE Trans.
 * Smart Grid 13 (2022); that corners and not the ends of one direction have to be tried: Liu and Braslavsky, Robust dynamic operating
 * envelopes for DER integration in unbalanced distribution networks, IEEE Trans. Power Systems 39 (2024).
 */
export function envelopes(planned: Planned): Envelopes {
  const { layout, best } = planned;
  const devices: (PowerRange[] | undefined)[] = layout.problem.devices.map((device) =>
    isStepped(device) ? undefined : [],
  );
  const causes = devices.map((): EndCauses[] => []);
  const points = layout.points.map(() => ({ devices: [] as PowerRange[], meter: [] as PowerRange[] }));
  const gateway: PowerRange[] = [];
  const check = new CornerCheck(layout, best.x);
  for (let step = 0; step < layout.steps; step++) {
    const spans = spansOf(planned, step);
    const states = statesOf(planned, step, spans);
    const bounds = stepBounds(check, { spans, states, contracts: contracted(layout, step, spans) });
    for (const [at, { device }] of spans.entries()) {
      devices[device]!.push({ minKw: kwUp(bounds.low[at]!), maxKw: kwDown(bounds.high[at]!) });
      causes[device]!.push({ low: bounds.lowBy[at], high: bounds.highBy[at] });
    }
    for (const [point, { devices: together, meter }] of points.entries()) {
      const [first, second] = layout.points[point]!.devices;
      const [low, high] = endsOf(bounds.points[point]!, bounds);
      const [least, most] = pointLoads(layout, step, point);
      // Who is alone behind a meter has one envelope, not two that differ in their rounding.
      const alone = second === undefined ? devices[first!]?.[step] : undefined;
      const { minKw, maxKw } = alone ?? { minKw: kwDown(low), maxKw: kwUp(high) };
      together.push({ minKw, maxKw });
      meter.push({ minKw: kwDown(minKw / 1000 + least), maxKw: kwUp(maxKw / 1000 + most) });
    }
    gateway.push({ minKw: kwDown(bounds.sumLow), maxKw: kwUp(bounds.sumHigh) });
  }
  return { devices, causes, points, gateway };
}

/**
 * Tries envelopes that no plan stands behind, with all reactive power on the inverters' own curves: [device][step], kW, undefined for
 * devices that inject nothing. Answers with the limits that break in `steps`, beyond what is broken with `planned` as it is.
 */
export function envelopeBreaches(
  planned: Planned,
  devices: readonly (readonly PowerRange[] | undefined)[],
  steps: readonly number[],
): EnvelopeBreach[] {
  const { layout, best } = planned;
  const check = new CornerCheck(layout, best.x);
  return steps.flatMap((step) => {
    const spans = spansOf(planned, step).map((span) => {
      const { minKw, maxKw } = devices[span.device]![step]!;
      return { ...span, commanded: false, least: minKw / 1000, most: maxKw / 1000 };
    });
    const bounds = unbound(layout, spans);
    return [
      ...statesOf(planned, step, spans)
        .flatMap((state) => check.breaches(state, spans, bounds))
        .map(({ room: { of, element }, by }) => ({ step, element, unit: of.unit, by })),
      ...contractBreaches(layout, step, bounds),
    ];
  });
}

export interface EnvelopeBreach {
  readonly step: number;
  /** Bus, branch, `transformer` for the source, or connection point, in words. */
  readonly element: Part;
  /** pu, MVA or MW, and as what it is shown. */
  readonly by: number;
  readonly unit: Constraint['unit'];
}

/** What the devices of connection points add to what is beyond the limits at their meters. */
function contractBreaches(layout: Layout, step: number, bounds: Bounds): EnvelopeBreach[] {
  return contractsOf(layout, step).flatMap(({ constraint, point, ends: [least, most] }): EnvelopeBreach[] => {
    const [low, high] = endsOf(bounds.points[point]!, bounds);
    const by = Math.max(Math.min(high, high - most.mw), Math.min(-low, least.mw - low));
    return by > POINT_MW
      ? [
          {
            step,
            element: sayPlan('connection point {name}', { name: layout.points[point]!.id }),
            by,
            unit: constraint.unit,
          },
        ]
      : [];
  });
}

interface Contract {
  readonly constraint: Constraint;
  readonly point: number;
  /** What the load there leaves of it. */
  readonly ends: readonly [low: MeterEnd, high: MeterEnd];
}

const contractsOf = (layout: Layout, step: number): Contract[] =>
  layout.points.flatMap((_, point) => {
    const [least, most] = pointLoads(layout, step, point);
    return constraints.flatMap((constraint): Contract[] => {
      const ends = constraint.meter?.(layout, { step, point });
      if (ends === undefined) return [];
      const [low, high] = ends;
      return [
        {
          constraint,
          point,
          ends: [
            { ...low, mw: low.mw - least },
            { ...high, mw: high.mw - most },
          ],
        },
      ];
    });
  });

/**
 * Tens of watts, kW, as no meter tells less: a device's own envelope is rounded inwards, what several do together outwards, so that no sum excludes its parts.
 * What is whole but for the arithmetic stays, such as what is told.
 */
const kwDown = (mw: number): number => Math.floor(mw * 1e5 + ARITHMETIC) / 100 + 0;
const kwUp = (mw: number): number => Math.ceil(mw * 1e5 - ARITHMETIC) / 100 + 0;
const ARITHMETIC = 1e-4;
/** Passed by the arithmetic alone. */
const POINT_MW = 1e-5;

const unbound = ({ points }: Layout, spans: readonly Span[]): Bounds => ({
  low: Float64Array.from(spans, ({ least }) => least),
  high: Float64Array.from(spans, ({ most }) => most),
  points: points.map(({ devices }) => ({
    members: devices.map((device) => spans.findIndex((span) => span.device === device)),
    sumLow: -Infinity,
    sumHigh: Infinity,
  })),
  sumLow: -Infinity,
  sumHigh: Infinity,
  lowBy: spans.map(() => undefined),
  highBy: spans.map(() => undefined),
});

/** Load behind a meter over all scenarios, MW: least and most. */
function pointLoads(layout: Layout, step: number, point: number): [number, number] {
  const loads = layout.scenarios.map((scenario) => pointLoadMw(layout, { scenario, step, point }));
  return [Math.min(...loads), Math.max(...loads)];
}

/** The bounds of ratings, of the sun, and of what the load leaves of the contracts. */
function contracted(layout: Layout, step: number, spans: readonly Span[]): Bounds {
  const bounds = unbound(layout, spans);
  for (const {
    point,
    ends: [low, high],
  } of contractsOf(layout, step))
    boundPoint(bounds.points[point]!, [low.mw, high.mw], { spans, bounds, by: [low.by, high.by] });
  return bounds;
}

/** Bounds a connection point to a range, but never to less than what its devices keep; `by` says where each end of it comes from. */
function boundPoint(
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

interface StepStates {
  readonly spans: readonly Span[];
  readonly states: readonly PlanState[];
  readonly contracts: Bounds;
}

function stepBounds(check: CornerCheck, { spans, states, contracts: bounds }: StepStates): Bounds {
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
    // What plans and floors keep does not yield: the same bounds break the same limits, so what is left to try is tried at once.
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

/** Draws each bound in to what the others leave of it, which excludes nothing that they allow. */
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

interface Cut {
  readonly spans: readonly Span[];
  readonly bounds: Bounds;
}

/**
 * Leaves the connection points that load a limit `part` of their room beyond the plan, never less than their minimum. Devices behind one
 * point share a bus and load it alike: their sum is cut, and each of them too where nothing is left.
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

/** Bounds the sum `more` beyond what `from` sums to, MW towards where the limit is; never below what all keep. */
function boundSum(room: Room, from: Float64Array, more: number, { spans, bounds }: Cut): void {
  if (room.perMw[0]! > 0) {
    const high = Math.max(sum(spans.map(({ keepHigh }) => keepHigh)), Math.min(bounds.sumHigh, sum(from) + more));
    if (high < bounds.sumHigh) [bounds.sumHigh, bounds.sumHighBy] = [high, room];
  } else {
    const low = Math.min(sum(spans.map(({ keepLow }) => keepLow)), Math.max(bounds.sumLow, sum(from) - more));
    if (low > bounds.sumLow) [bounds.sumLow, bounds.sumLowBy] = [low, room];
  }
}

/** Newton's step towards the limit; what has no power flow is halved, and in the last try what breaks a limit is left its plan alone. */
function yieldTo({ state, room, corner, by }: Breach, attempt: number, { spans, bounds }: Cut): void {
  const whole = burden(room, corner, state.here);
  const back = Number.isFinite(by) ? AIM * by : Math.abs(whole) / 2;
  if (room.common) {
    const weakest = Math.max(1e-3, Math.min(...room.perMw.map(Math.abs)));
    boundSum(room, corner, -back / weakest, { spans, bounds });
    // A sum that does not help after some rounds hides who works against whom.
    if (attempt < TRIES / 2) return;
  }
  const part = attempt === TRIES || whole <= 0 ? 0 : Math.max(0, 1 - back / whole);
  cut(room, part, { spans, bounds, here: state.here });
}

function statesOf({ layout, model, best }: Planned, step: number, spans: readonly Span[]): PlanState[] {
  const inputs = spans.map(({ input }) => input);
  const mid = model.steps[0]![step]!;
  const own = Float64Array.from(inputs, (input) => Math.abs(voltageModel(mid, layout.nodes[input]!)[input]!));
  const far = own.map((answer) => answer / Math.max(1e-12, ...own));
  const least = Float64Array.from(spans, (span) => span.least);
  const most = Float64Array.from(spans, (span) => span.most);
  return model.steps.map((scenario, index) => {
    const here = injected(layout, best.x, scenario[step]!, spans);
    const rooms = roomsOf(layout, model, { scenario: index, step }, { inputs, here, least, most });
    return { far, model: scenario[step]!, here, rooms };
  });
}
