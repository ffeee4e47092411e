import type { OffsetRange } from '../../shared/contracts/acknowledgement.ts';

/** A set of offsets as sorted, disjoint, inclusive ranges that do not touch. */
export class OffsetSet {
  #ranges: [number, number][] = [];

  static from(ranges: readonly OffsetRange[]): OffsetSet {
    const set = new OffsetSet();
    for (const [from, to] of ranges) set.add(from, to);
    return set;
  }

  ranges(): readonly OffsetRange[] {
    return this.#ranges;
  }

  /** Number of offsets in the set. */
  get size(): number {
    return this.#ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  }

  add(from: number, to: number): void {
    if (to < from) return;
    const start = this.#firstEndingAt(from - 1);
    let end = start;
    let low = from;
    let high = to;
    while (end < this.#ranges.length && this.#ranges[end]![0] <= to + 1) {
      low = Math.min(low, this.#ranges[end]![0]);
      high = Math.max(high, this.#ranges[end]![1]);
      end++;
    }
    this.#ranges.splice(start, end - start, [low, high]);
  }

  remove(from: number, to: number): void {
    if (to < from) return;
    this.#ranges = this.#ranges.flatMap(([low, high]): [number, number][] => {
      if (high < from || low > to) return [[low, high]];
      const remainder: [number, number][] = [];
      if (low < from) remainder.push([low, from - 1]);
      if (high > to) remainder.push([to + 1, high]);
      return remainder;
    });
  }

  has(offset: number): boolean {
    const range = this.#ranges[this.#firstEndingAt(offset)];
    return range !== undefined && range[0] <= offset;
  }

  /** The smallest offset from `offset` on that is not in the set. */
  nextMissing(offset: number): number {
    const range = this.#ranges[this.#firstEndingAt(offset)];
    return range !== undefined && range[0] <= offset ? range[1] + 1 : offset;
  }

  /** The parts of [from, to] that are not in the set. */
  missingWithin(from: number, to: number): OffsetRange[] {
    const missing: OffsetRange[] = [];
    let at = this.nextMissing(from);
    while (at <= to) {
      const next = this.#ranges[this.#firstEndingAt(at)];
      const end = Math.min(to, next === undefined ? to : next[0] - 1);
      missing.push([at, end]);
      at = this.nextMissing(end + 1);
    }
    return missing;
  }

  /** Index of the first range whose end is at or above `offset`. */
  #firstEndingAt(offset: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ranges[middle]![1] < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
