import { flowInto, importOf } from '../problem/ac.ts';
import { ratingMva, sourceLimits, voltageBand } from '../search/evaluate.ts';
import { cornerWords } from '../search/elements.ts';
import type { Layout } from '../problem/layout.ts';
import { flowModel, ratedNodes, type StepModel } from '../search/model.ts';

/** A limit with its room in a state, and what one MW of consumption at each place takes of it (may be negative). */
export interface Room {
  readonly kind: 'voltage' | 'flow' | 'source';
  /** Bus or branch; `source` for import and export. */
  readonly element: string;
  /** Which limit of it, and in which corner of the forecast. */
  readonly constraint: string;
  readonly room: number;
  readonly perMw: Float64Array;
  /** All places burden it nearly alike, so that it bounds what they do together. */
  readonly common: boolean;
  /** `perMw` around another state. */
  perMwAround(model: StepModel): Float64Array;
  /** Same in another state: how far it is broken there, in the room's own unit (pu, MVA, MW). What is broken anyway is no breach. */
  broken(solved: StepModel['solved']): number;
}

/** Breaches that are the arithmetic's: pu, MVA. */
const VOLTAGE_PU = 2e-5;
const POWER_MVA = 1e-3;

/** What stands at each place: its position among the inputs of the linearisation, and its MW now, at the least and at the most. */
export interface Reaching {
  readonly inputs: readonly number[];
  readonly here: Float64Array;
  readonly least: Float64Array;
  readonly most: Float64Array;
}

/** Limits with more room than so many times the most that all places could take of it are left out: none can reach them. */
const FAR = 3;
const COMMON_SHARE = 0.8;
/** One MW behind a branch moves its flow by no more than this, losses included; what is elsewhere moves it by less than the second. */
const MOST_PER_MW = 1.5;
const FLOW_MVA = 0.05;

/** The limits of a state that what stands at the places could come near. */
export function roomsOf(layout: Layout, model: StepModel, scenario: number, reaching: Reaching): Room[] {
  const { lin, solved, step } = model;
  const { grid } = layout;
  const rooms: Room[] = [];
  const corner = cornerWords(layout.scenarios[scenario]!);
  const add = (
    room: Omit<Room, 'perMw' | 'perMwAround' | 'common'>,
    per: (at: StepModel, input: number) => number,
  ): void => {
    if (
      room.room >
      FAR *
        Math.max(
          1e-9,
          reachOf(reaching, (input) => per(model, input)),
        )
    )
      return;
    const perMw = Float64Array.from(reaching.inputs, (input) => per(model, input));
    const perMwAround = (at: StepModel): Float64Array => Float64Array.from(reaching.inputs, (input) => per(at, input));
    rooms.push({ ...room, perMw, common: room.kind !== 'voltage' && isCommon(perMw), perMwAround });
  };
  for (let node = grid.sourceCount; node < lin.nodes; node++) {
    const [least, most] = voltageBand(layout, node);
    const here = volts(solved, node);
    const element = grid.busIds[grid.nodeBus[node]!]!;
    if (Number.isFinite(most))
      add(
        {
          kind: 'voltage',
          element,
          constraint: `voltage maximum${corner}`,
          room: most - here,
          broken: (state) => volts(state, node) - Math.max(most, here) - VOLTAGE_PU,
        },
        (at, input) => at.lin.dvm[input * lin.nodes + node]!,
      );
    if (least > 0)
      add(
        {
          kind: 'voltage',
          element,
          constraint: `voltage minimum${corner}`,
          room: here - least,
          broken: (state) => Math.min(least, here) - volts(state, node) - VOLTAGE_PU,
        },
        (at, input) => -at.lin.dvm[input * lin.nodes + node]!,
      );
  }
  const behind = reachBehind(layout, reaching);
  for (const node of ratedNodes(layout)) {
    const rated = ratingMva(layout, node);
    if (rated - sizeOf(solved, node) > FAR * MOST_PER_MW * behind[node]! + FLOW_MVA) continue;
    const { flow } = flowModel(model, node, 'near');
    const whole = Math.hypot(flow.mw, flow.mvar);
    for (const sign of [1, -1] as const) {
      // What reactive power leaves of the circle, for active power towards the leaves and back.
      const left = Math.sqrt(Math.max(0, rated ** 2 - flow.mvar ** 2));
      add(
        {
          kind: 'flow',
          element: grid.branchIds[grid.nodeBranch[node]!]!,
          constraint: `rating${corner}`,
          room: left - sign * flow.mw,
          broken: (state) => sizeOf(state, node) - Math.max(rated, whole) - POWER_MVA,
        },
        (at, input) => {
          const { flow: through, dMw, dMvar } = flowModel(at, node, 'near');
          const size = Math.hypot(through.mw, through.mvar);
          if (at === model || size < 1e-9) return sign * dMw[input]!;
          return (through.mw * dMw[input]! + through.mvar * dMvar[input]!) / size;
        },
      );
    }
  }
  const [importMw, exportMw] = sourceLimits(layout, layout.scenarios[scenario]!, step);
  for (const [limit, sign] of [
    [importMw, 1],
    [exportMw, -1],
  ] as const)
    if (Number.isFinite(limit))
      add(
        {
          kind: 'source',
          element: 'source',
          constraint: `${sign > 0 ? 'imported' : 'exported'} power${corner}`,
          room: limit - sign * model.importMw,
          broken: (state) => sign * importOf(state).mw - Math.max(limit, sign * model.importMw) - POWER_MVA,
        },
        (at, input) => sign * at.dImport[input]!,
      );
  return rooms;
}

const flowThere = new Float64Array(2);
function sizeOf(solved: StepModel['solved'], node: number): number {
  flowInto(solved, node, 'near', flowThere);
  const [mw, mvar] = [flowThere[0]!, flowThere[1]!];
  return Math.sqrt(mw * mw + mvar * mvar);
}

/** What the places behind each node could move at the most, MW. */
function reachBehind({ grid, nodes }: Layout, { inputs, here, least, most }: Reaching): Float64Array {
  const behind = new Float64Array(grid.parent.length);
  for (const [at, input] of inputs.entries())
    behind[nodes[input]!]! += Math.max(most[at]! - here[at]!, here[at]! - least[at]!);
  for (let node = behind.length - 1; node >= grid.sourceCount; node--) behind[grid.parent[node]!]! += behind[node]!;
  return behind;
}

const volts = ({ workspace }: StepModel['solved'], node: number): number => {
  const re = workspace.vRe[node]!;
  const im = workspace.vIm[node]!;
  return Math.sqrt(re * re + im * im);
};

/** What of a limit all places could take beyond what they do, each at the end that burdens it. */
function reachOf({ inputs, here, least, most }: Reaching, per: (input: number) => number): number {
  let whole = 0;
  for (let at = 0; at < inputs.length; at++) {
    const one = per(inputs[at]!);
    whole += one * ((one > 0 ? most[at]! : least[at]!) - here[at]!);
  }
  return whole;
}

function isCommon(perMw: Float64Array): boolean {
  if (perMw.length === 0) return false;
  let [least, most] = [Infinity, -Infinity];
  for (let at = 0; at < perMw.length; at++) {
    least = Math.min(least, perMw[at]!);
    most = Math.max(most, perMw[at]!);
  }
  return least > COMMON_SHARE * most || most < COMMON_SHARE * least;
}
