import type { Columns } from './columns.ts';

/** A batch of points, with the store's own series numbers. */
export type Batch = Omit<Columns, 'added'>;

const DOUBLES = 3;
const POINT_BYTES = 8 * DOUBLES + 4 * 2;

/** The columns in sequence, little endian: time, value, mark (64-bit floats), series, offset mod 10^6 (32-bit integers). */
export function encodeBatch({ series, time, low, value, mark }: Batch): Uint8Array {
  const n = series.length;
  const bytes = new Uint8Array(n * POINT_BYTES);
  const doubles = new Float64Array(bytes.buffer, 0, DOUBLES * n);
  const words = new Uint32Array(bytes.buffer, 8 * DOUBLES * n, 2 * n);
  for (const [at, column] of [time, value, mark].entries()) doubles.set(column, at * n);
  for (const [at, column] of [series, low].entries()) words.set(column, at * n);
  return bytes;
}

export function decodeBatch(bytes: Uint8Array): Batch {
  const { buffer } = Uint8Array.from(bytes);
  const n = bytes.length / POINT_BYTES;
  const doubles = (at: number): Float64Array<ArrayBuffer> => new Float64Array(buffer, 8 * at * n, n);
  const words = (at: number): Uint32Array<ArrayBuffer> => new Uint32Array(buffer, 8 * DOUBLES * n + 4 * at * n, n);
  return { time: doubles(0), value: doubles(1), mark: doubles(2), series: words(0), low: words(1) };
}
