import type { PowerRange } from '../../shared/contracts/plan.ts';
import { createWorkspace, solveRadial } from '../../shared/grid/radial.ts';
import { flowOf, importOf } from './ac.ts';
import { injections, ratingMva, sourceLimits, voltageBand } from './evaluate.ts';
import { flowModel, ratedNodes, type StepModel } from './model.ts';
import type { Optimised } from './optimise.ts';

/** What an injecting device may do in a step, MW of consumption: planned, and its ratings. */
interface Span {
  readonly device: number;
  readonly input: number;
  readonly planned: number;
  readonly least: number;
  readonly most: number;
}

/** The envelopes of a step as they stand, MW per span. */
interface Bounds {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** A limit with its room in a state, and what one MW at each span takes of it (may be negative). */
interface Room {
  readonly room: number;
  readonly per: Float64Array;
  /** Same in another state: how far it is broken there, in the room's own unit. */
  broken(solved: StepModel['solved']): number;
}

/** Limits of a state that are tried by a power flow, and how often each. */
const TRIED = 3;
const TRIES = 6;
const SHRINK = 0.6;
/** Breaches that are the arithmetic's: pu, MVA. */
const VOLTAGE_PU = 2e-5;
const POWER_MVA = 1e-3;

/**
 * Operating envelopes, [device][step]; undefined for devices that inject nothing. Every combination within them keeps the network's
 * limits at the corners of the forecast. Sharing rule: what a limit has left is shared among the devices that burden it, in equal
 * shares of what each could still do against it; who relieves a limit is not bound by it. Each limit is then tried at the corner
 * that its sensitivities name the worst, by an AC power flow, and the envelopes shrink towards the plan until it holds.
 */
export function envelopes(optimised: Optimised): (PowerRange[] | undefined)[] {
  const { layout } = optimised;
  const out: (PowerRange[] | undefined)[] = layout.problem.devices.map((device) =>
    device.kind === 'tap' ? undefined : [],
  );
  const workspace = createWorkspace(layout.grid);
  for (let step = 0; step < layout.steps; step++) {
    const spans = spansOf(optimised, step);
    const bounds = {
      low: Float64Array.from(spans, (span) => span.least),
      high: Float64Array.from(spans, (span) => span.most),
    };
    for (const [index, scenario] of optimised.model.steps.entries()) {
      const model = scenario[step]!;
      const here = injected(optimised, model, spans);
      const rooms = roomsOf(optimised, model, index, spans);
      for (const room of rooms) share(room, { spans, here, bounds });
      for (const room of tightest(rooms, { spans, here, bounds }))
        for (let attempt = 0; attempt < TRIES; attempt++) {
          if (holds(optimised, { model, spans, here, bounds, room }, workspace)) break;
          shrink(room, { spans, here, bounds }, attempt === TRIES - 1 ? 0 : SHRINK);
        }
    }
    for (const [at, span] of spans.entries()) {
      const device = layout.problem.devices[span.device]!;
      // A statutory floor stands before an envelope; the load forecast holds the sessions to come already.
      const floor = device.kind === 'ev' ? device.floorKw / 1000 : -Infinity;
      out[span.device]!.push({ minKw: kw(bounds.low[at]!), maxKw: kw(Math.max(bounds.high[at]!, floor)) });
    }
  }
  return out;
}

const kw = (mw: number): number => Math.round(mw * 1e6) / 1000 + 0;

function spansOf({ layout, best }: Optimised, step: number): Span[] {
  const width = layout.controls.length;
  const spans: Span[] = [];
  for (const [index, device] of layout.problem.devices.entries()) {
    if (device.kind === 'tap') continue;
    let planned = 0;
    let input = 0;
    // What a plant is told is its limit.
    const limited = layout.controls.some((one) => one.device === index && one.role === 'limit');
    for (const [at, control] of layout.controls.entries()) {
      if (control.device !== index || control.role === 'reactive') continue;
      if (limited && control.role === 'feed-in') continue;
      planned += control.sign * best.x[step * width + at]!;
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
    spans.push({
      device: index,
      input,
      planned,
      least: Math.min(planned, box[0] / 1000),
      most: Math.max(planned, box[1] / 1000),
    });
  }
  return spans;
}

function roomsOf({ layout }: Optimised, model: StepModel, scenario: number, spans: readonly Span[]): Room[] {
  const { lin, solved, step } = model;
  const rooms: Room[] = [];
  const per = (coefficient: (input: number) => number): Float64Array =>
    Float64Array.from(spans, (span) => coefficient(span.input));
  const volts = (state: StepModel['solved'], node: number): number =>
    Math.hypot(state.workspace.vRe[node]!, state.workspace.vIm[node]!);
  for (let node = layout.grid.sourceCount; node < lin.nodes; node++) {
    const [least, most] = voltageBand(layout, node);
    const here = volts(solved, node);
    if (Number.isFinite(most))
      rooms.push({
        room: most - here,
        per: per((input) => lin.dvm[input * lin.nodes + node]!),
        broken: (state) => volts(state, node) - Math.max(most, here) - VOLTAGE_PU,
      });
    if (least > 0)
      rooms.push({
        room: here - least,
        per: per((input) => -lin.dvm[input * lin.nodes + node]!),
        broken: (state) => Math.min(least, here) - volts(state, node) - VOLTAGE_PU,
      });
  }
  for (const node of ratedNodes(layout)) {
    const rated = ratingMva(layout, node);
    for (const sign of [1, -1] as const) {
      const { flow, dMw, dMvar } = flowModel(model, node, 'near');
      const whole = Math.hypot(flow.mw, flow.mvar);
      // Along the flow as it is, and against it: what would have to turn it round first.
      const cos = whole < 1e-9 ? sign : (sign * flow.mw) / whole;
      const sin = whole < 1e-9 ? 0 : (sign * flow.mvar) / whole;
      rooms.push({
        room: rated - sign * whole,
        per: per((input) => cos * dMw[input]! + sin * dMvar[input]!),
        broken: (state) => {
          const there = flowOf(state, node, 'near');
          return Math.hypot(there.mw, there.mvar) - Math.max(rated, whole) - POWER_MVA;
        },
      });
    }
  }
  const [importMw, exportMw] = sourceLimits(layout, layout.scenarios[scenario]!, step);
  for (const [limit, sign] of [
    [importMw, 1],
    [exportMw, -1],
  ] as const)
    if (Number.isFinite(limit))
      rooms.push({
        room: limit - sign * model.importMw,
        per: per((input) => sign * model.dImport[input]!),
        broken: (state) => sign * importOf(state).mw - Math.max(limit, sign * model.importMw) - POWER_MVA,
      });
  return rooms;
}

interface Shared {
  readonly spans: readonly Span[];
  /** What each span does in the scenario at hand. */
  readonly here: Float64Array;
  readonly bounds: Bounds;
}

/** What each span's device does in a scenario under the plan, MW. */
function injected({ layout, best }: Optimised, { scenario, step }: StepModel, spans: readonly Span[]): Float64Array {
  const width = layout.controls.length;
  return Float64Array.from(spans, (span) => {
    const device = layout.problem.devices[span.device]!;
    let sum = 0;
    for (const [at, control] of layout.controls.entries()) {
      if (control.device !== span.device || control.role === 'reactive') continue;
      const value = best.x[step * width + at]!;
      if (device.kind !== 'pv') sum += control.sign * value;
      else if (control.role === (scenario === 'mid' ? 'feed-in' : 'limit'))
        sum -= scenario === 'low' ? Math.min(value, (device.availableLowKw?.[step] ?? Infinity) / 1000) : value;
    }
    return sum;
  });
}

/** Whole burden that the spans could still put on a limit. */
function burden(room: Room, { here, bounds }: Shared): number {
  let sum = 0;
  for (const [at, per] of room.per.entries())
    sum += per > 0 ? per * Math.max(0, bounds.high[at]! - here[at]!) : -per * Math.max(0, here[at]! - bounds.low[at]!);
  return sum;
}

function share(room: Room, shared: Shared): void {
  const whole = burden(room, shared);
  const part = whole <= 0 ? 1 : Math.min(1, Math.max(0, room.room) / whole);
  if (part < 1) shrink(room, shared, part);
}

/** Draws the bounds of those who burden a limit towards what they do, never past what is planned. */
function shrink(room: Room, { spans, here, bounds }: Shared, factor: number): void {
  for (const [at, per] of room.per.entries()) {
    const { planned } = spans[at]!;
    if (per > 0) bounds.high[at] = Math.max(planned, here[at]! + factor * (bounds.high[at]! - here[at]!));
    else if (per < 0) bounds.low[at] = Math.min(planned, here[at]! - factor * (here[at]! - bounds.low[at]!));
  }
}

/** The limits that are nearest to being reached: those are worth a power flow. */
function tightest(rooms: readonly Room[], shared: Shared): Room[] {
  return rooms
    .map((room) => ({ room, ratio: room.room / Math.max(1e-9, burden(room, shared)) }))
    .filter(({ ratio }) => ratio < 1.5)
    .sort((a, b) => a.ratio - b.ratio)
    .slice(0, TRIED)
    .map(({ room }) => room);
}

interface Corner extends Shared {
  readonly model: StepModel;
  readonly room: Room;
}

function holds(
  { layout, best }: Optimised,
  { model, spans, here, bounds, room }: Corner,
  workspace: ReturnType<typeof createWorkspace>,
): boolean {
  const { grid } = layout;
  const input = injections(layout, best.x, model.scenario, model.step);
  for (const [at, span] of spans.entries()) {
    const corner = room.per[at]! > 0 ? bounds.high[at]! : bounds.low[at]!;
    input.activePowerKw[grid.nodeBus[layout.nodes[span.input]!]!]! += (corner - here[at]!) * 1000;
  }
  const solution = solveRadial(grid, { ...input, sourceVoltagePu: input.source }, workspace);
  return solution.converged && room.broken({ grid, workspace }) <= 0;
}
