import type { PowerRange } from '../../../shared/contracts/plan.ts';
import { createWorkspace, solveRadial } from '../../../shared/grid/radial.ts';
import type { Random } from '../../../shared/ports/random.ts';
import { injections } from '../search/injections.ts';
import { pointLoadMw } from '../problem/connection-point.ts';
import type { Envelopes } from '../envelopes/envelopes.ts';
import { isWhole, type Layout } from '../problem/layout.ts';
import type { Optimised } from '../search/optimised.ts';
import { isStepped } from '../problem/problem.ts';

/** How far limits are exceeded at any corner of the forecast, beyond their excess under the plan itself in the same step. */
export interface Passed {
  voltagePu: number;
  /** Apparent power, % of the rating. */
  flowPct: number;
  sourceKw: number;
  /** At the heads of feeders. */
  headKw: number;
  /** At the meters of connection points. */
  pointKw: number;
}

/**
 * Draws combinations within envelopes, half of them at the ends, and solves each. Those beyond a common range are brought back into it in a
 * random order, connection points first. Commanded reactive power stays as far as the circle allows.
 */
export function passedAtRandom(
  { layout, best }: Pick<Optimised, 'layout' | 'best'>,
  { devices, points, gateway }: Envelopes,
  { random, count }: { readonly random: Random; readonly count: number },
): Passed {
  const { grid, problem, scenarios, steps } = layout;
  const workspace = createWorkspace(grid);
  const worst: Passed = { voltagePu: 0, flowPct: 0, sourceKw: 0, headKw: 0, pointKw: 0 };
  const underPlan = Array.from({ length: steps }, (_, step) => {
    const each = best.solved.map((solved) => measured(layout, { step, solution: solved[step]!.workspace.solution }));
    const most = (which: keyof (typeof each)[number]): number => Math.max(...each.map((one) => one[which]));
    return {
      voltagePu: most('voltagePu'),
      flowPct: most('flowPct'),
      sourceKw: most('sourceKw'),
      headKw: most('headKw'),
    };
  });
  const none = best.x.map((value, at) => (isWhole(layout.controls[at % layout.controls.length]!.role) ? value : 0));
  const injecting = problem.devices.flatMap((device, at) => (isStepped(device) ? [] : [{ device, at }]));
  for (let trial = 0; trial < count; trial++) {
    const step = trial % steps;
    const scenario = Math.floor(trial / steps) % scenarios.length;
    const under = underPlan[step]!;
    const idle = injections(layout, none, scenarios[scenario]!, step);
    const boxes = injecting.map(({ at }) => devices[at]![step]!);
    const kw = boxes.map(({ minKw, maxKw }) => {
      const part = trial % 2 === 0 ? Math.round(random.next()) : random.next();
      return minKw + part * (maxKw - minKw);
    });
    const inPoint = layout.points.map(({ devices: members }) =>
      members.map((member) => injecting.findIndex(({ at }) => at === member)),
    );
    for (const [point, members] of inPoint.entries()) {
      const range = points[point]!.devices[step]!;
      bring(kw, { boxes, range, random, members });
      const net =
        members.reduce((whole, at) => whole + kw[at]!, 0) +
        1000 * pointLoadMw(layout, { scenario: scenarios[scenario]!, step, point });
      const { importKw, exportKw } = problem.connectionPoints![point]!;
      const meter = points[point]!.meter[step]!;
      worst.pointKw = Math.max(
        worst.pointKw,
        net - importKw[step]!,
        -net - exportKw[step]!,
        net - meter.maxKw,
        meter.minKw - net,
      );
    }
    const members = kw.map((_, at) => at);
    bring(kw, {
      boxes,
      range: gateway[step]!,
      random,
      members,
      within: inPoint.map((at, point) => ({ members: at, range: points[point]!.devices[step]! })),
    });
    for (const [index, { device, at }] of injecting.entries()) {
      const bus = grid.busIndex.get(device.bus)!;
      idle.activePowerKw[bus]! += kw[index]!;
      idle.reactivePowerKvar[bus]! += kvarOf(layout, best.x, { at, step, kw: kw[index]! });
    }
    const solution = solveRadial(grid, idle, workspace);
    if (!solution.converged) return { ...worst, voltagePu: Infinity };
    const here = measured(layout, { step, solution });
    worst.voltagePu = Math.max(worst.voltagePu, here.voltagePu - under.voltagePu);
    worst.flowPct = Math.max(worst.flowPct, here.flowPct - under.flowPct);
    worst.sourceKw = Math.max(worst.sourceKw, here.sourceKw - under.sourceKw);
    worst.headKw = Math.max(worst.headKw, here.headKw - under.headKw);
  }
  return worst;
}

