import type { Table } from '../../../shared/forecast/learn/table.ts';

/**
 * The load at the same time of the first known day, and as far below and above it as the last seven days spread at that time. Nothing is
 * learnt: where a load has turned into another one since the training, it is right before all members that have learnt, and the live
 * weights find that out.
 */
export interface DayBeforeFit {
  readonly kind: 'dayBefore';
  /** Columns of a row. */
  readonly day: number;
  readonly spread: number;
}

/** [row x 3]: P10, P50, P90 before the head, kW. */
export function predictDayBefore({ day, spread }: DayBeforeFit, { rows, columns, values }: Table): Float64Array {
  const out = new Float64Array(rows * 3);
  for (let row = 0; row < rows; row++) {
    const [middle, width] = [values[row * columns + day]!, values[row * columns + spread]!];
    out.set([middle - width, middle, middle + width], row * 3);
  }
  return out;
}
