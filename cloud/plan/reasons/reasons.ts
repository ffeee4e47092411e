import { floorReason, sessionReason, withoutCharging, type StepReason } from './session-reasons.ts';
import type { Cause } from '../envelopes/envelope-bounds.ts';
import type { BusPrice } from '../../../shared/contracts/plan.ts';
import { createWorkspace, solveRadial } from '../../../shared/grid/radial.ts';
import { sayPlan } from '../../../shared/sentences/plan-forms.ts';
import { cut, textOf, type Said } from '../../../shared/sentences/said.ts';
import type { SaidReason } from '../search/said-parts.ts';
import { overOf, type LimitRow } from '../search/constraints/constraint.ts';
import { constraintOf } from '../search/constraints/table.ts';
import type { OperatingPoint } from '../search/model.ts';
import { nameRow } from '../search/elements.ts';
import { injections } from '../search/injections.ts';
import { isLimit, isSessions } from '../search/network-rows.ts';
import { isActive } from '../problem/layout.ts';
import { moveReasons } from './move-reasons.ts';
import type { Optimised } from '../search/optimised.ts';
import { isStepped } from '../problem/problem.ts';
import type { BindingRow } from '../search/round.ts';
import { isBroken, limitPrice, priceParts } from '../search/price.ts';
import { timeOf } from '../problem/step-time.ts';
import { hundredth, sixDigits } from '../problem/commanded.ts';

const MAX_REASONS = 40;
/** A device that moves by less than this share of its range in a step needs no reason there. */
const MOVED_SHARE = 0.01;

/** Where the envelope of a device without a setpoint ends before the device could: kW of its limit as a magnitude, and the cause. */
export interface FreeEnd extends Cause {
  readonly kw: number;
}

/**
 * Why a device has its setpoint, or why it may not do more without one: one reason per run of steps with the same cause, at most the 40
 * dearest.
 */
export function reasonsOf(
  optimised: Optimised,
  device: number,
  freeEnd: (step: number) => FreeEnd | undefined = () => undefined,
): SaidReason[] {
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
      textOf(last.constraint) === textOf(reason.constraint) &&
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

/** A move that changes the priced burden on a limit by less than this does not affect it, EUR/h. */
const FELT = 1e-5;

/**
 * The limit or deadline that says most about the device's controls in this step, or the cost where none does. A limit that the device
 * relieves comes before one that only ends its move.
 */
function stepReason(optimised: Optimised, device: number, step: number, end: FreeEnd | undefined): StepReason {
  const { layout, binding } = optimised;
  let most = 1e-3;
  let found: BindingRow | undefined;
  let rank = -1;
  for (const one of binding) {
    const isOwn = isSessions(one.row)
      ? one.row.device === device && one.row.steps[step] === 1
      : one.row.step === step && isLimit(one.row);
    if (!isOwn) continue;
    const { weight, burden } = isSessions(one.row)
      ? { weight: Math.abs(one.dual), burden: -Infinity }
      : pushOf(optimised, device, one);
    // First what it relieves, then what ends its move, then what it does not affect.
    const own = burden < -FELT ? 2 : burden > FELT ? 1 : 0;
    if (weight <= 1e-3 || own < rank || (own === rank && weight <= most)) continue;
    [most, found, rank] = [weight, one, own];
  }
  const isBound = found !== undefined && isLimit(found.row);
  const floor = isBound ? undefined : floorReason(layout, optimised.best.x, { device, step });
  if (floor !== undefined) {
    return {
      constraint: floor,
      element: layout.problem.devices[device]!.id,
      shadowPrice: optimised.energyEurPerMwh?.[step] ?? 0,
      unit: 'EUR/MWh',
      row: undefined,
      step,
      isFloor: true,
    };
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
      constraint: sayPlan('least cost'),
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
    unit: `${isBroken(optimised, found.row) ? 'penalty' : 'EUR'}/(${named.unit} h)`,
    row: found.row,
    step,
  };
}

/** The highest price of a limit at the device's controls, and what its move adds to the limit; negative: relief. */
function pushOf(
  optimised: Optimised,
  device: number,
  one: BindingRow,
): { readonly weight: number; readonly burden: number } {
  const { controls, start } = optimised.layout;
  let [weight, burden] = [0, 0];
  for (const [index, control] of controls.entries()) {
    if (control.device !== device) continue;
    const price = limitPrice(optimised, one, control);
    const at = one.row.step * controls.length + index;
    weight = Math.max(weight, Math.abs(price));
    burden += price * (optimised.best.x[at]! - start[at]!);
  }
  return { weight, burden };
}

function worded(optimised: Optimised, device: number, run: readonly StepReason[]): SaidReason {
  const top = run.reduce((a, b) => (b.shadowPrice > a.shadowPrice ? b : a));
  const first = run[0]!;
  const price = busPrice(optimised, device, top.step);
  const item = optimised.layout.problem.devices[device]!;
  const connectedOn = item.kind === 'pv' && isCutFirst(optimised, device, run) ? item.connectedOn : undefined;
  const effect = effectOf(optimised, device, { row: top.row, steps: run.map(({ step }) => step) });
  return {
    fromStep: first.step,
    toStep: run.at(-1)!.step,
    constraint: top.constraint,
    element: top.element,
    shadowPrice: sixDigits(top.shadowPrice),
    shadowPriceUnit: top.unit,
    text: cut(saidOf(top, { price, run, influence: effect?.influence, connectedOn }), 400),
    ...(price === undefined ? {} : { price }),
    ...(effect?.without === undefined ? {} : { counterfactual: effect.without }),
  };
}

/** Whether a plan in order cuts a plant in one of these steps, and there are plants with older agreements. */
function isCutFirst({ layout, best, isInOrder }: Optimised, device: number, run: readonly StepReason[]): boolean {
  const { controls, upper, problem } = layout;
  const dateOf = (at: number): string | undefined => {
    const item = problem.devices[at]!;
    return item.kind === 'pv' ? item.connectedOn : undefined;
  };
  const own = dateOf(device);
  if (isInOrder !== true || own === undefined) return false;
  const index = controls.findLastIndex((one) => one.device === device && ['feed-in', 'limit'].includes(one.role));
  const isCut = run.some(
    ({ step }) => best.x[step * controls.length + index]! < upper[step * controls.length + index]! - 1e-6,
  );
  return isCut && problem.devices.some((_, at) => (dateOf(at) ?? own) < own);
}

/** The price of consumption at the device's bus, split into its parts; stepped devices have none. */
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
    ...(parts.penalty === 0 ? {} : { penaltyPerMwh: hundredth(parts.penalty) }),
  };
}

