import type { Sample } from '../../shared/contracts/sample.ts';
import { originOfMark, qualityOfMark } from './marks.ts';

/** A stored point of one series: time, offset mod 10^6, value, mark. Time and offset are the key. */
export type Row = readonly [time: number, low: number, value: number, mark: number];

/** Compares keys: below 0 if `a` comes first, 0 if they are the same. */
export const compareRows = (a: Row, b: Row): number => a[0] - b[0] || a[1] - b[1];

/** Merges two lists in order of key; if both hold a key, the row of `first` wins. */
export function mergeRows(first: readonly Row[], second: readonly Row[]): readonly Row[] {
  if (second.length === 0) return first;
  if (first.length === 0 || compareRows(first.at(-1)!, second[0]!) < 0) return [...first, ...second];
  const merged: Row[] = [];
  let [a, b] = [0, 0];
  while (a < first.length && b < second.length) {
    const order = compareRows(first[a]!, second[b]!);
    merged.push(order <= 0 ? first[a++]! : second[b++]!);
    if (order === 0) b++;
  }
  while (a < first.length) merged.push(first[a++]!);
  while (b < second.length) merged.push(second[b++]!);
  return merged;
}

export const sampleOf = ([time, , value, mark]: Row): Sample => ({
  time,
  value,
  quality: qualityOfMark(mark),
  origin: originOfMark(mark),
});
