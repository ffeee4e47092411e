export interface SolveOptions {
  readonly maxIterations?: number;
  /** Hold generators within their reactive limits, at the price of the voltage. Default: voltage first. */
  readonly reactiveLimits?: boolean;
  /** Default: the sweep where an island is a tree behind one source and every power is constant, Newton elsewhere. */
  readonly method?: 'newton';
}

export interface BranchFlow {
  /** A winding of a three-winding transformer is `<id>:high`, `<id>:medium` or `<id>:low`; its `to` is the star. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Power into the branch at each end. */
  readonly fromKw: number;
  readonly fromKvar: number;
  readonly toKw: number;
  readonly toKvar: number;
  /** Current against its rating at the worse end; undefined where the branch has no rating. */
  readonly loadingPct: number | undefined;
}

/** What flows into the network at a source, or from the generators that hold the voltage of a bus. Load convention: negative feeds in. */
export interface Supply {
  readonly id: string;
  readonly bus: string;
  readonly activePowerKw: number;
  readonly reactivePowerKvar: number;
}

export interface IslandReport {
  readonly method: 'sweep' | 'newton';
  readonly buses: number;
  readonly iterations: number;
  readonly converged: boolean;
  readonly worstBus: string | undefined;
}

export interface NetworkSolution {
  readonly converged: boolean;
  /** The most of all islands. */
  readonly iterations: number;
  /** Of the first island that did not converge. */
  readonly worstBus: string | undefined;
  readonly islands: readonly IslandReport[];
  /** In the order of the document; 0 where de-energised. */
  readonly buses: readonly { readonly id: string; readonly vmPu: number; readonly vaDeg: number }[];
  readonly branches: readonly BranchFlow[];
  readonly sources: readonly Supply[];
  /** One for each bus that generators hold. */
  readonly heldBuses: readonly Supply[];
  /** Buses whose held voltage gave way to a reactive limit. */
  readonly atLimit: readonly string[];
  readonly lossesKw: number;
  readonly deEnergised: readonly string[];
}
