import { expandNetwork, sourceImpedance, type Expanded } from './expand.ts';
import { islandsOf, type Island } from './islands.ts';
import { compileRadial, type RadialGrid } from './compile.ts';
import { solveNewtonIsland, solveRadialIsland, type IslandSolution } from './island-solvers.ts';
import { legsOf } from './three-winding.ts';
import type { Network } from './network.ts';
import { goesWithVoltage } from './varying-load.ts';
import type { BranchFlow, NetworkSolution, SolveOptions } from './solution.ts';

/** A network prepared once for many solves with different powers. */
export interface PreparedNetwork {
  readonly network: Network;
  readonly expanded: Expanded;
  /** One grid per island, for batches; undefined unless the sweep solves every island. */
  readonly radial: readonly RadialGrid[] | undefined;
  /** `powers`: the same network with different powers of its loads, generators and storages. Absent: its own. */
  solve(powers?: Network): NetworkSolution;
}

/** AC power flow at the document's own powers. Throws LS-GRID-003 if the description is invalid. */
export const solveNetwork = (network: Network, options: SolveOptions = {}): NetworkSolution =>
  prepareNetwork(network, options).solve();

/**
 * Expands the network, splits it into islands and chooses the solver of each by its topology. A solve does not throw if it does not
 * converge: `converged` and `worstBus` report that, and the results of other islands are valid.
 */
export function prepareNetwork(network: Network, options: SolveOptions = {}): PreparedNetwork {
  const expanded = expandNetwork(network);
  const { energised, deEnergised } = islandsOf(expanded.network);
  const grids: RadialGrid[] = [];
  const islands = energised.map((island) => {
    if (options.method === 'newton' || !sweepFits(island)) return solveNewtonIsland(island.network, options);
    const grid = compileRadial(island.network);
    grids.push(grid);
    return solveRadialIsland(island.network, grid, options);
  });
  const dead = new Set(deEnergised);
  return {
    network,
    expanded,
    radial: grids.length === islands.length && islands.length > 0 ? grids : undefined,
    solve: (powers) => {
      const at = powers === undefined ? expanded.network : expandNetwork(powers).network;
      return assemble(
        { network, expanded, dead },
        islands.map((solve) => solve(at)),
      );
    },
  };
}

const sweepFits = ({ network, isTree }: Island): boolean =>
  isTree &&
  !network.loads.some(goesWithVoltage) &&
  !(network.generators ?? []).some((each) => each.voltagePu !== undefined) &&
  network.lines.every((line) => line.from !== line.to);

interface Frame {
  readonly network: Network;
  readonly expanded: Expanded;
  readonly dead: ReadonlySet<string>;
}

function assemble({ network, expanded, dead }: Frame, islands: readonly IslandSolution[]): NetworkSolution {
  const voltages = new Map(islands.flatMap((island) => [...island.voltages]));
  const flows = new Map(islands.flatMap((island) => [...island.flows]));
  const rated = new Set(network.lines.filter((line) => line.ratedKva !== undefined).map((line) => line.id));
  const branches = [
    ...network.lines.map((line) => ({ ...line, hasRating: rated.has(line.id) })),
    ...network.transformers.map((transformer) => ({ ...transformer, hasRating: true })),
    ...(network.threeWindingTransformers ?? []).flatMap((winding) =>
      legsOf(winding).map(({ leg }) => ({ ...leg, to: `${winding.id}~star`, hasRating: true })),
    ),
  ].map(({ id, from, to, hasRating }): BranchFlow => {
    const still = { fromKw: 0, fromKvar: 0, toKw: 0, toKvar: 0, loadingPct: hasRating ? 0 : undefined };
    return { id, from, to, ...(flows.get(id) ?? still) };
  });
  const supplies = new Map(islands.flatMap((island) => [...island.supplies]));
  const busOfSource = new Map(expanded.network.sources.map((source) => [source.id, source.bus]));
  const failed = islands.find((island) => !island.report.converged);
  return {
    converged: failed === undefined && islands.length > 0,
    iterations: Math.max(0, ...islands.map((island) => island.report.iterations)),
    worstBus: failed?.report.worstBus,
    islands: islands.map((island) => island.report),
    buses: network.buses.map(({ id }) => ({ id, ...(voltages.get(expanded.busOf.get(id)!) ?? { vmPu: 0, vaDeg: 0 }) })),
    branches,
    sources: network.sources.flatMap(({ id, bus }) => {
      const behind = flows.get(sourceImpedance(id));
      if (behind !== undefined && expanded.sourceLines.has(sourceImpedance(id)))
        return [{ id, bus, activePowerKw: behind.toKw, reactivePowerKvar: behind.toKvar }];
      const supply = supplies.get(busOfSource.get(id) ?? '');
      return supply === undefined ? [] : [{ id, bus, ...supply }];
    }),
    heldBuses: islands.flatMap((island) => island.held),
    atLimit: islands.flatMap((island) => island.atLimit),
    lossesKw: branches.reduce((sum, branch) => sum + branch.fromKw + branch.toKw, 0),
    deEnergised: network.buses.filter(({ id }) => dead.has(expanded.busOf.get(id)!)).map(({ id }) => id),
  };
}
