import type {
  BindingConstraint,
  Conflict,
  ConnectionPointPlan,
  Cost,
  DevicePlan,
  PlanBody,
  PowerRange,
  Reason,
} from '../../shared/contracts/plan.ts';
import { flowOf } from './problem/ac.ts';
import { defaultsBreak } from './envelopes/default-envelopes.ts';
import { reserveShortfall } from './search/reserve-shortfall.ts';
import { levelsOf, valuesOf, type DeviceValues } from './problem/device-cost.ts';
import { pausedSessions } from './search/charging-steps.ts';
import { headsOf, nameRow } from './search/elements.ts';
import { isLimit } from './search/network-rows.ts';
import { envelopes, type EndCauses, type Envelopes } from './envelopes/envelopes.ts';
import { violationEur, type Evaluation } from './search/evaluate.ts';
import { listed, sayPlan } from '../../shared/sentences/plan-forms.ts';
import { cut, Sentences, textOf, type Part } from '../../shared/sentences/said.ts';
import { fitText } from '../../shared/contracts/fit-text.ts';
import type { Infeasibility, SaidConflict, SaidReason, SaidShortfall } from './search/said-parts.ts';
import { withoutPowerFlow } from './reasons/conflict-words.ts';
import { isBroken } from './search/price.ts';
import type { Layout } from './problem/layout.ts';
import type { Optimised } from './search/optimised.ts';
import { slopeAt } from './problem/positions.ts';
import { isStepped, type DispatchDevice, type TapDevice } from './problem/problem.ts';
import { reasonsOf, type FreeEnd } from './reasons/reasons.ts';
import { sessionNames } from './reasons/session-reasons.ts';
import { servedBy } from './problem/sessions.ts';
import { sixDigits, tenth, commandedKw } from './problem/commanded.ts';
import { verify } from './search/verify.ts';
import { watchedLimits } from './search/watched.ts';

/** A plan without what only its dispatcher knows: id, trigger, solve time, forecast id. */
export type PlanContent = Omit<PlanBody, 'id' | 'trigger' | 'solveMs' | 'forecastId'>;

export interface PlanOptions {
  readonly substation: string;
  readonly substitutions: readonly Part[];
  /** Added to both sides of a head's band, kW: how far a minute may differ from its step's mean. */
  readonly bandKw: number;
  /** Heads whose meter is known to be wrong; their bands are left out. */
  readonly unmetered?: readonly string[] | undefined;
  /** Consumption of devices that are neither planned nor part of the uncontrolled load, kW by feeder and step. */
  readonly fixedKw?: Readonly<Record<string, readonly number[]>> | undefined;
  /** What each device of the problem falls back to without a plan. */
  readonly defaults?: readonly (PowerRange | undefined)[] | undefined;
}

/** Stated in each plan, because a customer under a limit may ask. */
const ENVELOPE_RULE = sayPlan(
  'Room at a limit is shared in proportion to what each connection point could do beyond its plan; points that relieve the limit are not bound by it, and none is cut below plan or floor; behind one meter each device may use what the others leave; a limit that all points load binds all of them.',
);

const MAX_BINDING = 400;

/** The plan as it is sent to a gateway. */
export function planContent(
  optimised: Optimised,
  options: PlanOptions,
  { room, conflict }: Infeasibility = { room: reserveShortfall(optimised) },
): PlanContent {
  const { layout, best, nothing } = optimised;
  const { problem } = layout;
  const boxes = envelopes(optimised);
  const values = valuesOf(layout, best.x);
  const cost = costOf(optimised);
  const words = new Sentences();
  return {
    substation: options.substation,
    status: statusOf(optimised, cost, room),
    horizon: problem.horizon,
    devices: problem.devices.map((_, device) =>
      devicePlan(optimised, { device, values: values[device]!, boxes, words }),
    ),
    ...(layout.points.length === 0 ? {} : { connectionPoints: pointPlans(layout, boxes) }),
    envelope: [...boxes.gateway],
    expected: headsOf(layout).map(({ element, node, end }) => ({
      element,
      activePowerKw: best.solved[0]!.map((solved) => tenth(flowOf(solved, node, end).mw * 1000)),
      devicesKw: devicesKw(layout, values, { element, fixedKw: options.fixedKw }),
    })),
    watched: watchedLimits(optimised),
    assumptions: {
      topologyVersion: problem.network.topologyVersion,
      devices: problem.devices.map(({ id }) => id),
      heads: headBands(optimised, options.bandKw).filter(
        ({ element }) => options.unmetered?.includes(element) !== true,
      ),
      substitutions: [
        ...collapseText(optimised),
        ...orderText(optimised),
        ...pauseText(optimised),
        ...options.substitutions,
        ...unheldDefaults(layout, options.defaults),
      ]
        .slice(0, 50)
        .map((part) => words.add(within(part, 200))),
      envelopeRule: words.add(ENVELOPE_RULE),
    },
    binding: bindingConstraints(optimised),
    ...(conflict === undefined ? {} : { conflict: conflictOf(conflict, words) }),
    ...(room === undefined ? {} : { room: { ...room, text: words.add(room.text) } }),
    cost,
    verified: worstOf(layout, best),
    ...(nothing.converged ? { doNothing: worstOf(layout, nothing) } : {}),
    // Last, because only now the list is complete.
    sentences: words.list,
  };
}