interface Bring {
  readonly boxes: readonly PowerRange[];
  readonly range: PowerRange;
  readonly random: Random;
  readonly members: readonly number[];
  /** Sums that must stay within their own ranges. */
  readonly within?: readonly { readonly members: readonly number[]; readonly range: PowerRange }[];
}

/** Moves members one by one, in a random order, until their sum is in the range. */
function bring(kw: number[], { boxes, range, random, members, within = [] }: Bring): void {
  const order = members.map((at) => ({ at, key: random.next() })).sort((a, b) => a.key - b.key);
  const total = (list: readonly number[]): number => list.reduce((whole, at) => whole + kw[at]!, 0);
  for (const { at } of order) {
    const group = within.find((one) => one.members.includes(at));
    const there = group === undefined ? 0 : total(group.members);
    const down = Math.min(kw[at]! - boxes[at]!.minKw, group === undefined ? Infinity : there - group.range.minKw);
    const up = Math.min(boxes[at]!.maxKw - kw[at]!, group === undefined ? Infinity : group.range.maxKw - there);
    const whole = total(members);
    if (whole > range.maxKw) kw[at]! -= Math.max(0, Math.min(down, whole - range.maxKw));
    else if (whole < range.minKw) kw[at]! += Math.max(0, Math.min(up, range.minKw - whole));
  }
}

function kvarOf(
  layout: Layout,
  x: Float64Array,
  { at, step, kw }: { readonly at: number; readonly step: number; readonly kw: number },
): number {
  const device = layout.problem.devices[at]!;
  const reactive = layout.controls.findIndex((control) => control.device === at && control.role === 'reactive');
  if (reactive < 0) return 0;
  const kvar = x[step * layout.controls.length + reactive]! * 1000;
  const circle = 'apparentPowerKva' in device ? (device.apparentPowerKva ?? Infinity) : Infinity;
  const left = Math.sqrt(Math.max(0, circle ** 2 - kw ** 2));
  return Math.max(-left, Math.min(left, kvar));
}

interface Measured {
  readonly step: number;
  readonly solution: {
    readonly vmPu: Float64Array;
    readonly fromKw: Float64Array;
    readonly fromKvar: Float64Array;
    readonly toKw: Float64Array;
    readonly toKvar: Float64Array;
  };
}

function measured({ problem }: Layout, { step, solution }: Measured): Omit<Passed, 'pointKw'> {
  const { network, limits } = problem;
  const passed: Omit<Passed, 'pointKw'> = { voltagePu: 0, flowPct: 0, sourceKw: 0, headKw: 0 };
  for (const [index, bus] of network.buses.entries()) {
    if (network.sources.some((source) => source.bus === bus.id)) continue;
    const vm = solution.vmPu[index]!;
    passed.voltagePu = Math.max(
      passed.voltagePu,
      vm - (bus.vMaxPu ?? Infinity) + limits.voltageMarginPu,
      (bus.vMinPu ?? 0) + limits.voltageMarginPu - vm,
    );
  }
  let imported = 0;
  for (const [index, branch] of [...network.lines, ...network.transformers].entries()) {
    const upper = network.sources.some(({ bus }) => bus === branch.from);
    const kw = upper ? solution.fromKw[index]! : solution.toKw[index]!;
    const kvar = upper ? solution.fromKvar[index]! : solution.toKvar[index]!;
    if (network.sources.some(({ bus }) => bus === branch.from || bus === branch.to)) imported += kw;
    if (branch.ratedKva !== undefined)
      passed.flowPct = Math.max(passed.flowPct, (100 * Math.hypot(kw, kvar)) / branch.ratedKva - 100);
  }
  passed.sourceKw = Math.max(0, imported - limits.importKw[step]!, -imported - limits.exportKw[step]!);
  for (const { feeder, importKw, exportKw } of limits.heads ?? []) {
    const { headBranch } = network.feeders.find(({ id }) => id === feeder)!;
    const kw = solution.fromKw[network.lines.findIndex(({ id }) => id === headBranch)]!;
    passed.headKw = Math.max(passed.headKw, kw - importKw, -kw - exportKw);
  }
  return passed;
}
