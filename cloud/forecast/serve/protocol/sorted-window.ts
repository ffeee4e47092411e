import { quantileOfSorted } from '../../../../shared/forecast/quantiles.ts';

/** Values of a window that moves on, kept ascending, so that a quantile of them costs no sort. Grows as needed. */
export class SortedWindow {
  #values = new Float64Array(256);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const grown = new Float64Array(2 * this.#count);
      grown.set(this.#values);
      this.#values = grown;
    }
    const at = this.#firstNotBelow(value);
    this.#values.copyWithin(at + 1, at, this.#count);
    this.#values[at] = value;
    this.#count++;
  }

  /** A value that was added. */
  remove(value: number): void {
    const at = this.#firstNotBelow(value);
    this.#values.copyWithin(at, at + 1, this.#count);
    this.#count--;
  }

  /** Linear between neighbours; NaN of an empty window. */
  quantile(level: number): number {
    return quantileOfSorted(this.#values.subarray(0, this.#count), level);
  }

  #firstNotBelow(value: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
