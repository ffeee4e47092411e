import type { Network } from '../../shared/grid/network.ts';
import {
  compileRadial,
  createWorkspace,
  solveRadial,
  type RadialGrid,
  type RadialSolution,
} from '../../shared/grid/radial.ts';
import { bad, good, LoadstoneError, type Outcome } from '../../shared/outcome/outcome.ts';
import type { HeadTruth } from './truth.ts';

const TOLERANCE_PU = 1e-10;
const SQRT3 = Math.sqrt(3);

/** The electrical side of one substation: network, switch states, and the power flow of the last step. */
export class Wires {
  readonly network: Network;
  readonly busbar: number;
  readonly transformer: number;
  readonly heads: readonly number[];
  /** Load per bus for the next solve, kW and kvar. */
  readonly p: Float64Array;
  readonly q: Float64Array;
  readonly #taps = new Float64Array(1);
  readonly #switches = new Map<string, boolean>();
  #grid: RadialGrid;
  #work: ReturnType<typeof createWorkspace>;
  #solution: RadialSolution;

  constructor(network: Network) {
    this.network = network;
    this.#grid = compileRadial(network);
    this.#work = createWorkspace(this.#grid);
    this.#solution = this.#work.solution;
    this.#solution.vmPu.fill(1);
    const transformer = network.transformers[0]!;
    this.busbar = this.#grid.busIndex.get(transformer.to)!;
    this.transformer = this.#grid.branchIndex.get(transformer.id)!;
    this.heads = network.feeders.map(({ headBranch }) => this.#grid.branchIndex.get(headBranch)!);
    this.p = new Float64Array(this.#grid.busIds.length);
    this.q = new Float64Array(this.#grid.busIds.length);
  }

  get grid(): RadialGrid {
    return this.#grid;
  }

  get solution(): RadialSolution {
    return this.#solution;
  }

  /** Throws LS-GRID-002 if the power flow does not converge: the plant is then dimensioned wrongly. */
  solve(sourceVoltagePu: number, tap: number): void {
    this.#taps[0] = tap;
    const input = {
      activePowerKw: this.p,
      reactivePowerKvar: this.q,
      sourceVoltagePu,
      tapPositions: this.#taps,
    };
    this.#solution = solveRadial(this.#grid, input, this.#work, { tolerancePu: TOLERANCE_PU });
    if (this.#solution.converged) return;
    throw new LoadstoneError(
      'LS-GRID-002',
      `plant ${this.network.id}: the voltage collapsed at ${this.#solution.worstBus}`,
    );
  }

  /** Opens or closes a line; refused when the network would no longer be radial. */
  setSwitch(line: string, closed: boolean): Outcome<void> {
    if (!this.network.lines.some(({ id }) => id === line))
      return bad('LS-GRID-003', `${this.network.id} has no line "${line}"`);
    const switches = new Map(this.#switches).set(line, closed);
    try {
      this.#compile(switches);
    } catch (error) {
      if (!(error instanceof LoadstoneError)) throw error;
      return bad(error.code, error.message);
    }
    this.#switches.set(line, closed);
    return good(undefined);
  }

  energised(branch: number): boolean {
    return this.#grid.branchNode[branch]! >= 0;
  }

  /** The transformer at its busbar side; positive flows into the busbar. */
  transformerTruth(): HeadTruth {
    const { toKw, toKvar } = this.#solution;
    return this.#truth(this.transformer, -toKw[this.transformer]!, -toKvar[this.transformer]!);
  }

  headTruth(feeder: number): HeadTruth {
    const branch = this.heads[feeder]!;
    const { fromKw, fromKvar } = this.#solution;
    return this.#truth(branch, fromKw[branch]!, fromKvar[branch]!);
  }

  snapshot(): { readonly voltagePu: readonly number[]; readonly switches: readonly (readonly [string, boolean])[] } {
    return { voltagePu: [...this.#solution.vmPu], switches: [...this.#switches] };
  }

  restore(from: ReturnType<Wires['snapshot']>): void {
    this.#switches.clear();
    for (const [line, closed] of from.switches) this.#switches.set(line, closed);
    this.#compile(this.#switches);
    this.#solution.vmPu.set(from.voltagePu);
  }

  #compile(switches: ReadonlyMap<string, boolean>): void {
    const lines = this.network.lines.map((line) => {
      const closed = switches.get(line.id);
      return closed === undefined ? line : { ...line, closed };
    });
    this.#grid = compileRadial({ ...this.network, lines });
    const before = this.#solution.vmPu;
    this.#work = createWorkspace(this.#grid);
    this.#solution = this.#work.solution;
    this.#solution.vmPu.set(before);
    for (const bus of this.#grid.deEnergised) this.#solution.vmPu[this.#grid.busIndex.get(bus)!] = 0;
  }

  #truth(branch: number, activePowerKw: number, reactivePowerKvar: number): HeadTruth {
    const voltagePu = this.#solution.vmPu[this.busbar]!;
    const nominalKv = this.network.buses[this.busbar]!.nominalKv;
    return {
      activePowerKw,
      reactivePowerKvar,
      voltagePu,
      currentA: voltagePu > 0 ? Math.hypot(activePowerKw, reactivePowerKvar) / (SQRT3 * nominalKv * voltagePu) : 0,
      loadingPct: this.#solution.loadingPct[branch]!,
    };
  }
}
