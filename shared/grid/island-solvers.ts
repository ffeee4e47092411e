import type { Network } from './network.ts';
import { compileNewton, drawnOf, solveNewton, type NewtonGrid, type NewtonSolution } from './newton.ts';
import { createWorkspace, solveRadial, type RadialGrid } from './radial.ts';
import type { BranchFlow, IslandReport, SolveOptions, Supply } from './solution.ts';

type Flow = Omit<BranchFlow, 'id' | 'from' | 'to'>;
type Power = Pick<Supply, 'activePowerKw' | 'reactivePowerKvar'>;

/** Solution of one island, by ids of the expanded network. */
export interface IslandSolution {
  readonly report: IslandReport;
  readonly voltages: ReadonlyMap<string, { readonly vmPu: number; readonly vaDeg: number }>;
  readonly flows: ReadonlyMap<string, Flow>;
  /** Power of the sources, by bus. */
  readonly supplies: ReadonlyMap<string, Power>;
  readonly held: readonly Supply[];
  readonly atLimit: readonly string[];
}

/** Solves the island with powers from the whole expanded network. */
type IslandSolver = (powers: Network) => IslandSolution;

/** The island with the loads, generators and storages of the whole network that lie in it. */
const within = (powers: Network, island: Network): Network => {
  const own = new Set(island.buses.map((bus) => bus.id));
  const here = <T extends { readonly bus: string }>(items: readonly T[] | undefined): T[] =>
    (items ?? []).filter((item) => own.has(item.bus));
  return {
    ...island,
    loads: here(powers.loads),
    generators: here(powers.generators),
    storages: here(powers.storages),
  };
};

export function solveRadialIsland(island: Network, grid: RadialGrid, options: SolveOptions): IslandSolver {
  const workspace = createWorkspace(grid);
  const { maxIterations } = options;
  return (powers) => {
    const drawn = drawnOf(within(powers, island), grid.busIndex);
    const scale = (values: Float64Array): Float64Array => values.map((value) => value * grid.baseKva);
    const solution = solveRadial(
      grid,
      { activePowerKw: scale(drawn.p), reactivePowerKvar: scale(drawn.q) },
      workspace,
      maxIterations === undefined ? {} : { maxIterations },
    );
    const [source] = island.sources;
    const { vRe, vIm, jRe, jIm } = workspace;
    const re = vRe[0]!;
    const im = vIm[0]!;
    return {
      report: {
        method: 'sweep',
        buses: grid.busIds.length,
        iterations: solution.iterations,
        converged: solution.converged,
        worstBus: solution.worstBus,
      },
      voltages: new Map(grid.busIds.map((id, bus) => [id, { vmPu: solution.vmPu[bus]!, vaDeg: solution.vaDeg[bus]! }])),
      flows: new Map(
        grid.branchIds.map((id, branch) => {
          const loading = solution.loadingPct[branch]!;
          return [
            id,
            {
              fromKw: solution.fromKw[branch]!,
              fromKvar: solution.fromKvar[branch]!,
              toKw: solution.toKw[branch]!,
              toKvar: solution.toKvar[branch]!,
              loadingPct: Number.isNaN(loading) ? undefined : loading,
            },
          ];
        }),
      ),
      supplies: new Map([
        [
          source!.bus,
          {
            activePowerKw: -(re * jRe[0]! + im * jIm[0]!) * grid.baseKva,
            reactivePowerKvar: -(im * jRe[0]! - re * jIm[0]!) * grid.baseKva,
          },
        ],
      ]),
      held: [],
      atLimit: [],
    };
  };
}

export function solveNewtonIsland(island: Network, options: SolveOptions): IslandSolver {
  const grid = compileNewton(island);
  const { maxIterations, reactiveLimits } = options;
  return (powers) => {
    const drawn = drawnOf(within(powers, island), grid.busIndex);
    const solution = solveNewton(grid, drawn, { maxIterations, reactiveLimits });
    const power = (bus: number): Power => ({
      activePowerKw: -solution.surplusP[bus]! * grid.baseKva,
      reactivePowerKvar: -solution.surplusQ[bus]! * grid.baseKva,
    });
    return {
      report: {
        method: 'newton',
        start: solution.start,
        buses: grid.busIds.length,
        iterations: solution.iterations,
        converged: solution.converged,
        worstBus: solution.worstBus,
      },
      voltages: new Map(
        grid.busIds.map((id, bus) => [
          id,
          {
            vmPu: Math.hypot(solution.vRe[bus]!, solution.vIm[bus]!),
            vaDeg: (Math.atan2(solution.vIm[bus]!, solution.vRe[bus]!) * 180) / Math.PI,
          },
        ]),
      ),
      flows: branchFlows(grid, solution),
      supplies: new Map(island.sources.map(({ bus }) => [bus, power(grid.busIndex.get(bus)!)])),
      held: grid.busIds.flatMap((id, bus): Supply[] => (grid.heldPu[bus]! > 0 ? [{ id, bus: id, ...power(bus) }] : [])),
      atLimit: solution.atLimit,
    };
  };
}

function branchFlows({ ports, baseKva }: NewtonGrid, { vRe, vIm }: NewtonSolution): Map<string, Flow> {
  const flows = new Map<string, Flow>();
  for (const [branch, id] of ports.ids.entries()) {
    const fRe = vRe[ports.from[branch]!]!;
    const fIm = vIm[ports.from[branch]!]!;
    const tRe = vRe[ports.to[branch]!]!;
    const tIm = vIm[ports.to[branch]!]!;
    const [ffRe, ffIm, ftRe, ftIm] = [ports.ffRe, ports.ffIm, ports.ftRe, ports.ftIm].map(
      (each) => each[branch]!,
    ) as Four;
    const [tfRe, tfIm, ttRe, ttIm] = [ports.tfRe, ports.tfIm, ports.ttRe, ports.ttIm].map(
      (each) => each[branch]!,
    ) as Four;
    const fromRe = ffRe * fRe - ffIm * fIm + ftRe * tRe - ftIm * tIm;
    const fromIm = ffRe * fIm + ffIm * fRe + ftRe * tIm + ftIm * tRe;
    const toRe = tfRe * fRe - tfIm * fIm + ttRe * tRe - ttIm * tIm;
    const toIm = tfRe * fIm + tfIm * fRe + ttRe * tIm + ttIm * tRe;
    const rated = ports.fromRatedPu[branch]!;
    const atFrom = Math.hypot(fromRe, fromIm) / rated;
    const atTo = Math.hypot(toRe, toIm) / ports.toRatedPu[branch]!;
    flows.set(id, {
      fromKw: (fRe * fromRe + fIm * fromIm) * baseKva,
      fromKvar: (fIm * fromRe - fRe * fromIm) * baseKva,
      toKw: (tRe * toRe + tIm * toIm) * baseKva,
      toKvar: (tIm * toRe - tRe * toIm) * baseKva,
      loadingPct: rated === Infinity ? undefined : 100 * Math.max(atFrom, atTo),
    });
  }
  return flows;
}

type Four = [number, number, number, number];
