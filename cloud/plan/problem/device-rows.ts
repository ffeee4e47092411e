import type { Control, DeviceColumns } from './layout.ts';
import type { LpBuilder } from './lp.ts';
import { floorKwh, hoursOf } from './session-flow.ts';
import { leftHours, setKwh, upTo } from './sessions.ts';
import type {
  DispatchDevice,
  DispatchProblem,
  EvDevice,
  FlexibleDevice,
  PvDevice,
  StorageDevice,
  SteppedDevice,
} from './problem.ts';

export interface DeviceContext {
  readonly problem: DispatchProblem;
  readonly builder: LpBuilder;
  readonly controls: readonly Control[];
  readonly hours: Float64Array;
  readonly steps: number;
}

const NONE: DeviceColumns = { level: [], owed: [], moves: [] };

/** Reward for not limiting a plant without cause, EUR/MWh: too small to move anything else. */
export const FREE_LIMIT_EUR_PER_MWH = 1e-3;

/** Price of a storage level missing at the end, as a multiple of the dearest price. */
export const END_LEVEL_FACTOR = 3;

/** Adds a device's own rows and costs. Some decision meets all of them, so the programme is never infeasible. */
export function addDeviceRows(context: DeviceContext, device: DispatchDevice, index: number): DeviceColumns {
  switch (device.kind) {
    case 'pv':
      return pv(context, device, index);
    case 'storage':
      return storage(context, device, index);
    case 'ev':
      return ev(context, device, index);
    case 'flexible':
      return flexible(context, device, index);
    case 'tap':
    case 'capacitor':
      return stepped(context, device, index);
  }
}

const clamped = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));

/** Column of a device's control in a step. Throws TypeError if the device has no such control: -1 would address another's. */
export function columnOf({ controls }: DeviceContext, device: number, role: Control['role'], step: number): number {
  const control = controls.findIndex((one) => one.device === device && one.role === role);
  if (control < 0) throw new TypeError(`device ${device} has no control ${role}`);
  return step * controls.length + control;
}

function pv(context: DeviceContext, device: PvDevice, index: number): DeviceColumns {
  const { builder, hours, steps, controls } = context;
  const limited = controls.some((one) => one.device === index && one.role === 'limit');
  for (let step = 0; step < steps; step++) {
    const feedIn = columnOf(context, index, 'feed-in', step);
    builder.addCost(feedIn, -device.curtailmentEurPerKwh * 1000 * hours[step]!);
    if (!limited) continue;
    const limit = columnOf(context, index, 'limit', step);
    builder.addCost(limit, -FREE_LIMIT_EUR_PER_MWH * hours[step]!);
    builder.row(0, Infinity);
    builder.entry(limit, 1);
    builder.entry(feedIn, -1);
  }
  return NONE;
}

function storage(context: DeviceContext, device: StorageDevice, index: number): DeviceColumns {
  const { builder, hours, steps, problem } = context;
  const capacity = device.capacityKwh / 1000;
  const begin = device.socStart * capacity;
  const least = Math.min(device.socMin * capacity, begin);
  const most = Math.max(device.socMax * capacity, begin);
  const level: number[] = [];
  for (let step = 0; step < steps; step++) {
    const charge = columnOf(context, index, 'charge', step);
    const discharge = columnOf(context, index, 'discharge', step);
    for (const column of [charge, discharge]) builder.addCost(column, device.wearEurPerKwh * 1000 * hours[step]!);
    const here = builder.column(least, most, 0);
    const before = level.at(-1);
    const known = before === undefined ? begin : 0;
    builder.row(known, known);
    builder.entry(here, 1);
    if (before !== undefined) builder.entry(before, -1);
    builder.entry(charge, -device.efficiencyCharge * hours[step]!);
    builder.entry(discharge, hours[step]! / device.efficiencyDischarge);
    level.push(here);
  }
  const price = END_LEVEL_FACTOR * Math.max(50, ...problem.prices.importEurPerMwh.map(Math.abs));
  const short = builder.column(0, Infinity, price);
  builder.row(device.socEndMin * capacity, Infinity);
  builder.entry(level.at(-1)!, 1);
  builder.entry(short, 1);
  return { ...NONE, level };
}

