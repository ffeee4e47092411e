import type { RadialGrid } from './compile.ts';
import { flatStart, setRatios, setSources } from './radial.ts';

/** Many time steps or scenarios on one grid: one row per step, one value per bus, load convention. */
export interface BatchInput {
  readonly steps: number;
  /** steps x buses */
  readonly activePowerKw: Float64Array;
  readonly reactivePowerKvar: Float64Array;
  readonly sourceVoltagePu?: number | Float64Array | undefined;
  readonly tapPositions?: Float64Array | undefined;
}

export interface BatchResult {
  /** steps x buses; 0 where de-energised. */
  readonly vmPu: Float64Array;
  readonly lossesKw: Float64Array;
  /** steps x sources, load convention: negative where the source feeds in. */
  readonly sourceKw: Float64Array;
  readonly sourceKvar: Float64Array;
  readonly iterations: Int32Array;
  /** 1 if the step converged. */
  readonly converged: Uint8Array;
}

export interface BatchOptions {
  /** Largest change of a voltage in the last iteration, per unit. Default 1e-8. */
  readonly tolerancePu?: number;
  /** Default 200. */
  readonly maxIterations?: number;
}

/** An empty result. Throws RangeError unless the powers have one value per step and bus. */
export function emptyResult(grid: RadialGrid, { steps, activePowerKw, reactivePowerKvar }: BatchInput): BatchResult {
  const buses = grid.busIds.length;
  if (activePowerKw.length !== steps * buses || reactivePowerKvar.length !== steps * buses)
    throw new RangeError(`powers must hold ${steps} x ${buses} values`);
  return {
    vmPu: new Float64Array(steps * buses),
    lossesKw: new Float64Array(steps),
    sourceKw: new Float64Array(steps * grid.sourceCount),
    sourceKvar: new Float64Array(steps * grid.sourceCount),
    iterations: new Int32Array(steps),
    converged: new Uint8Array(steps),
  };
}

/** True if every ratio is 1, that is, there are only lines. */
export const isPlain = (grid: RadialGrid): boolean => grid.transformers.every((transformer) => transformer.node < 0);

/**
 * The sweep of `solveRadial` for many steps, fused: the current of a load is computed as soon as its voltage is known, so one iteration
 * reads each node once on the way down and adds once on the way up. Every step starts flat.
 */
export function solveBatch(grid: RadialGrid, input: BatchInput, options: BatchOptions = {}): BatchResult {
  const { tolerancePu = 1e-8, maxIterations = 200 } = options;
  const { steps } = input;
  const buses = grid.busIds.length;
  const result = emptyResult(grid, input);
  const kernel = new Sweep(grid, input);
  const limit = tolerancePu * tolerancePu;
  for (let step = 0; step < steps; step++) {
    kernel.start(input, step * buses);
    let iterations = 0;
    let moved = Infinity;
    while (moved > limit && iterations < maxIterations) {
      iterations++;
      moved = kernel.plain ? kernel.iteratePlain() : kernel.iterate();
    }
    result.iterations[step] = iterations;
    result.converged[step] = moved <= limit ? 1 : 0;
    result.lossesKw[step] = kernel.finish(result, step);
  }
  return result;
}

class Sweep {
  readonly plain: boolean;
  readonly #grid: RadialGrid;
  readonly #parent: Int32Array;
  readonly #vRe: Float64Array;
  readonly #vIm: Float64Array;
  readonly #jRe: Float64Array;
  readonly #jIm: Float64Array;
  readonly #p: Float64Array;
  readonly #q: Float64Array;
  readonly #aRe: Float64Array;
  readonly #aIm: Float64Array;
  readonly #r: Float64Array;
  readonly #x: Float64Array;
  readonly #flatRe: Float64Array;
  readonly #flatIm: Float64Array;

  constructor(grid: RadialGrid, input: BatchInput) {
    const nodes = grid.nodeBus.length;
    this.#grid = grid;
    this.#parent = grid.parent;
    this.#vRe = new Float64Array(nodes);
    this.#vIm = new Float64Array(nodes);
    this.#jRe = new Float64Array(nodes);
    this.#jIm = new Float64Array(nodes);
    this.#p = new Float64Array(nodes);
    this.#q = new Float64Array(nodes);
    this.#aRe = new Float64Array(nodes).fill(1);
    this.#aIm = new Float64Array(nodes);
    this.#r = Float64Array.from(grid.rPu);
    this.#x = Float64Array.from(grid.xPu);
    const start = { vRe: this.#vRe, vIm: this.#vIm, aRe: this.#aRe, aIm: this.#aIm, r: this.#r, x: this.#x };
    setRatios(grid, start, input.tapPositions);
    setSources(grid, start, input.sourceVoltagePu);
    flatStart(grid, start);
    this.#flatRe = Float64Array.from(this.#vRe);
    this.#flatIm = Float64Array.from(this.#vIm);
    this.plain = isPlain(grid);
  }

  start(input: BatchInput, offset: number): void {
    const { nodeBus, baseKva } = this.#grid;
    this.#vRe.set(this.#flatRe);
    this.#vIm.set(this.#flatIm);
    for (let node = 0; node < nodeBus.length; node++) {
      const at = offset + nodeBus[node]!;
      this.#p[node] = input.activePowerKw[at]! / baseKva;
      this.#q[node] = input.reactivePowerKvar[at]! / baseKva;
      this.#draw(node);
    }
  }

  /** Current drawn by load and admittance at the node's voltage. */
  #draw(node: number): void {
    const re = this.#vRe[node]!;
    const im = this.#vIm[node]!;
    const inverse = 1 / (re * re + im * im);
    const g = this.#p[node]! * inverse + this.#grid.gPu[node]!;
    const b = this.#grid.bPu[node]! - this.#q[node]! * inverse;
    this.#jRe[node] = g * re - b * im;
    this.#jIm[node] = g * im + b * re;
  }

