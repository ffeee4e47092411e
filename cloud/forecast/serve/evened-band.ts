import { indexOfLevel } from '../../../shared/forecast/quantiles.ts';
import { stepsPerDay } from '../../../shared/forecast/series.ts';

/** Reach on each side of the end of a day of leads, s. */
const REACH_S = 3 * 3600;

/**
 * Smooths quantiles [quantile][step] across the end of a day of leads. From there on the newest day known at the same time of day is
 * another one, so the inputs of the spread change at once, though hardly less is known than one step before. The jump in a quantile's
 * distance to the median, beyond its change nearby, is spread over a ramp. The median stays.
 */
export function evenedBand(
  values: readonly (readonly number[])[],
  { levels, stepS }: { readonly levels: readonly number[]; readonly stepS: number },
): number[][] {
  const middle = indexOfLevel(levels, 0.5);
  const median = values[middle]!;
  const reach = Math.round(REACH_S / stepS);
  const day = stepsPerDay(stepS);
  const rows = values.map((row) => [...row]);
  for (let end = day; end + reach <= median.length; end += day) {
    for (const row of rows) {
      const change = (step: number): number => row[step]! - median[step]! - (row[step - 1]! - median[step - 1]!);
      const jump = change(end) - (change(end - 1) + change(end + 1)) / 2;
      for (let away = 0; away < reach; away++) {
        const share = (jump / 2) * (1 - (away + 0.5) / reach);
        row[end - 1 - away]! += share;
        row[end + away]! -= share;
      }
    }
    for (let step = end - reach; step < end + reach; step++) inOrder(rows, step, middle);
  }
  return rows;
}

/** Restores the order outwards from the median, which stays. */
function inOrder(rows: readonly number[][], step: number, middle: number): void {
  for (let q = middle - 1; q >= 0; q--) rows[q]![step] = Math.min(rows[q]![step]!, rows[q + 1]![step]!);
  for (let q = middle + 1; q < rows.length; q++) rows[q]![step] = Math.max(rows[q]![step]!, rows[q - 1]![step]!);
}