function statusOf(
  { collapse }: Optimised,
  { violationEur }: Cost,
  room: SaidShortfall | undefined,
): PlanContent['status'] {
  if (room !== undefined) return 'holds-at-median';
  return violationEur === 0 && collapse === undefined ? 'optimal' : 'least-violation';
}

/** What the devices behind a head add to its uncontrolled load, kW per step; see `expected` of a plan. */
function devicesKw(
  { problem, steps }: Layout,
  values: readonly (readonly DeviceValues[])[],
  { element, fixedKw }: { readonly element: string; readonly fixedKw: PlanOptions['fixedKw'] },
): number[] {
  const isWhole = element === 'transformer';
  const behind = new Set(
    problem.network.buses.filter(({ feeder }) => isWhole || feeder === element).map(({ id }) => id),
  );
  const fixed = Object.entries(fixedKw ?? {}).flatMap(([feeder, kw]) => (isWhole || feeder === element ? [kw] : []));
  return Array.from({ length: steps }, (_, step) =>
    tenth(
      problem.devices.reduce(
        (sum, device, at) => {
          if (!behind.has(device.bus)) return sum;
          const { charge, discharge, power, feedIn } = values[at]![step]!;
          const curtailedKw = device.kind === 'pv' ? Math.max(0, device.availableKw[step]! - feedIn * 1000) : 0;
          return sum + (charge - discharge + power) * 1000 + curtailedKw;
        },
        fixed.reduce((sum, kw) => sum + kw[step]!, 0),
      ),
    ),
  );
}

const pointPlans = ({ points, problem }: Layout, envelopes: Envelopes): ConnectionPointPlan[] =>
  points.map(({ id, devices }, at) => ({
    id,
    devices: devices.map((device) => problem.devices[device]!.id),
    envelope: [...envelopes.points[at]!.devices],
    meter: [...envelopes.points[at]!.meter],
  }));

function unheldDefaults(layout: Layout, defaults: PlanOptions['defaults']): Part[] {
  const broken = defaults === undefined ? [] : defaultsBreak(layout, defaults);
  return broken.length === 0
    ? []
    : [sayPlan('the default envelopes would not hold: {names}', { names: listed(broken.slice(0, 3)) })];
}

/** The parts of the plan's cost, and what doing nothing costs on the same terms. */
function costOf({ layout, best, nothing, prices }: Optimised): Cost {
  const { importEurPerMwh, exportEurPerMwh, lossesEurPerMwh, emissions } = layout.problem.prices;
  let lostEur = 0;
  let lossesEur = 0;
  let emissionsKg = 0;
  for (const [step, mw] of best.lossMw.entries()) {
    const trade = best.importMw[step]! >= 0 ? importEurPerMwh[step]! : exportEurPerMwh[step]!;
    lostEur += trade * mw * layout.hours[step]!;
    emissionsKg += (emissions?.kgPerMwh[step] ?? 0) * (best.importMw[step]! - mw) * layout.hours[step]!;
    lossesEur += (trade + lossesEurPerMwh) * mw * layout.hours[step]!;
  }
  const emissionsEur = emissionsKg * (emissions?.eurPerKg ?? 0);
  const [passedEur, nothingPassedEur] = [best, nothing].map((each) => violationEur(layout, each, prices));
  return {
    totalEur: best.costEur,
    doNothingEur: nothing.converged ? nothing.costEur : Number.MAX_SAFE_INTEGER,
    energyEur: best.energyEur - lostEur - emissionsEur,
    ...(emissions === undefined ? {} : { emissionsEur }),
    lossesEur,
    peakEur: best.peakEur,
    interventionEur: best.deviceEur,
    penaltyEur: best.penaltyEur,
    violationEur: passedEur!,
    ...(nothing.converged ? { doNothingPenaltyEur: nothing.penaltyEur, doNothingViolationEur: nothingPassedEur! } : {}),
  };
}