  /** One iteration. Returns the largest squared change of a voltage, or NaN if one is not finite. */
  iterate(): number {
    const parent = this.#parent;
    const { gPu, bPu, sourceCount } = this.#grid;
    const vRe = this.#vRe;
    const vIm = this.#vIm;
    const jRe = this.#jRe;
    const jIm = this.#jIm;
    const p = this.#p;
    const q = this.#q;
    const aRe = this.#aRe;
    const aIm = this.#aIm;
    const r = this.#r;
    const x = this.#x;
    for (let node = parent.length - 1; node >= sourceCount; node--) {
      const up = parent[node]!;
      jRe[up]! += aRe[node]! * jRe[node]! + aIm[node]! * jIm[node]!;
      jIm[up]! += aRe[node]! * jIm[node]! - aIm[node]! * jRe[node]!;
    }
    let most = 0;
    for (let node = sourceCount; node < parent.length; node++) {
      const up = parent[node]!;
      const re = aRe[node]! * vRe[up]! - aIm[node]! * vIm[up]! - r[node]! * jRe[node]! + x[node]! * jIm[node]!;
      const im = aRe[node]! * vIm[up]! + aIm[node]! * vRe[up]! - r[node]! * jIm[node]! - x[node]! * jRe[node]!;
      const dRe = re - vRe[node]!;
      const dIm = im - vIm[node]!;
      const moved = dRe * dRe + dIm * dIm;
      if (!(moved <= most) && !Number.isNaN(most)) most = moved;
      vRe[node] = re;
      vIm[node] = im;
      const inverse = 1 / (re * re + im * im);
      const g = p[node]! * inverse + gPu[node]!;
      const b = bPu[node]! - q[node]! * inverse;
      jRe[node] = g * re - b * im;
      jIm[node] = g * im + b * re;
    }
    for (let node = 0; node < sourceCount; node++) this.#draw(node);
    return most;
  }

  /** The same for grids where every ratio is 1. */
  iteratePlain(): number {
    const parent = this.#parent;
    const { gPu, bPu, sourceCount } = this.#grid;
    const vRe = this.#vRe;
    const vIm = this.#vIm;
    const jRe = this.#jRe;
    const jIm = this.#jIm;
    const p = this.#p;
    const q = this.#q;
    const r = this.#r;
    const x = this.#x;
    for (let node = parent.length - 1; node >= sourceCount; node--) {
      const up = parent[node]!;
      jRe[up]! += jRe[node]!;
      jIm[up]! += jIm[node]!;
    }
    let most = 0;
    for (let node = sourceCount; node < parent.length; node++) {
      const up = parent[node]!;
      const iRe = jRe[node]!;
      const iIm = jIm[node]!;
      const re = vRe[up]! - r[node]! * iRe + x[node]! * iIm;
      const im = vIm[up]! - r[node]! * iIm - x[node]! * iRe;
      const dRe = re - vRe[node]!;
      const dIm = im - vIm[node]!;
      const moved = dRe * dRe + dIm * dIm;
      if (!(moved <= most) && !Number.isNaN(most)) most = moved;
      vRe[node] = re;
      vIm[node] = im;
      const inverse = 1 / (re * re + im * im);
      const g = p[node]! * inverse + gPu[node]!;
      const b = bPu[node]! - q[node]! * inverse;
      jRe[node] = g * re - b * im;
      jIm[node] = g * im + b * re;
    }
    for (let node = 0; node < sourceCount; node++) this.#draw(node);
    return most;
  }

  /** Writes voltage magnitudes and source powers. Returns the losses in kW. */
  finish(result: BatchResult, step: number): number {
    const { busIds, nodeBus, sourceCount, nodeBranch, nodeAtTo, branchFromG, branchToG, baseKva } = this.#grid;
    const parent = this.#parent;
    const vRe = this.#vRe;
    const vIm = this.#vIm;
    const jRe = this.#jRe;
    const jIm = this.#jIm;
    for (let node = parent.length - 1; node >= sourceCount; node--) {
      const up = parent[node]!;
      jRe[up]! += this.#aRe[node]! * jRe[node]! + this.#aIm[node]! * jIm[node]!;
      jIm[up]! += this.#aRe[node]! * jIm[node]! - this.#aIm[node]! * jRe[node]!;
    }
    const square = (re: Float64Array, im: Float64Array, node: number): number =>
      re[node]! * re[node]! + im[node]! * im[node]!;
    let losses = 0;
    for (let node = 0; node < parent.length; node++) {
      result.vmPu[step * busIds.length + nodeBus[node]!] = Math.sqrt(square(vRe, vIm, node));
      if (node < sourceCount) {
        const p = vRe[node]! * jRe[node]! + vIm[node]! * jIm[node]!;
        const q = vIm[node]! * jRe[node]! - vRe[node]! * jIm[node]!;
        result.sourceKw[step * sourceCount + node] = -p * baseKva;
        result.sourceKvar[step * sourceCount + node] = -q * baseKva;
        continue;
      }
      const from = nodeAtTo[node] === 1 ? parent[node]! : node;
      const to = nodeAtTo[node] === 1 ? node : parent[node]!;
      losses += this.#r[node]! * square(jRe, jIm, node);
      losses += branchFromG[nodeBranch[node]!]! * square(vRe, vIm, from);
      losses += branchToG[nodeBranch[node]!]! * square(vRe, vIm, to);
    }
    return losses * baseKva;
  }
}
