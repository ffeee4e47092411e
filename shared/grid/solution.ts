import type { StartName } from './newton-start.ts';

export interface SolveOptions {
  readonly maxIterations?: number;
  /** Keep generators within their reactive limits at the expense of the held voltage. Default: the voltage has priority. */
  readonly reactiveLimits?: boolean;
  /** Default: the sweep for islands that are a tree behind one source with only constant powers, Newton for all others. */
  readonly method?: 'newton';
}

export interface BranchFlow {
  /** A winding of a three-winding transformer is `<id>:high`, `<id>:medium` or `<id>:low`. Its `to` is the star. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Power into the branch at each end. */
  readonly fromKw: number;
  readonly fromKvar: number;
  readonly toKw: number;
  readonly toKvar: number;
  /** Current relative to its rating at the more loaded end; undefined if the branch has no rating. */
  readonly loadingPct: number | undefined;
}

/** Power of a source, or of the generators that hold the voltage of a bus. Load convention: negative feeds in. */
export interface Supply {
  readonly id: string;
  readonly bus: string;
  readonly activePowerKw: number;
  readonly reactivePowerKvar: number;
}

export interface IslandReport {
  readonly method: 'sweep' | 'newton';
  /** Newton only: the voltages from which it converged, or the first from which it did not. */
  readonly start?: StartName;
  readonly buses: number;
  readonly iterations: number;
  readonly converged: boolean;
  readonly worstBus: string | undefined;
}

export interface NetworkSolution {
  readonly converged: boolean;
  /** Maximum over all islands. */
  readonly iterations: number;
  /** Worst bus of the first island that did not converge. */
  readonly worstBus: string | undefined;
  readonly islands: readonly IslandReport[];
  /** In document order; 0 if de-energised. */
  readonly buses: readonly { readonly id: string; readonly vmPu: number; readonly vaDeg: number }[];
  readonly branches: readonly BranchFlow[];
  readonly sources: readonly Supply[];
  /** One for each bus that generators hold. */
  readonly heldBuses: readonly Supply[];
  /** Buses that lost their held voltage to a reactive limit. */
  readonly atLimit: readonly string[];
  readonly lossesKw: number;
  readonly deEnergised: readonly string[];
}
