import type { Horizon } from '../../../shared/contracts/plan.ts';
import { isWhole, type Layout, type Role } from '../problem/layout.ts';

/** Decisions of a plan, MW, Mvar or position per step, by device and role: the next plan starts from them. Structured-cloneable. */
export interface Decisions {
  readonly horizon: Horizon;
  readonly values: ReadonlyMap<string, Float64Array>;
}

const nameOf = ({ problem }: Layout, { device, role }: Layout['controls'][number]): string =>
  `${problem.devices[device]!.id} ${role}`;

/** Positions of each stepped device, by step. */
export const positionsOf = ({ values }: Decisions): ReadonlyMap<string, readonly number[]> =>
  new Map(
    [...values].flatMap(([name, at]): [string, number[]][] => {
      const [, id, role] = /^(.*) (\S+)$/.exec(name)!;
      return isWhole(role as Role) ? [[id!, [...at]]] : [];
    }),
  );

export function decisionsOf(layout: Layout, x: Float64Array): Decisions {
  const width = layout.controls.length;
  return {
    horizon: layout.problem.horizon,
    values: new Map(
      layout.controls.map((control, at) => [
        nameOf(layout, control),
        Float64Array.from(layout.hours, (_, step) => x[step * width + at]!),
      ]),
    ),
  };
}

/**
 * Earlier decisions on the steps and within the bounds of another problem: each step takes what was decided for its middle, and the last
 * decision beyond the earlier horizon; undecided controls stay as when nothing is done. Levels of storages need not fit.
 */
export function onSteps(layout: Layout, { horizon, values }: Decisions): Float64Array {
  const { problem, controls, steps, start, lower, upper } = layout;
  const ends: number[] = [];
  for (const seconds of horizon.stepsS) ends.push((ends.at(-1) ?? horizon.start) + seconds * 1000);
  const x = start.slice();
  let time = problem.horizon.start;
  let from = 0;
  for (let step = 0; step < steps; step++) {
    const lengthMs = problem.horizon.stepsS[step]! * 1000;
    while (from < ends.length - 1 && ends[from]! <= time + lengthMs / 2) from++;
    for (const [index, control] of controls.entries()) {
      const value = values.get(nameOf(layout, control))?.[from];
      const at = step * controls.length + index;
      if (value !== undefined) x[at] = Math.min(upper[at]!, Math.max(lower[at]!, value));
    }
    time += lengthMs;
  }
  return x;
}
