import type { Table } from '../../../shared/forecast/learn/table.ts';

/**
 * The load at the same time on the newest known day, with a band of the spread of the last seven days at that time. Nothing is learnt. If a
 * load has changed its nature since the training, this member is the first to be right, and the live weights pick it up.
 */
export interface DayBeforeFit {
  readonly kind: 'dayBefore';
  /** Indices of the columns in a row. */
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
