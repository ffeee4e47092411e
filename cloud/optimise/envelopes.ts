import type { PowerRange } from '../../shared/contracts/plan.ts';
import { burden, CornerCheck, reach, type Bounds, type Breach, type Place, type PlanState } from './envelope-corner.ts';
import { roomsOf, type Room } from './envelope-rooms.ts';
import type { Layout } from './layout.ts';
import type { StepModel } from './model.ts';
import type { Optimised } from './optimise.ts';
import { isStepped } from './problem.ts';

/** Envelopes of a plan, kW of consumption per step. Any combination within both kinds at once keeps the network's limits. */
export interface Envelopes {
  /** [device][step]; undefined for devices that inject nothing. */
  readonly devices: readonly (readonly PowerRange[] | undefined)[];
  /** What all devices together may take and feed in, [step]. */
  readonly gateway: readonly PowerRange[];
}

export type Planned = Pick<Optimised, 'layout' | 'best' | 'model'>;

/** An injecting device in a step, MW: what is never taken from it (its plan, its floor), and what its ratings and the forecast allow. */
interface Span extends Place {
  readonly device: number;
  readonly keepLow: number;
  readonly keepHigh: number;
  readonly least: number;
  readonly most: number;
}

/** Rounds of power flows and shrinking; in the last one what still breaks a limit is left its plan alone. */
const TRIES = 8;
/** A limit that was broken is aimed at with so much more than it was broken by. */
const AIM = 1.1;

/**
 * Dynamic operating envelopes around a plan. They hold at the corners of the forecast for their step, so they narrow with its lead
 * time, and no device gets more than its ratings and the forecast's upper quantile of its sun allow.
 *
 * The rule by which a limit is shared out: who burdens it is cut in proportion to what it could still do beyond its plan, so all keep
 * the same share of that; who relieves it is not bound by it; nobody is cut below its plan or its statutory floor. Limits of voltages
 * and lines bound each connection point; what all burden alike (import and export at the source, the transformer) bounds their sum,
 * which the gateway holds. Each limit is then tried at the corner that its sensitivities name the worst, by an AC power flow, and
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
  const gateway: PowerRange[] = [];
  const check = new CornerCheck(layout, best.x);
  for (let step = 0; step < layout.steps; step++) {
    const spans = spansOf(planned, step);
    const states = statesOf(planned, step, spans);
    const bounds = stepBounds(check, spans, states);
    for (const [at, span] of spans.entries())
      devices[span.device]!.push({ minKw: kw(bounds.low[at]!), maxKw: kw(bounds.high[at]!) });
    gateway.push({ minKw: kw(bounds.sumLow), maxKw: kw(bounds.sumHigh) });
  }
  return { devices, gateway };
}

/**
 * Tries envelopes that no plan stands behind, with all reactive power on the inverters' own curves: [device][step], kW, undefined for
 * devices that inject nothing. Answers with the limits that break in `steps`, beyond what is broken with `planned` as it is.
 */
export function envelopeBreaches(
  planned: Planned,
  devices: readonly (readonly PowerRange[] | undefined)[],
  steps: readonly number[],
): { readonly step: number; readonly element: string; readonly kind: Room['kind']; readonly by: number }[] {
  const { layout, best } = planned;
  const check = new CornerCheck(layout, best.x);
  return steps.flatMap((step) => {
    const spans = spansOf(planned, step).map((span) => {
      const { minKw, maxKw } = devices[span.device]![step]!;
      return { ...span, told: false, least: minKw / 1000, most: maxKw / 1000 };
    });
    const bounds = unbound(spans);
    return statesOf(planned, step, spans)
      .flatMap((state) => check.breaches(state, spans, bounds))
      .map(({ room, by }) => ({ step, element: room.element, kind: room.kind, by }));
  });
}

const kw = (mw: number): number => Math.round(mw * 1e6) / 1000 + 0;
const sum = (values: Iterable<number>): number => [...values].reduce((whole, value) => whole + value, 0);

const unbound = (spans: readonly Span[]): Bounds => ({
  low: Float64Array.from(spans, ({ least }) => least),
  high: Float64Array.from(spans, ({ most }) => most),
  sumLow: -Infinity,
  sumHigh: Infinity,
});

function stepBounds(check: CornerCheck, spans: readonly Span[], states: readonly PlanState[]): Bounds {
  const bounds = unbound(spans);
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
    for (const breach of breaches) yieldTo(breach, attempt, { spans, bounds });
  }
  bounds.sumLow = Math.max(bounds.sumLow, sum(bounds.low));
  bounds.sumHigh = Math.min(bounds.sumHigh, sum(bounds.high));
  return bounds;
}

const strongest = ({ perMw }: Room): number => Math.max(1e-3, ...perMw.map(Math.abs));

