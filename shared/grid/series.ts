import { sourceImpedance } from './expand.ts';
import type { BatchSolver } from './kernel/batch-solver.ts';
import type { Draw, Profiles } from './profile.ts';
import type { RadialGrid } from './radial.ts';
import type { NetworkSolution } from './solution.ts';
import type { PreparedNetwork } from './solve.ts';

export interface SeriesStep {
  readonly converged: boolean;
  /** Maximum over all islands. */
  readonly iterations: number;
  readonly lossesKw: number;
  /** In document order; 0 if de-energised. */
  readonly vmPu: readonly number[];
  /** Total feed-in of all sources. */
  readonly sourceKw: number;
  readonly worstBus: string | undefined;
}

export interface Series {
  readonly steps: readonly SeriesStep[];
  /** The last step in full. */
  readonly last: NetworkSolution;
}

export interface SeriesOptions {
  readonly solver: BatchSolver;
  /** Called after each bundle of steps. */
  readonly progress?: (done: number) => void;
}

/** Steps between two calls of `progress`. In a batch, the powers of one bundle are in memory at once. */
const BUNDLE = 512;
/** The tolerance of the single solver. */
const tolerancePu = 1e-11;

/**
 * A power flow per step of the profiles (at least one): in batches if every island is radial, otherwise one by one. The last step, and each
 * step that does not converge, is also solved individually, because only that yields branch flows and the worst bus.
 */
export function solveSeries(
  prepared: PreparedNetwork,
  profiles: Profiles,
  { solver, progress }: SeriesOptions,
): Series {
  const count = profiles.times.length;
  const islands = prepared.radial?.map((grid) => islandBatch(prepared, grid, profiles.draws));
  const places = placesOf(prepared);
  const steps: SeriesStep[] = [];
  let last: NetworkSolution | undefined;
  for (let first = 0; first < count; first += BUNDLE) {
    const until = Math.min(count, first + BUNDLE);
    const batch = islands?.map((island) => island(solver, first, until));
    for (let step = first; step < until; step++) {
      const parts = batch?.map((at) => at(step));
      if (parts !== undefined && step < count - 1 && parts.every((part) => part.converged)) {
        steps.push(joined(places, parts));
        continue;
      }
      last = prepared.solve(profiles.at(step));
      steps.push(stepOf(last));
    }
    progress?.(until);
  }
  return { steps, last: last! };
}

/** One island in one step. */
interface Part {
  readonly converged: boolean;
  readonly iterations: number;
  readonly lossesKw: number;
  readonly sourceKw: number;
  /** Per bus of the island's grid. */
  readonly vmPu: Float64Array;
}

type IslandBatch = (solver: BatchSolver, first: number, until: number) => (step: number) => Part;

function islandBatch({ expanded }: PreparedNetwork, grid: RadialGrid, draws: readonly Draw[]): IslandBatch {
  const buses = grid.busIds.length;
  const own = draws.flatMap((draw) => {
    const bus = grid.busIndex.get(expanded.busOf.get(draw.bus)!);
    return bus === undefined ? [] : [{ bus, draw }];
  });
  // The source's feed-in is measured behind its impedance, whose losses are not part of the document.
  const impedance = grid.branchIndex.get(sourceImpedance(grid.sourceIds[0]!));
  const rPu = impedance === undefined ? 0 : grid.rPu[grid.branchNode[impedance]!]!;
  const sourceBus = grid.nodeBus[0]!;
  return (solver, first, until) => {
    const steps = until - first;
    const activePowerKw = new Float64Array(steps * buses);
    const reactivePowerKvar = new Float64Array(steps * buses);
    for (const { bus, draw } of own)
      for (let step = first; step < until; step++) {
        activePowerKw[(step - first) * buses + bus]! += draw.kw(step);
        reactivePowerKvar[(step - first) * buses + bus]! += draw.kvar(step);
      }
    const result = solver.solve(grid, { steps, activePowerKw, reactivePowerKvar }, { tolerancePu });
    return (step) => {
      const row = step - first;
      const vmPu = result.vmPu.subarray(row * buses, (row + 1) * buses);
      const current = Math.hypot(result.sourceKw[row]!, result.sourceKvar[row]!) / grid.baseKva / vmPu[sourceBus]!;
      const before = rPu * current * current * grid.baseKva;
      return {
        converged: result.converged[row] === 1,
        iterations: result.iterations[row]!,
        lossesKw: result.lossesKw[row]! - before,
        sourceKw: -result.sourceKw[row]! - before,
        vmPu,
      };
    };
  };
}

interface Place {
  readonly island: number;
  readonly bus: number;
}

/** Each bus of the document in the grids of the islands; undefined if de-energised. */
const placesOf = ({ network, expanded, radial = [] }: PreparedNetwork): readonly (Place | undefined)[] =>
  network.buses.map(({ id }) => {
    const name = expanded.busOf.get(id)!;
    const island = radial.findIndex((grid) => grid.busIndex.has(name));
    return island === -1 ? undefined : { island, bus: radial[island]!.busIndex.get(name)! };
  });

function joined(places: readonly (Place | undefined)[], parts: readonly Part[]): SeriesStep {
  const sum = (of: (part: Part) => number): number => parts.reduce((total, part) => total + of(part), 0);
  return {
    converged: true,
    iterations: Math.max(...parts.map((part) => part.iterations)),
    lossesKw: sum((part) => part.lossesKw),
    vmPu: places.map((place) => (place === undefined ? 0 : parts[place.island]!.vmPu[place.bus]!)),
    sourceKw: sum((part) => part.sourceKw),
    worstBus: undefined,
  };
}

const stepOf = ({ converged, iterations, lossesKw, buses, sources, worstBus }: NetworkSolution): SeriesStep => ({
  converged,
  iterations,
  lossesKw,
  vmPu: buses.map(({ vmPu }) => vmPu),
  sourceKw: sources.reduce((sum, source) => sum - source.activePowerKw, 0),
  worstBus,
});
