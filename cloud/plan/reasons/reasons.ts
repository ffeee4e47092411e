import { sessionReason, withoutCharging, type StepReason } from './session-reasons.ts';
import type { Cause } from '../envelopes/envelope-bounds.ts';
import { fitText } from '../../../shared/contracts/fit-text.ts';
import type { BusPrice, Reason } from '../../../shared/contracts/plan.ts';
import { createWorkspace, solveRadial } from '../../../shared/grid/radial.ts';
import type { LimitRow } from '../search/constraints/constraint.ts';
import { nameRow } from '../search/elements.ts';
import { injections } from '../search/injections.ts';
import { isLimit, isSessions } from '../search/network-rows.ts';
import { isActive } from '../problem/layout.ts';
import { moveReasons } from './move-reasons.ts';
import type { Optimised } from '../search/optimise.ts';
import { isStepped } from '../problem/problem.ts';
import type { BindingRow } from '../search/round.ts';
import { limitPrice, priceParts } from './price.ts';
import { timeOf } from '../problem/step-time.ts';
import { hundredth, sixDigits } from '../problem/told.ts';

const MAX_REASONS = 40;
/** A step in which a device does less than this share of its range needs no reason. */
const MOVED_SHARE = 0.01;

/** Where the envelope of a device that is told nothing ends before the device could: kW of its limit as a magnitude, and why. */
export interface FreeEnd extends Cause {
  readonly kw: number;
}

/**
 * Why a device is told what it is told, and why it may not do more where it is told nothing: one reason for each run of steps with the
 * same cause, at most 40, the dearest kept.
 */
export function reasonsOf(
  optimised: Optimised,
  device: number,
  freeEnd: (step: number) => FreeEnd | undefined = () => undefined,
): Reason[] {
  const { layout } = optimised;
  if (isStepped(layout.problem.devices[device]!)) return moveReasons(optimised, device);
  const runs: StepReason[][] = [];
  for (let step = 0; step < layout.steps; step++) {
    const end = freeEnd(step);
    if (end === undefined && !moved(optimised, device, step)) continue;
    const reason = stepReason(optimised, device, step, end);
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (
      last !== undefined &&
      last.step === step - 1 &&
      last.constraint === reason.constraint &&
      last.element === reason.element
    )
      run!.push(reason);
    else runs.push([reason]);
  }
  return runs
    .map((run) => worded(optimised, device, run))
    .sort((a, b) => b.shadowPrice - a.shadowPrice)
    .slice(0, MAX_REASONS)
    .sort((a, b) => a.fromStep - b.fromStep);
}

function moved({ layout, best }: Optimised, device: number, step: number): boolean {
  const width = layout.controls.length;
  return layout.controls.some((control, index) => {
    if (control.device !== device) return false;
    const at = step * width + index;
    const range = layout.upper[at]! - layout.lower[at]!;
    return Math.abs(best.x[at]! - layout.start[at]!) > MOVED_SHARE * Math.max(range, 1e-9) + 1e-9;
  });
}

/** The limit or deadline that says most about the device's controls in this step, or the cost where none does. */
function stepReason(optimised: Optimised, device: number, step: number, end: FreeEnd | undefined): StepReason {
  const { layout, binding } = optimised;
  let most = 1e-3;
  let found: BindingRow | undefined;
  for (const one of binding) {
    if (isSessions(one.row)) {
      const weight = Math.abs(one.dual);
      if (one.row.device !== device || one.row.steps[step] !== 1 || weight <= most) continue;
      most = weight;
      found = one;
      continue;
    }
    if (one.row.step !== step || !isLimit(one.row)) continue;
    for (const control of layout.controls) {
      if (control.device !== device) continue;
      const weight = Math.abs(limitPrice(optimised, one, control));
      if (weight <= most) continue;
      most = weight;
      found = one;
    }
  }
  if (found !== undefined && isSessions(found.row)) return sessionReason(layout, found.row, { step, dual: found.dual });
  if ((found === undefined || !isLimit(found.row)) && end !== undefined) {
    return {
      constraint: end.constraint,
      element: end.element,
      shadowPrice: 0,
      unit: 'EUR/MWh',
      row: undefined,
      step,
      beyondKw: end.kw,
    };
  }
  if (found === undefined || !isLimit(found.row)) {
    const price = optimised.energyEurPerMwh?.[step] ?? 0;
    return {
      constraint: 'least cost',
      element: 'transformer',
      shadowPrice: price,
      unit: 'EUR/MWh',
      row: undefined,
      step,
    };
  }
  const named = nameRow(layout, optimised.best, found.row);
  return {
    constraint: named.constraint,
    element: named.element,
    shadowPrice: Math.abs(found.dual) * named.perUnit,
    unit: named.unit === 'pu' ? 'EUR/(pu h)' : `EUR/(${named.unit} h)`,
    row: found.row,
    step,
  };
}

