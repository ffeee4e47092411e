import { createWorkspace, solveRadial, type RadialWorkspace } from '../../../shared/grid/radial.ts';
import { burden, sharedOf, splits, worstCorner, type Bounds } from './envelope-bounds.ts';
import { ASKED_TOLERANCE_PU } from '../search/evaluate.ts';
import { injections } from '../search/injections.ts';
import type { Room } from './envelope-rooms.ts';
import type { Layout } from '../problem/layout.ts';
import { linearise, type Linearisation } from '../search/linearise.ts';
import { slopesAt, type StepModel } from '../search/model.ts';

/** Where a device stands in the network, and how its reactive power follows its active power. */
export interface Place {
  readonly input: number;
  /** Its reactive power in the states, Mvar of consumption. */
  readonly mvar: number;
  /** Whether its reactive power is commanded; otherwise its own curve applies. */
  readonly commanded: boolean;
  /** Inverter rating: active power first, reactive power in what is left of the circle. */
  readonly apparentMva: number;
  /** The most that its own curve makes, Mvar. */
  readonly mostMvar: number;
}

/** A state of the network under the plan: one step of one scenario, with its limits. */
export interface PlanState {
  readonly model: StepModel;
  /** Power of each device in it, MW. */
  readonly here: Float64Array;
  readonly rooms: readonly Room[];
  /** How distant each device is: the response of its own voltage to one MW there, relative to the strongest one. */
  readonly far: Float64Array;
}

/** A limit is near if a corner's burden, times this, exceeds its room. */
const NEAR = 1.1;
const ROUNDS = 3;
const TILT = 0.2;

