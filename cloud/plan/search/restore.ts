import { createWorkspace } from '../../../shared/grid/radial.ts';
import { isWhole, type Layout } from '../problem/layout.ts';
import { stepWorth, type Evaluation, type ViolationPrices } from './evaluate.ts';

/** Most groups of plants that move together in a step, and bisections of the way of one group. */
const GROUPS = 32;
const HALVINGS = 4;
/** Shares of the way for devices with a level of charge, the same in all steps. */
const FRACTIONS = [1, 0.75, 0.5, 0.25] as const;
const TURNS = 2;

/** Decisions with the sun curtailed as far as the plan may, and nothing else done. They keep all limits if feed-in is the trouble. */
export const curtailed = ({ start, controls, lower }: Layout): Float64Array =>
  start.map((value, at) => {
    const { role } = controls[at % controls.length]!;
    return role === 'feed-in' || role === 'limit' ? lower[at]! : value;
  });

/**
 * Goes from decisions that keep all limits towards others that do not, as far as all limits stay kept by the AC power flow. What devices
 * can do is convex, so each of them may go a part of its way: plants in each step by themselves, devices that store or owe energy alike in
 * all steps. Stepped devices stay.
 */
export function towards(
  layout: Layout,
  feasible: Evaluation,
  target: Float64Array,
  prices: ViolationPrices,
): Float64Array {
  const { controls, steps, problem, grid, nodes } = layout;
  const from = feasible.x;
  const x = from.slice();
  const spare = layout.scenarios.map(() => createWorkspace(grid));
  const holds = (step: number): boolean => stepWorth(layout, x, step, { prices, spare }).violationEur === 0;
  const go = (indices: readonly number[], step: number, fraction: number): void => {
    for (const index of indices) {
      const at = step * controls.length + index;
      x[at] = from[at]! + fraction * (target[at]! - from[at]!);
    }
  };
  const coupled: number[] = [];
  const plants = new Map<number, number[]>();
  for (const [index, { device, role }] of controls.entries())
    if (problem.devices[device]!.kind === 'pv') plants.set(device, [...(plants.get(device) ?? []), index]);
    else if (!isWhole(role)) coupled.push(index);
  // Puts neighbours in the tree side by side.
  const nodeOf = (own: readonly number[]): number => nodes[controls[own[0]!]!.input % nodes.length]!;
  const all = [...plants.values()].sort((a, b) => nodeOf(a) - nodeOf(b));
  const least = Math.ceil(all.length / GROUPS);
  const advance = (group: readonly number[][], step: number): void => {
    const own = group.flat();
    go(own, step, 1);
    if (holds(step)) return;
    if (group.length > least) {
      go(own, step, 0);
      advance(group.slice(0, group.length >> 1), step);
      advance(group.slice(group.length >> 1), step);
      return;
    }
    let [low, high] = [0, 1];
    for (let turn = 0; turn < HALVINGS; turn++) {
      const fraction = (low + high) / 2;
      go(own, step, fraction);
      if (holds(step)) low = fraction;
      else high = fraction;
    }
    go(own, step, low);
  };
  const everyStep = Array.from({ length: steps }, (_, step) => step);
  for (let turn = 0; turn < TURNS; turn++) {
    const before = x.slice();
    const far = FRACTIONS.find((fraction) => {
      for (const step of everyStep) go(coupled, step, fraction);
      return everyStep.every(holds);
    });
    if (far === undefined) x.set(before);
    if (all.length > 0) for (const step of everyStep) advance(all, step);
    if (far === 1) break;
  }
  return x;
}