function saidOf(
  top: StepReason,
  {
    price,
    run,
    influence,
    connectedOn,
  }: {
    readonly price: BusPrice | undefined;
    readonly run: readonly StepReason[];
    readonly influence: Influence;
    readonly connectedOn: string | undefined;
  },
): Said {
  const beyond = run.flatMap(({ beyondKw }) => (beyondKw === undefined ? [] : [beyondKw]));
  if (top.row === undefined && beyond.length > 0) {
    const { element, constraint } = top;
    const power = Math.min(...beyond).toFixed(0);
    return beyond.length > 1
      ? sayPlan('{element}: {constraint} would bind beyond at least {power} kW.', { element, constraint, power })
      : sayPlan('{element}: {constraint} would bind beyond {power} kW.', { element, constraint, power });
  }
  const cause =
    top.row === undefined && top.isFloor !== true
      ? sayPlan('No limit binds here; this is the cheapest')
      : causeOf(top, influence, connectedOn);
  if (price === undefined) return sayPlan('{cause}.', { cause });
  const values = { cause, bus: price.bus, price: price.totalEurPerMwh.toFixed(2) };
  return price.penaltyPerMwh === undefined
    ? sayPlan('{cause}. Consumption at {bus} costs {price} EUR/MWh.', values)
    : sayPlan('{cause}. Consumption at {bus} costs {price} EUR/MWh, besides the penalty of a broken limit.', values);
}

function causeOf({ element, constraint }: StepReason, influence: Influence, connectedOn: string | undefined): Said {
  const limit = { element, constraint };
  switch (influence) {
    case 'relieves':
      if (connectedOn !== undefined)
        return sayPlan(
          '{element}: {constraint} binds, and this relieves it; the connection of {date} is cut before older ones',
          { ...limit, date: connectedOn },
        );
      return sayPlan('{element}: {constraint} binds, and this relieves it', limit);
    case 'ends':
      return sayPlan('This is the cheapest, and {element}: {constraint} ends it here', limit);
    case 'idle':
      return sayPlan('{element}: {constraint} binds and leaves no more here', limit);
    case undefined:
      return sayPlan('{element}: {constraint} binds', limit);
  }
}

/** What a device's move does to a limit: relieves it, is ended by it, or nothing; undefined: unknown. */
type Influence = 'relieves' | 'ends' | 'idle' | undefined;

interface Effect {
  readonly influence: Influence;
  readonly without?: Said | undefined;
}

function effectOf(
  optimised: Optimised,
  device: number,
  { row, steps }: { readonly row: StepReason['row']; readonly steps: readonly number[] },
): Effect | undefined {
  if (row === undefined) return undefined;
  return isSessions(row)
    ? { influence: undefined, without: withoutCharging(optimised.layout, optimised.best.x, { row, steps }) }
    : withoutMove(optimised, device, row);
}

/** What the limit's element would show if the device did nothing in that step. */
function withoutMove(optimised: Optimised, device: number, row: LimitRow): Effect | undefined {
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
  const constraint = constraintOf(row);
  const over = (point: Pick<OperatingPoint, 'x' | 'solved'>): number =>
    overOf(constraint.reading(layout, { x: point.x, solved: point.solved[row.scenario]![row.step]! }, row));
  const relief = over({ x, solved }) - over(best);
  const digits = named.unit === 'pu' ? 4 : 0;
  // A difference that the figures do not show is no effect.
  if (Math.abs(relief * constraint.unit.scale) < 0.5 * 10 ** -digits) return { influence: 'idle' };
  const value = named.value.toFixed(digits);
  const { element, unit } = named;
  const time = timeOf(layout, row.step);
  const without = sayPlan('without this: {element} at {value} {unit} at {time}', { element, value, unit, time });
  return { influence: relief > 0 ? 'relieves' : 'ends', without };
}
