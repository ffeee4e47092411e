import { createWorkspace } from '../../../shared/grid/radial.ts';
import { stepWorth, type Evaluation, type ViolationPrices } from './evaluate.ts';
import { standingPeaks } from '../problem/peak-charges.ts';
import { isWhole, type Layout } from '../problem/layout.ts';
import type { MoveBudget, SteppedDevice } from '../problem/problem.ts';

/** Positions to try beyond those of the relaxed solution. */
const BEYOND = 1;
/** Turns over all stepped devices: each is chosen with the others' choices given. */
const TURNS = 2;
/** Least price of a move, EUR: even a free one needs a cause. */
const LEAST_MOVE_EUR = 1e-6;

/**
 * The decisions with the best whole positions, one stepped device after the other and everything else as decided. Moves and their budgets
 * aside, the worth of a position in a step depends on that step alone. So for one device, dynamic programming over (position, moves made)
 * with an AC power flow for each position, step and corner of the forecast finds the best course. The same decisions always give the same
 * result.
 */
export function wholePositions(layout: Layout, at: Evaluation, prices: ViolationPrices): Float64Array {
  const x = at.x.slice();
  const whole = layout.controls.flatMap(({ role }, index) => (isWhole(role) ? [index] : []));
  const spare = layout.scenarios.map(() => createWorkspace(layout.grid));
  const peaks = standingPeaks(layout, at.importMw);
  const asked: Asked = new Map();
  for (let turn = 0; turn < TURNS; turn++) {
    let moved = false;
    for (const index of whole) {
      const device = layout.problem.devices[layout.controls[index]!.device] as SteppedDevice;
      const [from, to] = rangeOf(layout, x, index, device);
      const worth = Array.from({ length: layout.steps }, (_, step) => {
        const key = keyOf(layout, x, step, { index, whole, from, to });
        const known = asked.get(key);
        if (known !== undefined) return known;
        const at = step * layout.controls.length + index;
        const stands = x[at]!;
        const each = Float64Array.from({ length: to - from + 1 }, (__, one) => {
          x[at] = from + one;
          const { costEur, violationEur } = stepWorth(layout, x, step, { prices, spare, peaks });
          return costEur + violationEur;
        });
        x[at] = stands;
        asked.set(key, each);
        return each;
      });
      for (const [step, position] of bestCourse(worth, from, device).entries()) {
        const here = step * layout.controls.length + index;
        if (x[here] !== position) moved = true;
        x[here] = position;
      }
    }
    if (!moved || whole.length === 1) break;
  }
  return x;
}

/** Worth of one device's positions in a step, EUR, by the positions of the others there: nothing else changes from turn to turn. */
type Asked = Map<string, Float64Array>;

interface Asking {
  readonly index: number;
  readonly whole: readonly number[];
  readonly from: number;
  readonly to: number;
}

const keyOf = ({ controls }: Layout, x: Float64Array, step: number, { index, whole, from, to }: Asking): string =>
  `${step} ${index} ${from} ${to} ${whole.map((one) => (one === index ? '' : x[step * controls.length + one])).join(' ')}`;

/** Whether two vectors of decisions have the same positions. */
export function samePositions(layout: Layout, a: Float64Array, b: Float64Array): boolean {
  const width = layout.controls.length;
  return a.every((value, at) => !isWhole(layout.controls[at % width]!.role) || value === b[at]);
}

/** First and last position to try: the span of the decisions and the present position, and a little beyond. */
function rangeOf(layout: Layout, x: Float64Array, index: number, { levels, start }: SteppedDevice): [number, number] {
  let least = start;
  let most = start;
  for (let step = 0; step < layout.steps; step++) {
    const position = x[step * layout.controls.length + index]!;
    least = Math.min(least, Math.floor(position) - BEYOND);
    most = Math.max(most, Math.ceil(position) + BEYOND);
  }
  return [Math.max(0, least), Math.min(levels.length - 1, most)];
}

/**
 * The cheapest course of positions, one per step, within the budgets. `worth`: of each step at each position from `from` on, EUR. Exported
 * for its test.
 */
export function bestCourse(worth: readonly Float64Array[], from: number, device: SteppedDevice): number[] {
  const count = worth[0]!.length;
  const most = Math.max(0, ...device.budgets.map(({ moves }) => moves));
  const width = most + 1;
  const price = Math.max(device.moveEur, LEAST_MOVE_EUR);
  let value = new Float64Array(count * width).fill(Infinity);
  value[(device.start - from) * width] = 0;
  const cameFrom: Int32Array[] = [];
  for (const [step, here] of worth.entries()) {
    const budget = device.budgets.find(({ fromStep, toStep }) => fromStep <= step && step <= toStep);
    const next = new Float64Array(count * width).fill(Infinity);
    const back = new Int32Array(count * width).fill(-1);
    for (let state = 0; state < value.length; state++) {
      if (value[state] === Infinity) continue;
      const before = Math.floor(state / width);
      const made = budget === undefined || budget.fromStep === step ? 0 : state % width;
      for (let position = 0; position < count; position++) {
        const moves = Math.abs(position - before);
        const used = usedBy(budget, made, moves);
        if (used === undefined) continue;
        const sum = value[state]! + moves * price + here[position]!;
        const at = position * width + used;
        if (sum >= next[at]!) continue;
        next[at] = sum;
        back[at] = state;
      }
    }
    value = next;
    cameFrom.push(back);
  }
  let state = value.indexOf(value.reduce((a, b) => Math.min(a, b)));
  // No course has a power flow in every step: the device stays.
  if (value[state] === Infinity) return worth.map(() => device.start);
  const course: number[] = [];
  for (let step = worth.length - 1; step >= 0; step--) {
    course.push(from + Math.floor(state / width));
    state = cameFrom[step]![state]!;
  }
  return course.reverse();
}

/** Moves of the budget that are used after this step; undefined if it does not have that many. */
function usedBy(budget: MoveBudget | undefined, made: number, moves: number): number | undefined {
  if (budget === undefined) return 0;
  return made + moves > budget.moves ? undefined : made + moves;
}