function ev(context: DeviceContext, device: EvDevice, index: number): DeviceColumns {
  const { builder, hours, steps } = context;
  const left = leftHours(device, hours);
  const level: number[] = [];
  let given = 0;
  let wished = 0;
  for (let step = 0; step < steps; step++) {
    const power = columnOf(context, index, 'power', step);
    wished += (device.wishedKw[step]! / 1000) * left[step]!;
    given += (Math.max(device.wishedKw[step]!, device.minKw[step]!) / 1000) * left[step]!;
    const most = setKwh(device, hours, 'most', upTo(steps, step)) / 1000;
    const here = builder.column(Math.min(wished, guaranteedKwh(device, left, step) / 1000), Math.max(given, most), 0);
    const before = level.at(-1);
    builder.row(0, 0);
    builder.entry(here, 1);
    if (before !== undefined) builder.entry(before, -1);
    builder.entry(power, -left[step]!);
    level.push(here);
    const late = builder.column(0, Infinity, device.delayEurPerKwh * 1000 * hours[step]!);
    builder.row(device.wishedKw[step]! / 1000, Infinity);
    builder.entry(power, 1);
    builder.entry(late, 1);
  }
  if (device.sessions.length === 0) return { ...NONE, level };
  const price = device.unservedEurPerKwh * 1000;
  // What no decision can serve is missing in any case.
  const hopeless = setKwh(device, hours, 'due', new Uint8Array(steps)) / 1000;
  const missing = { unserved: builder.column(hopeless, Infinity, price), untaken: builder.column(0, Infinity, price) };
  return { ...NONE, level, missing };
}

/** Energy that the sessions get in any case by the end of a step, kWh. */
function guaranteedKwh({ sessions }: EvDevice, left: Float64Array, last: number): number {
  let sum = 0;
  for (const session of sessions) {
    let [span, floors] = [0, 0];
    for (let step = 0; step <= Math.min(last, session.lastStep); step++) {
      span += hoursOf(session, left, step);
      floors += floorKwh(session, left, step);
    }
    const isChosen = session.uninterrupted?.steps !== undefined;
    sum += isChosen ? floors : Math.min(session.energyKwh, Math.min(session.minKw, session.maxKw) * span);
  }
  return sum;
}

function flexible(context: DeviceContext, device: FlexibleDevice, index: number): DeviceColumns {
  const { builder, hours, steps } = context;
  const all: number[] = [];
  let before: number | undefined;
  for (let step = 0; step < steps; step++) {
    const power = columnOf(context, index, 'power', step);
    const price = (device.shiftEurPerKwh * 1000 * hours[step]!) / 2;
    const shed = builder.column(0, Infinity, price);
    const extra = builder.column(0, Infinity, price);
    const wished = clamped(device.wishedKw[step]!, device.minKw[step]!, device.maxKw[step]!) / 1000;
    builder.row(wished, wished);
    builder.entry(power, 1);
    builder.entry(shed, 1);
    builder.entry(extra, -1);
    const ends = (step + 1) % device.paybackSteps === 0 || step === steps - 1;
    const buffer = ends ? 0 : device.bufferKwh / 1000;
    const owed = builder.column(-buffer, buffer, 0);
    builder.row(0, 0);
    builder.entry(owed, 1);
    if (before !== undefined) builder.entry(before, -1);
    builder.entry(shed, -hours[step]!);
    builder.entry(extra, hours[step]!);
    all.push(owed);
    before = ends ? undefined : owed;
  }
  return { ...NONE, owed: all };
}

/** Allows positions between whole ones; whole positions are searched around the solution. */
function stepped(context: DeviceContext, device: SteppedDevice, index: number): DeviceColumns {
  const { builder, steps } = context;
  const role = device.kind === 'tap' ? 'source' : 'capacitor';
  const moved: number[][] = [];
  for (let step = 0; step < steps; step++) {
    const position = columnOf(context, index, role, step);
    const up = builder.column(0, Infinity, device.moveEur);
    const down = builder.column(0, Infinity, device.moveEur);
    const known = step === 0 ? device.start : 0;
    builder.row(known, known);
    builder.entry(position, 1);
    if (step > 0) builder.entry(columnOf(context, index, role, step - 1), -1);
    builder.entry(up, -1);
    builder.entry(down, 1);
    moved.push([up, down]);
  }
  const moves = device.budgets.map(({ fromStep, toStep, moves: most }) => {
    const within = builder.column(0, most, 0);
    builder.row(0, 0);
    builder.entry(within, 1);
    for (const column of moved.slice(fromStep, toStep + 1).flat()) builder.entry(column, -1);
    return within;
  });
  return { ...NONE, moves };
}