interface Cut {
  readonly spans: readonly Span[];
  readonly bounds: Bounds;
}

/** Leaves those who burden a limit `part` of what they could do beyond what they do, never less than what they keep. */
function cut(room: Room, part: number, { spans, bounds, here }: Cut & { readonly here: Float64Array }): void {
  for (const [at, per] of room.perMw.entries()) {
    const { keepLow, keepHigh } = spans[at]!;
    if (per > 0) bounds.high[at] = Math.max(keepHigh, here[at]! + part * (bounds.high[at]! - here[at]!));
    else if (per < 0) bounds.low[at] = Math.min(keepLow, here[at]! + part * (bounds.low[at]! - here[at]!));
  }
}

/** Bounds the sum `more` beyond what `from` sums to, MW towards where the limit is; never below what all keep. */
function boundSum({ perMw }: Room, from: Float64Array, more: number, { spans, bounds }: Cut): void {
  if (perMw[0]! > 0)
    bounds.sumHigh = Math.max(sum(spans.map(({ keepHigh }) => keepHigh)), Math.min(bounds.sumHigh, sum(from) + more));
  else bounds.sumLow = Math.min(sum(spans.map(({ keepLow }) => keepLow)), Math.max(bounds.sumLow, sum(from) - more));
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
  const { dvm, nodes } = model.steps[0]![step]!.lin;
  const own = Float64Array.from(inputs, (input) => Math.abs(dvm[input * nodes + layout.nodes[input]!]!));
  const far = own.map((answer) => answer / Math.max(1e-12, ...own));
  const least = Float64Array.from(spans, (span) => span.least);
  const most = Float64Array.from(spans, (span) => span.most);
  return model.steps.map((scenario, index) => {
    const here = injected(layout, best.x, scenario[step]!, spans);
    const rooms = roomsOf(layout, scenario[step]!, index, { inputs, here, least, most });
    return { far, model: scenario[step]!, here, rooms };
  });
}

function spansOf({ layout, best }: Planned, step: number): Span[] {
  const width = layout.controls.length;
  const spans: Span[] = [];
  for (const [index, device] of layout.problem.devices.entries()) {
    if (isStepped(device)) continue;
    let planned = 0;
    let mvar = 0;
    let input = 0;
    // What a plant is told is its limit.
    const limited = layout.controls.some((one) => one.device === index && one.role === 'limit');
    for (const [at, control] of layout.controls.entries()) {
      if (control.device !== index) continue;
      const value = control.sign * best.x[step * width + at]!;
      if (control.role === 'reactive') {
        mvar = value;
        continue;
      }
      if (limited && control.role === 'feed-in') continue;
      planned += value;
      input = control.input;
    }
    const box = ((): readonly [number, number] => {
      switch (device.kind) {
        case 'pv':
          return [-Math.max(device.availableKw[step]!, device.availableHighKw?.[step] ?? 0), 0];
        case 'storage':
          return [-device.dischargeKw, device.chargeKw];
        case 'ev':
        case 'flexible':
          return [device.minKw[step]!, Math.max(device.minKw[step]!, device.maxKw[step]!)];
      }
    })();
    // A statutory floor stands before an envelope, also for the sessions that are still to come.
    const keepHigh = Math.max(planned, device.kind === 'ev' ? device.floorKw / 1000 : -Infinity);
    spans.push({
      device: index,
      input,
      mvar,
      told: true,
      apparentMva: ('apparentPowerKva' in device ? (device.apparentPowerKva ?? Infinity) : Infinity) / 1000,
      mostMvar: ('maxReactiveKvar' in device ? device.maxReactiveKvar : 0) / 1000,
      keepLow: planned,
      keepHigh,
      least: Math.min(planned, box[0] / 1000),
      most: Math.max(keepHigh, box[1] / 1000),
    });
  }
  return spans;
}

/** What each device does in a scenario under the plan, MW. */
function injected(
  layout: Layout,
  x: Float64Array,
  { scenario, step }: StepModel,
  spans: readonly Span[],
): Float64Array {
  const width = layout.controls.length;
  return Float64Array.from(spans, (span) => {
    const device = layout.problem.devices[span.device]!;
    let whole = 0;
    for (const [at, control] of layout.controls.entries()) {
      if (control.device !== span.device || control.role === 'reactive') continue;
      const value = x[step * width + at]!;
      if (device.kind !== 'pv') whole += control.sign * value;
      else if (layout.scenarios.length === 1 || control.role === (scenario === 'mid' ? 'feed-in' : 'limit'))
        whole -= scenario === 'low' ? Math.min(value, (device.availableLowKw?.[step] ?? Infinity) / 1000) : value;
    }
    return whole;
  });
}