function same(a: Float64Array, b: Float64Array): boolean {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Commanded reactive power, Mvar, within what active power leaves of the circle. */
function commandedMvar({ mvar, commanded, apparentMva }: Place, mw: number): number {
  const left = Math.sqrt(Math.max(0, apparentMva ** 2 - mw ** 2));
  return commanded ? Math.max(-left, Math.min(left, mvar)) : 0;
}

/** Dead band and end of the volt-var curve of IEEE 1547-2018, category B, pu: the strongest of the presets in use. */
const CURVE = { low: 0.98, high: 1.02, width: 0.06 } as const;

/** Reactive power of an inverter's own curve at a voltage, Mvar of consumption. */
function curveAt({ mostMvar }: Place, vm: number): number {
  if (vm > CURVE.high) return mostMvar * Math.min(1, (vm - CURVE.high) / CURVE.width);
  return vm < CURVE.low ? -mostMvar * Math.min(1, (CURVE.low - vm) / CURVE.width) : 0;
}

interface Corner {
  readonly mw: Float64Array;
  readonly mvar: Float64Array;
}

/** A limit with the sensitivities that select a corner for it. */
interface Named {
  readonly room: Room;
  readonly perMw: Float64Array;
}

interface Seen {
  readonly corner: Corner;
  /** Limits that selected it. */
  readonly rooms: Room[];
}

export interface Breach {
  readonly state: PlanState;
  readonly room: Room;
  readonly corner: Float64Array;
  /** In the room's own unit; Infinity if the corner has no power flow. */
  readonly by: number;
}

/**
 * For a limit that all places burden alike, losses decide which split of the same sum is worst, and they are not linear. So far devices
 * against near ones, and the other way round, are tried besides the split that the sensitivities select.
 */
function candidates({ common, perMw }: Room, far: Float64Array): Float64Array[] {
  if (!common) return [perMw];
  const tilt = TILT * Math.max(...perMw.map(Math.abs));
  return [perMw, ...[tilt, -tilt].map((by) => perMw.map((per, at) => per + by * far[at]!))];
}

/** Tries envelopes by AC power flows; reuses its workspace. */
export class CornerCheck {
  readonly #layout: Layout;
  readonly #x: Float64Array;
  readonly #workspace: RadialWorkspace;
  #lin: Linearisation | undefined;
  readonly #named = new WeakMap<PlanState, readonly Named[]>();

  /** `x`: the decisions of the states. */
  constructor(layout: Layout, x: Float64Array) {
    this.#layout = layout;
    this.#x = x;
    this.#workspace = createWorkspace(layout.grid);
  }

  /**
   * Tries each limit at the corner that is worst by its sensitivities, with one power flow each. A corner that several limits select is
   * solved once, and all limits of its state are read from it. A limit that comes near there is also tried at the corner that is worst by
   * the sensitivities around the first one, because losses bend the plan's own sensitivities.
   */
  breaches(state: PlanState, places: readonly Place[], bounds: Bounds): Breach[] {
    const seen: Seen[] = [];
    const worst = new Map<Room, Breach>();
    let named = this.#namedIn(state, bounds);
    for (let round = 0; round < ROUNDS && named.length > 0; round++) {
      const again: Named[] = [];
      for (const { corner, rooms } of this.#corners(named, places, bounds, seen)) {
        const solved = this.#solve(state, places, corner);
        if (solved === undefined) {
          for (const room of rooms) worst.set(room, { state, room, corner: corner.mw, by: Infinity });
          continue;
        }
        const read = (rooms: readonly Room[], at: StepModel['solved']): void => {
          for (const room of rooms) {
            const over = room.broken(at);
            if (over > (worst.get(room)?.by ?? 0)) worst.set(room, { state, room, corner: corner.mw, by: over });
          }
        };
        const free = places.some(({ commanded }) => !commanded);
        // An inverter's own curve never makes a voltage worse, so voltages are read without it, and flows with all that it makes there.
        read(free ? state.rooms.filter(({ of }) => !of.burdenedByCurves) : state.rooms, solved);
        const near = rooms.filter((room) => room.room < NEAR * burden(room, corner.mw, state.here));
        if (near.length > 0 && round + 1 < ROUNDS) {
          const around = this.#around(state.model, solved);
          again.push(...near.map((room) => ({ room, perMw: room.perMwAround(around) })));
        }
        const moved = free ? this.#solve(state, places, this.#onCurves(corner, places)) : undefined;
        if (moved !== undefined)
          read(
            state.rooms.filter(({ of }) => of.burdenedByCurves),
            moved,
          );
      }
      named = again;
    }
    return [...worst.values()];
  }

  /**
   * The sensitivities that select the corners of a state's limits; cached, because bounds narrow from try to try but the members of
   * connection points stay.
   */
  #namedIn(state: PlanState, bounds: Bounds): readonly Named[] {
    const known = this.#named.get(state);
    if (known !== undefined) return known;
    const shared = sharedOf(bounds);
    const named = state.rooms.flatMap((room) =>
      candidates(room, state.far)
        .flatMap((perMw) => splits(perMw, shared))
        .map((perMw) => ({ room, perMw })),
    );
    this.#named.set(state, named);
    return named;
  }

  /** The corners that limits select, each once, without those seen before. */
  #corners(named: readonly Named[], places: readonly Place[], bounds: Bounds, seen: Seen[]): Seen[] {
    const known = seen.length;
    for (const { room, perMw } of named) {
      const mw = worstCorner(perMw, bounds);
      const before = seen.find(({ corner }) => same(corner.mw, mw));
      if (before === undefined)
        seen.push({
          corner: { mw, mvar: Float64Array.from(places, (place, at) => commandedMvar(place, mw[at]!)) },
          rooms: [room],
        });
      else if (seen.indexOf(before) >= known) before.rooms.push(room);
    }
    return seen.slice(known);
  }

  /** The corner solved last, with the reactive power of the curves at its voltages. */
  #onCurves({ mw, mvar }: Corner, places: readonly Place[]): Corner {
    const { vRe, vIm } = this.#workspace;
    return {
      mw,
      mvar: Float64Array.from(places, (place, at) => {
        const node = this.#layout.nodes[place.input]!;
        return place.commanded ? mvar[at]! : curveAt(place, Math.hypot(vRe[node]!, vIm[node]!));
      }),
    };
  }

  #around(model: StepModel, solved: StepModel['solved']): StepModel {
    const lin = linearise(solved, this.#layout.nodes, this.#lin);
    this.#lin = lin;
    return { ...model, ...slopesAt(this.#layout, { ...model, solved, lin }) };
  }

  #solve({ model, here }: PlanState, places: readonly Place[], { mw, mvar }: Corner): StepModel['solved'] | undefined {
    const { grid, nodes } = this.#layout;
    const input = injections(this.#layout, this.#x, model.scenario, model.step);
    for (const [at, place] of places.entries()) {
      const bus = grid.nodeBus[nodes[place.input]!]!;
      input.activePowerKw[bus]! += (mw[at]! - here[at]!) * 1000;
      input.reactivePowerKvar[bus]! += (mvar[at]! - place.mvar) * 1000;
    }
    const solution = solveRadial(grid, input, this.#workspace, {
      tolerancePu: ASKED_TOLERANCE_PU,
      stateOnly: true,
    });
    return solution.converged ? { grid, workspace: this.#workspace } : undefined;
  }
}