function worded(optimised: Optimised, device: number, run: readonly StepReason[]): Reason {
  const top = run.reduce((a, b) => (b.shadowPrice > a.shadowPrice ? b : a));
  const first = run[0]!;
  const price = busPrice(optimised, device, top.step);
  const counterfactual = counterfactualOf(optimised, device, { row: top.row, steps: run.map(({ step }) => step) });
  return {
    fromStep: first.step,
    toStep: run.at(-1)!.step,
    constraint: top.constraint.slice(0, 120),
    element: top.element,
    shadowPrice: sixDigits(top.shadowPrice),
    shadowPriceUnit: top.unit,
    text: fitText(textOf(top, price, run), 400),
    ...(price === undefined ? {} : { price }),
    ...(counterfactual === undefined ? {} : { counterfactual }),
  };
}

/** The price of consumption at the device's bus, taken apart; what is stepped has none. */
function busPrice(optimised: Optimised, device: number, step: number): BusPrice | undefined {
  const { layout } = optimised;
  const item = layout.problem.devices[device]!;
  if (isStepped(item)) return undefined;
  const { input } = layout.controls.find((one) => one.device === device && isActive(one.role))!;
  const parts = priceParts(optimised, step, input);
  const [energy, losses] = [hundredth(parts.energy), hundredth(parts.losses)];
  const [congestion, voltage] = [hundredth(parts.congestion), hundredth(parts.voltage)];
  return {
    bus: item.bus,
    step,
    totalEurPerMwh: hundredth(energy + losses + congestion + voltage),
    energyEurPerMwh: energy,
    lossesEurPerMwh: losses,
    congestionEurPerMwh: congestion,
    voltageEurPerMwh: voltage,
  };
}

function textOf(top: StepReason, price: BusPrice | undefined, run: readonly StepReason[]): string {
  const beyond = run.flatMap(({ beyondKw }) => (beyondKw === undefined ? [] : [beyondKw]));
  if (top.row === undefined && beyond.length > 0)
    return `${top.element}: ${top.constraint} would bind beyond ${beyond.length > 1 ? 'at the least ' : ''}${Math.min(...beyond).toFixed(0)} kW.`;
  const cause =
    top.row === undefined ? 'No limit binds here; this is the cheapest' : `${top.element}: ${top.constraint} binds`;
  if (price === undefined) return `${cause}.`;
  return `${cause}. Consumption at ${price.bus} costs ${price.totalEurPerMwh.toFixed(2)} EUR/MWh.`;
}

function counterfactualOf(
  optimised: Optimised,
  device: number,
  { row, steps }: { readonly row: StepReason['row']; readonly steps: readonly number[] },
): string | undefined {
  if (row === undefined) return undefined;
  return isSessions(row)
    ? withoutCharging(optimised.layout, optimised.best.x, { row, steps })
    : without(optimised, device, row);
}

/** What the limit's element would show if the device did nothing in that step. */
function without(optimised: Optimised, device: number, row: LimitRow): string | undefined {
  const { layout, best } = optimised;
  const width = layout.controls.length;
  const x = best.x.slice();
  for (const [index, control] of layout.controls.entries())
    if (control.device === device) x[row.step * width + index] = layout.start[row.step * width + index]!;
  const input = injections(layout, x, layout.scenarios[row.scenario]!, row.step);
  const workspace = createWorkspace(layout.grid);
  if (!solveRadial(layout.grid, input, workspace).converged) return undefined;
  const solved = best.solved.map((steps, scenario) =>
    scenario === row.scenario
      ? steps.map((one, step) => (step === row.step ? { grid: layout.grid, workspace } : one))
      : steps,
  );
  const named = nameRow(layout, { x, solved }, row);
  const value = named.unit === 'pu' ? named.value.toFixed(4) : named.value.toFixed(0);
  return `without this: ${named.element} at ${value} ${named.unit} at ${timeOf(layout, row.step)}`;
}
