import type { Layout } from '../problem/layout.ts';

/** Less than this in both directions at once is numerical error, MW. */
const NOTHING_MW = 1e-9;

/**
 * The decisions without a storage that charges and discharges at once; its level changes by as much as before. Undefined if none does. A
 * linear programme does both to burn energy: where consumption is paid for, or where a full storage stands against a limit of feed-in or
 * voltage. `bar`: called with the index of each direction that is closed.
 */
export function oneDirection(
  layout: Layout,
  decided: Float64Array,
  bar?: (at: number) => void,
): Float64Array | undefined {
  let x: Float64Array | undefined;
  for (const { item, inwards, outwards } of storageSteps(layout)) {
    if (Math.min(decided[inwards]!, decided[outwards]!) < NOTHING_MW) continue;
    x ??= decided.slice();
    const filled = item.efficiencyCharge * decided[inwards]! - decided[outwards]! / item.efficiencyDischarge;
    x[inwards] = Math.max(0, filled / item.efficiencyCharge);
    x[outwards] = Math.max(0, -filled * item.efficiencyDischarge);
    bar?.(filled >= 0 ? outwards : inwards);
  }
  return x;
}

/** Calls `bar` with the index of each direction that decisions in one direction leave unused while they use the other. */
export function closeUnused(layout: Layout, decided: Float64Array, bar: (at: number) => void): void {
  for (const { inwards, outwards } of storageSteps(layout))
    if (decided[inwards]! > NOTHING_MW) bar(outwards);
    else if (decided[outwards]! > NOTHING_MW) bar(inwards);
}

/** Indices of the two directions of each storage in each step. */
function* storageSteps({ problem, controls, steps }: Layout) {
  for (const [device, item] of problem.devices.entries()) {
    if (item.kind !== 'storage') continue;
    const of = (role: 'charge' | 'discharge'): number =>
      controls.findIndex((one) => one.device === device && one.role === role);
    const [charge, discharge] = [of('charge'), of('discharge')];
    for (let step = 0; step < steps; step++)
      yield { item, inwards: step * controls.length + charge, outwards: step * controls.length + discharge };
  }
}
