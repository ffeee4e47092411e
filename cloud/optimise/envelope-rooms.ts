import { flowOf, importOf } from './ac.ts';
import { ratingMva, sourceLimits, voltageBand } from './evaluate.ts';
import type { Layout } from './layout.ts';
import { flowModel, ratedNodes, type StepModel } from './model.ts';

/** A limit with its room in a state, and what one MW of consumption at each place takes of it (may be negative). */
export interface Room {
  readonly kind: 'voltage' | 'flow' | 'source';
  /** Bus or branch; `source` for import and export. */
  readonly element: string;
  readonly room: number;
  readonly perMw: Float64Array;
  /** `perMw` around another state. */
  perMwAround(model: StepModel): Float64Array;
  /** Same in another state: how far it is broken there, in the room's own unit (pu, MVA, MW). What is broken anyway is no breach. */
  broken(solved: StepModel['solved']): number;
}

/** Breaches that are the arithmetic's: pu, MVA. */
const VOLTAGE_PU = 2e-5;
const POWER_MVA = 1e-3;

/** All limits of a state. `inputs`: the place of each device among the inputs of the linearisation. */
export function roomsOf(layout: Layout, model: StepModel, scenario: number, inputs: readonly number[]): Room[] {
  const { lin, solved, step } = model;
  const { grid } = layout;
  const rooms: Room[] = [];
  type Per = Pick<Room, 'perMw' | 'perMwAround'>;
  const per = (coefficient: (at: StepModel, input: number) => number): Per => ({
    perMw: Float64Array.from(inputs, (input) => coefficient(model, input)),
    perMwAround: (at) => Float64Array.from(inputs, (input) => coefficient(at, input)),
  });
  const volts = ({ workspace }: StepModel['solved'], node: number): number =>
    Math.hypot(workspace.vRe[node]!, workspace.vIm[node]!);
  for (let node = grid.sourceCount; node < lin.nodes; node++) {
    const [least, most] = voltageBand(layout, node);
    const here = volts(solved, node);
    const element = grid.busIds[grid.nodeBus[node]!]!;
    if (Number.isFinite(most))
      rooms.push({
        kind: 'voltage',
        element,
        room: most - here,
        ...per((at, input) => at.lin.dvm[input * lin.nodes + node]!),
        broken: (state) => volts(state, node) - Math.max(most, here) - VOLTAGE_PU,
      });
    if (least > 0)
      rooms.push({
        kind: 'voltage',
        element,
        room: here - least,
        ...per((at, input) => -at.lin.dvm[input * lin.nodes + node]!),
        broken: (state) => Math.min(least, here) - volts(state, node) - VOLTAGE_PU,
      });
  }
  for (const node of ratedNodes(layout)) {
    const rated = ratingMva(layout, node);
    for (const sign of [1, -1] as const) {
      const { flow, dMw } = flowModel(model, node, 'near');
      const whole = Math.hypot(flow.mw, flow.mvar);
      // What reactive power leaves of the circle, for active power towards the leaves and back.
      const left = Math.sqrt(Math.max(0, rated ** 2 - flow.mvar ** 2));
      rooms.push({
        kind: 'flow',
        element: grid.branchIds[grid.nodeBranch[node]!]!,
        room: left - sign * flow.mw,
        perMw: Float64Array.from(inputs, (input) => sign * dMw[input]!),
        perMwAround: (at) => {
          const there = flowModel(at, node, 'near');
          const whole = Math.hypot(there.flow.mw, there.flow.mvar);
          const [cos, sin] = whole < 1e-9 ? [sign, 0] : [there.flow.mw / whole, there.flow.mvar / whole];
          return Float64Array.from(inputs, (input) => cos * there.dMw[input]! + sin * there.dMvar[input]!);
        },
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
        kind: 'source',
        element: 'source',
        room: limit - sign * model.importMw,
        ...per((at, input) => sign * at.dImport[input]!),
        broken: (state) => sign * importOf(state).mw - Math.max(limit, sign * model.importMw) - POWER_MVA,
      });
  return rooms;
}