/** The worst over the middle of the forecast and its corners. */
function worstOf(layout: Layout, evaluation: Evaluation): PlanContent['verified'] {
  const all = layout.scenarios.map((_, scenario) => verify(layout, evaluation, scenario));
  const voltage = all.reduce((a, b) => (b.maxVoltageViolationPu > a.maxVoltageViolationPu ? b : a));
  const loading = all.reduce((a, b) => (b.maxLoadingPct > a.maxLoadingPct ? b : a));
  return {
    maxVoltageViolationPu: voltage.maxVoltageViolationPu,
    maxLoadingPct: loading.maxLoadingPct,
    worstElement: (100 * voltage.maxVoltageViolationPu > loading.maxLoadingPct - 100 ? voltage : loading).worstElement,
  };
}

/** How much of the load the plan leaves out, if no power flow holds all of it. */
const collapseText = ({ layout, collapse }: Optimised): Part[] =>
  collapse === undefined
    ? []
    : [sayPlan('planned for less than the load: {collapse}', { collapse: withoutPowerFlow(layout, collapse) })];

/** By which order solar plants with dates are cut. */
function orderText({ layout: { problem }, isInOrder = false }: Optimised): Part[] {
  if (!problem.devices.some((device) => device.kind === 'pv' && device.connectedOn !== undefined)) return [];
  return isInOrder
    ? [sayPlan('solar plants are cut last in, first out: the newest connection agreement first')]
    : [sayPlan('limits leave no order of connection agreements: older solar plants may be cut before newer ones')];
}

/** Sessions that must not pause, but for which limits leave no room. */
const pauseText = (optimised: Optimised): Part[] =>
  optimised.layout.problem.devices.flatMap(({ id }, device) => {
    const paused = pausedSessions(optimised, device);
    if (paused.length === 0) return [];
    const values = { device: id, who: sessionNames(paused) };
    return [sayPlan('{device}: limits leave no room for charging of {who} without a pause', values)];
  });

const within = (part: Part, most: number): Part =>
  typeof part === 'object' ? cut(part, most) : fitText(textOf(part), most);

const conflictOf = ({ text, members, ...rest }: SaidConflict, words: Sentences): Conflict => ({
  ...rest,
  text: words.add(text),
  members: members.map((member) => ({ ...member, text: words.add(within(member.text, 200)) })),
});

const reasonOf = ({ constraint, text, counterfactual, ...rest }: SaidReason, words: Sentences): Reason => ({
  ...rest,
  constraint: words.add(within(constraint, 120)),
  text: words.add(text),
  ...(counterfactual === undefined ? {} : { counterfactual: words.add(within(counterfactual, 300)) }),
});

interface PlanFor {
  readonly device: number;
  readonly values: readonly DeviceValues[];
  readonly boxes: Envelopes;
  readonly words: Sentences;
}

function devicePlan(optimised: Optimised, { device, values, boxes, words }: PlanFor): DevicePlan {
  const { layout } = optimised;
  const item = layout.problem.devices[device]!;
  const box = boxes.devices[device];
  const corners = layout.scenarios.length > 1;
  const commanded = isStepped(item) ? [] : values.map((value, step) => commandedKw(item, value, { step, corners }));
  const reasons = reasonsOf(optimised, device, (step) =>
    commanded[step] === null ? freeEnd(item, boxes.causes[device]![step]!, box![step]!) : undefined,
  ).map((reason) => reasonOf(reason, words));
  const common = { device: item.id, ...(box === undefined ? {} : { envelope: [...box] }), reasons };
  const reactive =
    'maxReactiveKvar' in item && item.maxReactiveKvar > 0
      ? { reactivePowerKvar: values.map((value) => tenth(value.reactive * 1000)) }
      : {};
  switch (item.kind) {
    case 'pv':
      return { ...common, ...reactive, activePowerLimitKw: commanded };
    case 'storage':
      return {
        ...common,
        ...reactive,
        activePowerKw: commanded,
        socPct: levelsOf(layout, device, values).map((level) => tenth((100 * level) / item.capacityKwh)),
      };
    case 'ev':
      return { ...common, activePowerLimitKw: commanded, ...unserved(layout, device, optimised.best.x) };
    case 'flexible':
      return { ...common, activePowerKw: commanded };
    case 'tap':
      return { ...common, voltageTargetPu: voltageTargets(optimised, item, values) };
    case 'capacitor':
      return { ...common, capacitorStep: values.map(({ position }) => position) };
  }
}

