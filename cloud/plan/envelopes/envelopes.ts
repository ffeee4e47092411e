import type { PowerRange } from '../../../shared/contracts/plan.ts';
import { sayPlan } from '../../../shared/sentences/plan-forms.ts';
import type { Part } from '../../../shared/sentences/said.ts';
import type { Layout } from '../problem/layout.ts';
import { isStepped } from '../problem/problem.ts';
import type { Constraint } from '../search/constraints/constraint.ts';
import { voltageModel } from '../search/model.ts';
import type { Optimised } from '../search/optimised.ts';
import { endsOf, type Bounds, type Cause } from './envelope-bounds.ts';
import { contracted, contractsOf, pointLoads, unbound } from './envelope-contracts.ts';
import { CornerCheck, type PlanState } from './envelope-corner.ts';
import { stepBounds } from './envelope-cuts.ts';
import { roomsOf } from './envelope-rooms.ts';
import { injected, spansOf, type Span } from './envelope-spans.ts';

/** Envelopes of a plan, kW of consumption per step. Any combination within all kinds at once keeps the network's limits. */
export interface Envelopes {
  /** [device][step]; undefined for devices that inject nothing. */
  readonly devices: readonly (readonly PowerRange[] | undefined)[];
  /** The limits that those ends come from, [device][step]. */
  readonly causes: readonly (readonly EndCauses[])[];
  /** Connection points in the order of the problem, [point][step]. */
  readonly points: readonly PointEnvelope[];
  /** The range of all devices together, [step]. */
  readonly gateway: readonly PowerRange[];
}

/** Undefined if an end is that of the ratings or the sky. */
export interface EndCauses {
  readonly low: Cause | undefined;
  readonly high: Cause | undefined;
}

/** kW of consumption per step. */
export interface PointEnvelope {
  /** The range of its devices together. */
  readonly devices: readonly PowerRange[];
  /** The range at its meter, with the unplanned load behind it anywhere in its forecast's band. */
  readonly meter: readonly PowerRange[];
}

export type Planned = Pick<Optimised, 'layout' | 'best' | 'model'>;

/**
 * Dynamic operating envelopes around a plan. They hold at the corners of the forecast for their step, so they narrow with its lead time. No
 * device gets more than its ratings, and at night the sun gives nothing. Sun above its forecast's upper quantile is not cut for that alone,
 * only by a limit of the network.
 *
 * How a limit is shared out: a connection point that burdens it is cut in proportion to what it could still do beyond its plan, so all keep
 * the same share of that, however many devices stand behind one. A point that relieves the limit is not bound by it. No point is cut below
 * its plan or its statutory floor. Limits of voltages and lines bound each connection point: its only device, or the sum of its devices,
 * each of which may use what the others leave. Limits that all burden alike (import and export at the source, the transformer) bound the
 * sum of all, which the gateway holds. A contract at a meter bounds what the load there leaves of it. Each limit is then tried by an AC
 * power flow at the corner that is worst by its sensitivities, and the points that burden it are cut further until it holds.
 *
 * After Petrou et al., Ensuring distribution network integrity using dynamic operating limits for prosumers, IEEE Trans. Smart Grid 12
 * (2021); Liu, Ochoa, Wong and Theunissen, Using OPF-based operating envelopes to facilitate residential DER services, IEEE Trans. Smart
 * Grid 13 (2022). Why corners, and not only the ends of one direction, have to be tried: Liu and Braslavsky, Robust dynamic operating
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
      // A device alone behind a meter has one envelope, not two that differ in their rounding.
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
 * devices that inject nothing. Returns the limits that break in `steps`, beyond what is broken with `planned` as it is.
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
        .map(({ room: { of, element, whole }, by }) => ({ step, element, unit: of.unit, by, whole })),
      ...contractBreaches(layout, step, bounds),
    ];
  });
}

export interface EnvelopeBreach {
  readonly step: number;
  /** Bus, branch, `transformer` for the source, or connection point, in words. */
  readonly element: Part;
  /** pu, MVA or MW; `unit` says how it is shown. Infinity: the corner that is worst for it has no power flow. */
  readonly by: number;
  /** Breaches of different limits are compared by their share of this; not negative. */
  readonly whole: number;
  readonly unit: Constraint['unit'];
}

/** What the devices of connection points add to the excess at their meters. */
function contractBreaches(layout: Layout, step: number, bounds: Bounds): EnvelopeBreach[] {
  return contractsOf(layout, step).flatMap(({ constraint, point, ends: [least, most] }): EnvelopeBreach[] => {
    const [low, high] = endsOf(bounds.points[point]!, bounds);
    const imported = Math.min(high, high - most.mw);
    const exported = Math.min(-low, least.mw - low);
    const by = Math.max(imported, exported);
    return by > POINT_MW
      ? [
          {
            step,
            element: sayPlan('connection point {name}', { name: layout.points[point]!.id }),
            by,
            whole: Math.max(0, imported > exported ? most.mw : -least.mw),
            unit: constraint.unit,
          },
        ]
      : [];
  });
}

/**
 * Rounds to tens of watts, in kW, because no meter shows less. A device's own envelope is rounded inwards, a sum of several outwards, so
 * that no sum excludes its parts. A value that is round but for numerical error, such as a setpoint, stays.
 */
const kwDown = (mw: number): number => Math.floor(mw * 1e5 + ARITHMETIC) / 100 + 0;
const kwUp = (mw: number): number => Math.ceil(mw * 1e5 - ARITHMETIC) / 100 + 0;
const ARITHMETIC = 1e-4;
/** Excess up to here is numerical error. */
const POINT_MW = 1e-5;

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
