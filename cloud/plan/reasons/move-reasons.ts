import { sayPlan } from '../../../shared/sentences/plan-forms.ts';
import { cut, type Said } from '../../../shared/sentences/said.ts';
import type { SaidReason } from '../search/said-parts.ts';
import { createWorkspace, type RadialWorkspace } from '../../../shared/grid/radial.ts';
import { stepWorth } from '../search/evaluate.ts';
import { standingPeaks } from '../problem/peak-charges.ts';
import { isWhole, type Layout } from '../problem/layout.ts';
import type { Optimised } from '../search/optimised.ts';
import type { SteppedDevice } from '../problem/problem.ts';
import { timeOf } from '../problem/step-time.ts';
import { worstInPercent, worstOf } from '../search/verify.ts';

const MAX_REASONS = 40;

/** Steps from one move to the next. */
interface Stay {
  readonly from: number;
  readonly to: number;
  readonly position: number;
  /** Position before the move. */
  readonly before: number;
}

/** Why a stepped device moves: what each move costs, against what staying would cost until the next one, all else as planned. */
export function moveReasons(optimised: Optimised, device: number): SaidReason[] {
  const { layout, best } = optimised;
  const index = layout.controls.findIndex((control) => control.device === device && isWhole(control.role));
  const { start } = layout.problem.devices[device] as SteppedDevice;
  const stays: Stay[] = [];
  let before = start;
  for (let step = 0; step < layout.steps; step++) {
    const position = best.x[step * layout.controls.length + index]!;
    const last = stays.at(-1);
    if (last !== undefined && last.position === position) stays[stays.length - 1] = { ...last, to: step };
    else if (position !== before || last !== undefined) stays.push({ from: step, to: step, position, before });
    before = position;
  }
  return stays.slice(0, MAX_REASONS).map((stay) => reasonOf(optimised, index, stay));
}

function reasonOf(optimised: Optimised, index: number, stay: Stay): SaidReason {
  const { layout, best, prices } = optimised;
  const device = layout.problem.devices[layout.controls[index]!.device] as SteppedDevice;
  const spare = layout.scenarios.map(() => createWorkspace(layout.grid));
  const peaks = standingPeaks(layout, best.importMw);
  const moves = Math.abs(stay.position - stay.before);
  let savedEur = 0;
  let healedEur = 0;
  let worst: Broken | undefined;
  for (let step = stay.from; step <= stay.to; step++) {
    const at = (position: number): ReturnType<typeof stepWorth> => {
      const x = best.x.slice();
      x[step * layout.controls.length + index] = position;
      return stepWorth(layout, x, step, { prices, spare, peaks });
    };
    const planned = at(stay.position);
    const stayed = at(stay.before);
    // Without a power flow there is nothing to compare.
    if (!Number.isFinite(stayed.costEur) || !Number.isFinite(planned.costEur)) continue;
    savedEur += stayed.costEur - planned.costEur;
    healedEur += stayed.violationEur - planned.violationEur;
    const broken = brokenIn(optimised, spare, step);
    if (broken !== undefined && broken.by > (worst?.by ?? 0)) worst = broken;
  }
  const healed = healedEur > 0.005;
  return {
    fromStep: stay.from,
    toStep: stay.to,
    constraint: healed ? sayPlan('limits, and the room kept at them') : sayPlan('least cost'),
    element: (healed ? worst?.element : undefined) ?? device.bus,
    shadowPrice: Number(((healed ? healedEur : savedEur) / moves).toPrecision(6)),
    shadowPriceUnit: healed ? 'penalty/move' : 'EUR/move',
    text: cut(saidOf(layout, stay, { costEur: moves * device.moveEur, savedEur, healed }), 400),
    ...(worst === undefined ? {} : { counterfactual: worst.text }),
  };
}

/** What a move costs, and what it gains until the next one. */
function saidOf(
  layout: Layout,
  { before, position, to }: Stay,
  { costEur, savedEur, healed }: { readonly costEur: number; readonly savedEur: number; readonly healed: boolean },
): Said {
  const count = Math.abs(position - before);
  const price = costEur.toFixed(2);
  const money = { price: Math.abs(savedEur).toFixed(2) };
  const difference =
    savedEur >= 0
      ? sayPlan('{price} EUR less of losses, energy and peak', money)
      : sayPlan('{price} EUR more of losses, energy and peak', money);
  const values = {
    moves:
      count === 1
        ? sayPlan('1 move for {price} EUR', { price })
        : sayPlan('{count} moves for {price} EUR', { count, price }),
    from: before,
    to: position,
    saved: healed
      ? sayPlan('{saved}, and less beyond limits and the room kept there', { saved: difference })
      : difference,
  };
  return to + 1 < layout.steps
    ? sayPlan('{moves}, from position {from} to {to}: until {time} {saved}.', {
        ...values,
        time: timeOf(layout, to + 1),
      })
    : sayPlan('{moves}, from position {from} to {to}: to the end of the horizon {saved}.', values);
}

interface Broken {
  readonly element: string;
  /** Percent of nominal voltage, or of a rating. */
  readonly by: number;
  readonly text: Said;
}

/** The worst violation of the power flows in the workspaces; undefined if there is none. */
function brokenIn(
  { layout, best: { x } }: Optimised,
  spare: readonly RadialWorkspace[],
  step: number,
): Broken | undefined {
  const states = spare.map((workspace, scenario) => ({ x, solved: { grid: layout.grid, workspace }, scenario, step }));
  const worst = worstInPercent(worstOf(layout, states));
  if (worst === undefined || worst.over <= 0.01) return undefined;
  const { constraint, row, reading, over } = worst;
  const element = constraint.element(layout, row);
  return {
    element,
    by: over,
    text: sayPlan('without this: {element} {passed} at {time}', {
      element,
      passed: constraint.passed(reading),
      time: timeOf(layout, step),
    }),
  };
}