/** Where a device without a setpoint could do more than its envelope allows. A storage always has a setpoint. */
function freeEnd(item: DispatchDevice, { low, high }: EndCauses, range: PowerRange): FreeEnd | undefined {
  switch (item.kind) {
    case 'pv':
      return low && { element: low.element, constraint: low.constraint, kw: 0 - range.minKw };
    case 'ev':
    case 'flexible':
      return high && { element: high.element, constraint: high.constraint, kw: range.maxKw };
    case 'storage':
    case 'tap':
    case 'capacitor':
      return undefined;
  }
}

/** Energy that sessions will lack when they leave, kWh. */
function unserved(layout: Layout, device: number, x: Float64Array): Pick<DevicePlan, 'unservedKwh'> {
  const kwh = tenth(servedBy(layout, device, x).missingKwh);
  return kwh > 0 ? { unservedKwh: kwh } : {};
}

/** The controller could miss a target that is closer to the edge of its band than this share of a move. */
const AIM_SHARE = 0.25;

/**
 * The voltage target that brings the controller to the planned positions and keeps it there: the voltage that its bus has under them, less
 * what line-drop compensation adds. A controller whose band is as wide as a move would not act on it, so the target then lies beyond, in
 * the move's direction.
 */
function voltageTargets(
  { layout, best }: Optimised,
  device: TapDevice,
  values: readonly DeviceValues[],
): (number | null)[] {
  const bus = layout.grid.busIndex.get(device.bus);
  let position = device.start;
  let beyond = 0;
  return best.solved[0]!.map(({ workspace }, step) => {
    const here = values[step]!.position;
    if (here !== position) {
      const move = Math.abs(slopeAt(device, Math.min(here, position)));
      beyond = Math.sign(here - position) * Math.max(0, device.bandPu - (1 - AIM_SHARE) * move);
      position = here;
    }
    if (bus === undefined) return null;
    const target = workspace.solution.vmPu[bus]! + beyond - device.dropPuPerMw * best.importMw[step]!;
    return Math.round(target * 1e4) / 1e4;
  });
}

/**
 * Twice as far from the middle as the corners of the forecast, plus a fixed part. Load can pass the corners within minutes, but not this
 * band.
 */
function headBands(optimised: Optimised, bandKw: number): PlanContent['assumptions']['heads'] {
  const { layout, best } = optimised;
  return headsOf(layout).map(({ element, node, end }) => {
    const flows = layout.scenarios.map((_, scenario) =>
      best.solved[scenario]!.map((solved) => flowOf(solved, node, end).mw * 1000),
    );
    const mid = flows[0]!;
    const bound = (side: 1 | -1): number[] =>
      mid.map((kw, step) => {
        const reach = Math.max(0, ...flows.map((flow) => side * (flow[step]! - kw)));
        return tenth(kw + side * (2 * reach + bandKw));
      });
    return { element, lowKw: bound(-1), highKw: bound(1) };
  });
}

function bindingConstraints({ layout, best, binding }: Optimised): BindingConstraint[] {
  const named: BindingConstraint[] = [];
  for (const { row, dual } of binding) {
    if (!isLimit(row)) continue;
    const { perUnit, limit, value, ...rest } = nameRow(layout, best, row);
    const shadowPrice = sixDigits(Math.abs(dual) * perUnit);
    named.push({
      step: row.step,
      ...rest,
      limit: sixDigits(limit),
      value: sixDigits(value),
      shadowPrice,
      ...(isBroken({ layout, best }, row) ? { penalty: true as const } : {}),
    });
  }
  return named
    .sort((a, b) => b.shadowPrice - a.shadowPrice)
    .slice(0, MAX_BINDING)
    .sort((a, b) => a.step - b.step);
}
