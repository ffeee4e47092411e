import { seriesId } from './series-id.ts';
import { markOf, OFFSET_MODULUS } from './marks.ts';
import type { Point, SeriesKey } from './store.ts';

/** A batch of points as columns of the store's rows, so that it crosses to the worker thread without copying each point. */
export interface Columns {
  /** Series new to the receiver; their numbers follow on from those it has. */
  readonly added: readonly SeriesKey[];
  readonly series: Uint32Array<ArrayBuffer>;
  readonly time: Float64Array<ArrayBuffer>;
  readonly low: Uint32Array<ArrayBuffer>;
  readonly value: Float64Array<ArrayBuffer>;
  readonly mark: Float64Array<ArrayBuffer>;
}

/** The sender's side: gives each series a number once. */
export class ColumnWriter {
  #numbers = new Map<string, number>();
  #byKey = new WeakMap<SeriesKey, number>();

  /** Forgets all numbers, for a new receiver. */
  reset(): void {
    this.#numbers = new Map();
    this.#byKey = new WeakMap();
  }

  encode(points: readonly Point[]): Columns {
    const n = points.length;
    const added: SeriesKey[] = [];
    const columns: Columns = {
      added,
      series: new Uint32Array(n),
      time: new Float64Array(n),
      low: new Uint32Array(n),
      value: new Float64Array(n),
      mark: new Float64Array(n),
    };
    for (let i = 0; i < n; i++) {
      const point = points[i]!;
      columns.series[i] = this.#number(point.series, added);
      columns.time[i] = point.time;
      columns.low[i] = point.offset % OFFSET_MODULUS;
      columns.value[i] = point.value;
      columns.mark[i] = markOf(point.offset, point.quality, point.origin);
    }
    return columns;
  }

  #number(key: SeriesKey, added: SeriesKey[]): number {
    let number = this.#byKey.get(key);
    if (number !== undefined) return number;
    const name = seriesId(key);
    number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(name, number);
      added.push({ gateway: key.gateway, device: key.device, metric: key.metric });
    }
    this.#byKey.set(key, number);
    return number;
  }
}

export const transferOf = (columns: Columns): ArrayBuffer[] => [
  columns.series.buffer,
  columns.time.buffer,
  columns.low.buffer,
  columns.value.buffer,
  columns.mark.buffer,
];
