import type { Row } from './rows.ts';

/** Numbers per row. */
const WIDTH = 4;
const FIRST_ROWS = 16;

/** Points of one series in memory, in order of key. */
export class FreshSeries {
  #numbers = new Float64Array(FIRST_ROWS * WIDTH);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** False if a point with this key exists already; it stays. */
  add([time, low, value, mark]: Row): boolean {
    const at = this.#placeOf(time, low);
    if (this.#isAt(at, time, low)) return false;
    if ((this.#length + 1) * WIDTH > this.#numbers.length) {
      const grown = new Float64Array(this.#numbers.length * 2);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    if (at < this.#length) this.#numbers.copyWithin((at + 1) * WIDTH, at * WIDTH, this.#length * WIDTH);
    this.#numbers.set([time, low, value, mark], at * WIDTH);
    this.#length++;
    return true;
  }

  has(time: number, low: number): boolean {
    return this.#isAt(this.#placeOf(time, low), time, low);
  }

  /** Rows of [start, end). */
  rows(start: number, end: number): Row[] {
    const rows: Row[] = [];
    const to = this.#placeOf(end, 0);
    for (let at = this.#placeOf(start, 0); at < to; at++) rows.push(this.#row(at));
    return rows;
  }

  /** The last row of [start, end) for which `holds` is true. */
  findLast(start: number, end: number, holds: (row: Row) => boolean): Row | undefined {
    const from = this.#placeOf(start, 0);
    for (let at = this.#placeOf(end, 0) - 1; at >= from; at--) {
      const row = this.#row(at);
      if (holds(row)) return row;
    }
    return undefined;
  }

  #row(at: number): Row {
    const [numbers, from] = [this.#numbers, at * WIDTH];
    return [numbers[from]!, numbers[from + 1]!, numbers[from + 2]!, numbers[from + 3]!];
  }

  #isAt(at: number, time: number, low: number): boolean {
    return at < this.#length && this.#numbers[at * WIDTH] === time && this.#numbers[at * WIDTH + 1] === low;
  }

  /** The index of this key, or where it would go. Most points are newer than all others. */
  #placeOf(time: number, low: number): number {
    const isBefore = (at: number): boolean => {
      const other = this.#numbers[at * WIDTH]!;
      return other < time || (other === time && this.#numbers[at * WIDTH + 1]! < low);
    };
    if (this.#length === 0 || isBefore(this.#length - 1)) return this.#length;
    let [from, to] = [0, this.#length - 1];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (isBefore(middle)) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
