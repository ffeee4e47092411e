/**
 * Errors of several feeders at one corner of the forecast, per step, kW as magnitudes, and how far they coincide: the quantile of their
 * sum, taken from joint errors, shows how much they have in common.
 */
export class JointErrors {
  readonly #whole: Float64Array;
  readonly #wholeSquared: Float64Array;
  readonly #load: Float64Array;
  readonly #loadSquared: Float64Array;
  readonly #kvar: Float64Array;

  constructor(steps: number) {
    const array = (): Float64Array => new Float64Array(steps);
    [this.#whole, this.#wholeSquared, this.#load, this.#loadSquared, this.#kvar] = [
      array(),
      array(),
      array(),
      array(),
      array(),
    ];
  }

  /** Adds a feeder: its whole error, the part of it that is load, and the reactive power of that part. */
  add(step: number, { wholeKw, loadKw, loadKvar }: { wholeKw: number; loadKw: number; loadKvar: number }): void {
    this.#whole[step]! += wholeKw;
    this.#wholeSquared[step]! += wholeKw ** 2;
    this.#load[step]! += loadKw;
    this.#loadSquared[step]! += loadKw ** 2;
    this.#kvar[step]! += loadKvar;
  }

  sumKw = (step: number): number => this.#whole[step]!;

  /**
   * By how much load is closer to its middle where feeders meet than their corners added up, kW and kvar. `jointKw`: the quantile of the
   * sum of all. Errors of two feeders have the correlation r with which their variances add up to the sum's. The sun's part does not count,
   * because limited plants do not follow it.
   */
  relief(step: number, jointKw: number): { readonly kw: number; readonly kvar: number } {
    const [whole, squared] = [this.#whole[step]!, this.#wholeSquared[step]!];
    const [load, loadSquared] = [this.#load[step]!, this.#loadSquared[step]!];
    const common = whole ** 2 - squared;
    if (common < 1e-9 || load < 1e-9) return { kw: 0, kvar: 0 };
    const r = Math.max(0, Math.min(1, (jointKw ** 2 - squared) / common));
    const kw = load - Math.sqrt(loadSquared + r * Math.max(0, load ** 2 - loadSquared));
    return { kw, kvar: (this.#kvar[step]! * kw) / load };
  }
}
