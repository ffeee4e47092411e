import type { PowerRange } from '../../../shared/contracts/plan.ts';
import { sayPlan } from '../../../shared/sentences/plan-forms.ts';
import { textOf, type Part } from '../../../shared/sentences/said.ts';
import { timeOf } from '../problem/step-time.ts';
import { envelopeBreaches } from './envelopes.ts';
import { evaluate, newBench, type Evaluation } from '../search/evaluate.ts';
import { isWhole, type Layout } from '../problem/layout.ts';
import { stepModel, type NetworkModel, type StepModel } from '../search/model.ts';
import { isStepped } from '../problem/problem.ts';

interface Breach {
  readonly element: Part;
  readonly step: number;
  /** In the unit that is shown. */
  readonly by: number;
  readonly unit: string;
  /** Excess as a share of what the limit reaches, 0 to 1: comparable between limits of any unit. */
  readonly share: number;
}

/**
 * Tries the default envelopes of all devices as one set, [device] in the order of the problem: any combination, at the corners of the
 * forecast in the steps of most and least load and every fourth one, with taps as they are and inverters on their own curves. Returns the
 * limits that break, contracts of connection points included, in words, the largest share of a limit first. What is broken without any
 * device does not count.
 */
export function defaultsBreak(layout: Layout, defaults: readonly (PowerRange | undefined)[]): Part[] {
  const width = layout.controls.length;
  const none = layout.start.map((value, at) => (isWhole(layout.controls[at % width]!.role) ? value : 0));
  const at = evaluate(layout, none, newBench(layout));
  if (!at.converged) return [sayPlan('no power flow converges without any device')];
  const boxes = layout.problem.devices.map((device, index) =>
    isStepped(device) ? undefined : Array.from(layout.hours, () => defaults[index] ?? IDLE),
  );
  const worst = new Map<string, Breach>();
  const hard = hardSteps(layout);
  let withoutFlow: number | undefined;
  for (const { step, element, by, unit, whole } of envelopeBreaches(
    { layout, best: at, model: modelIn(layout, at, hard) },
    boxes,
    hard,
  )) {
    if (by === Infinity) {
      withoutFlow ??= step;
      continue;
    }
    const share = by / (whole + by);
    const name = textOf(element);
    if (share > (worst.get(name)?.share ?? 0))
      worst.set(name, { element, step, by: by * unit.scale, unit: unit.shown, share });
  }
  return [
    ...(withoutFlow === undefined
      ? []
      : [sayPlan('no power flow converges at {time}', { time: timeOf(layout, withoutFlow) })]),
    ...[...worst.values()]
      .sort((a, b) => b.share - a.share)
      .map(({ element, step, by, unit }) =>
        sayPlan('{element} by {value} {unit} at {time}', {
          element,
          value: Number(by.toPrecision(2)),
          unit,
          time: timeOf(layout, step),
        }),
      ),
  ];
}

/** Models of some steps; the others have none. */
function modelIn(layout: Layout, at: Evaluation, steps: readonly number[]): NetworkModel {
  const models = layout.scenarios.map((_, index) => {
    const each: StepModel[] = [];
    for (const step of steps) each[step] = stepModel(layout, at, { index, step });
    return each;
  });
  return { at, steps: models };
}

/** One step in `EACH` is tried, plus those with the most and the least load, where envelopes that stand all day meet their worst. */
const EACH = 4;

function hardSteps({ problem, steps }: Layout): number[] {
  const buses = problem.network.buses.length;
  const chosen = new Set(Array.from({ length: Math.ceil(steps / EACH) }, (_, at) => at * EACH));
  for (const [profile, sign] of [
    [problem.loads.lowSun ?? problem.loads.mid, 1],
    [problem.loads.highSun ?? problem.loads.mid, -1],
  ] as const) {
    let found = 0;
    let most = -Infinity;
    for (let step = 0; step < steps; step++) {
      let kw = 0;
      for (let bus = 0; bus < buses; bus++) kw += profile.activePowerKw[step * buses + bus]!;
      if (sign * kw <= most) continue;
      most = sign * kw;
      found = step;
    }
    chosen.add(found);
  }
  return [...chosen].sort((a, b) => a - b);
}

const IDLE: PowerRange = { minKw: 0, maxKw: 0 };
