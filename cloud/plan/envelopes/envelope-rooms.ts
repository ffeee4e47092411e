import { atCorner } from '../search/elements.ts';
import type { Constraint, Room as Own } from '../search/constraints/constraint.ts';
import { constraints } from '../search/constraints/table.ts';
import type { Layout } from '../problem/layout.ts';
import type { NetworkModel, StepModel } from '../search/model.ts';
import { aroundOf } from '../search/network-rows.ts';

/** A limit with its room in a state, and the part of it that one MW of consumption at each place takes (may be negative). */
export interface Room extends Omit<Own, 'per'> {
  readonly of: Constraint;
  readonly perMw: Float64Array;
  /** Whether all places burden it nearly alike, so that it bounds their sum. */
  readonly common: boolean;
  /** `perMw` around another state. */
  perMwAround(model: StepModel): Float64Array;
}

/** The places: their index among the inputs of the linearisation, and their MW now, at least and at most. */
export interface Reaching {
  readonly inputs: readonly number[];
  readonly here: Float64Array;
  readonly least: Float64Array;
  readonly most: Float64Array;
}

/** A limit is left out if its room is this many times the most that all places could take of it: they cannot reach it. */
const FAR = 3;
const COMMON_SHARE = 0.8;

/** The limits of a state that the places could come near. */
export function roomsOf(
  layout: Layout,
  network: NetworkModel,
  { scenario, step }: { readonly scenario: number; readonly step: number },
  reaching: Reaching,
): Room[] {
  const around = aroundOf(network, { scenario, step });
  const behind = reachBehind(layout, reaching);
  return constraints.flatMap((of) =>
    of.rooms({ ...around, layout, scenario, step, behind }).flatMap(({ per, ...room }): Room[] => {
      const perMwAround = (at: StepModel): Float64Array => {
        const perInput = per(at);
        const perMw = new Float64Array(reaching.inputs.length);
        for (let place = 0; place < perMw.length; place++) perMw[place] = perInput(reaching.inputs[place]!);
        return perMw;
      };
      const perMw = perMwAround(around.model);
      if (room.room > FAR * Math.max(1e-9, reachOf(reaching, perMw))) return [];
      const common = of.sharedByAll && isCommon(perMw);
      return [
        { ...room, constraint: atCorner(room.constraint, layout.scenarios[scenario]!), of, perMw, common, perMwAround },
      ];
    }),
  );
}

/** The most that the places behind each node could move, MW. */
function reachBehind({ grid, nodes }: Layout, { inputs, here, least, most }: Reaching): Float64Array {
  const behind = new Float64Array(grid.parent.length);
  for (const [at, input] of inputs.entries())
    behind[nodes[input]!]! += Math.max(most[at]! - here[at]!, here[at]! - least[at]!);
  for (let node = behind.length - 1; node >= grid.sourceCount; node--) behind[grid.parent[node]!]! += behind[node]!;
  return behind;
}

/** What all places could take of a limit beyond what they do, each at the end that burdens it. */
function reachOf({ here, least, most }: Reaching, perMw: Float64Array): number {
  let whole = 0;
  for (let at = 0; at < perMw.length; at++) {
    const one = perMw[at]!;
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
