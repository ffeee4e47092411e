/** Steps that share one set of weights, as a half-open range: short near the origin, long far from it. */
export interface HorizonGroup {
  readonly from: number;
  readonly to: number;
}

const HOURS = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 168];

/** `hours`: the last hour of each group. */
export function horizonGroups(steps: number, stepS: number, hours: readonly number[] = HOURS): HorizonGroup[] {
  const bounds = [...new Set(hours.map((last) => Math.round((last * 3600) / stepS)))].filter((end) => end >= 1);
  const groups: HorizonGroup[] = [];
  let from = 0;
  for (const bound of bounds) {
    if (from >= steps) break;
    groups.push({ from, to: Math.min(bound, steps) });
    from = bound;
  }
  if (from < steps) groups.push({ from, to: steps });
  return groups;
}
