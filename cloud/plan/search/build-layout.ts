import { compileRadial, type RadialGrid } from '../../../shared/grid/radial.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { agreementsOf } from '../problem/agreement.ts';
import { slacksOf } from './constraints/constraint.ts';
import { constraints } from './constraints/table.ts';
import { pointsOf } from '../problem/connection-point.ts';
import { addDeviceRows } from '../problem/device-rows.ts';
import { addFairness, dearestFairness } from '../problem/fairness.ts';
import { isActive, type Control, type Layout, type Role, type Scenario, type StepColumns } from '../problem/layout.ts';
import { LpBuilder } from '../problem/lp.ts';
import { addPeaks, billedIntervals } from '../problem/peak-charges.ts';
import { defaultOptions, type DispatchDevice, type DispatchProblem, type StorageDevice } from '../problem/problem.ts';

/** Throws LS-GRID-001 for a meshed network: plans are made around the power flow of a tree. */
function radialGrid(network: DispatchProblem['network']): RadialGrid {
  try {
    return compileRadial(network);
  } catch (error) {
    if (!(error instanceof LoadstoneError) || error.code !== 'LS-GRID-001') throw error;
    throw new LoadstoneError(error.code, `plans need a radial network: ${error.message}`);
  }
}

/** Lays out the programme of a problem. Throws LS-GRID-003 if a device stands at a bus that is unknown or de-energised. */
export function buildLayout(problem: DispatchProblem): Layout {
  const grid = radialGrid(problem.network);
  const { nodes, position } = places(problem, grid);
  const scenarios: Scenario[] = ['mid'];
  if (problem.loads.lowSun !== undefined) scenarios.push('lowSun');
  if (problem.loads.highSun !== undefined) scenarios.push('highSun');
  const controls = controlsOf(problem.devices, position, scenarios.length > 1);
  const hours = Float64Array.from(problem.horizon.stepsS, (seconds) => seconds / 3600);
  const steps = hours.length;
  const builder = new LpBuilder();
  const size = steps * controls.length;
  const lower = new Float64Array(size);
  const upper = new Float64Array(size);
  const start = new Float64Array(size);
  for (let step = 0; step < steps; step++)
    for (const [index, control] of controls.entries()) {
      const box = boundsOf(problem.devices[control.device]!, control.role, step);
      const at = step * controls.length + index;
      [lower[at], upper[at], start[at]] = box;
      builder.column(box[0], box[1], 0);
    }
  const columns = Array.from({ length: steps }, (_, at) => stepColumns(builder, problem, at, hours[at]!));
  const context = { problem, builder, controls, hours, steps };
  const devices = problem.devices.map((device, index) => addDeviceRows(context, device, index));
  addFairness(context);
  const balance = addBalance(context, columns);
  const billed = billedIntervals(problem);
  addPeaks({ problem, builder, hours, billed }, columns);
  const step = columns.map((one, at) => ({ ...one, balance: balance[at]! }));
  return {
    problem,
    options: { ...defaultOptions, ...problem.options },
    grid,
    scenarios,
    steps,
    hours,
    controls,
    points: pointsOf(problem, controls),
    agreements: agreementsOf(problem, controls),
    nodes,
    ...nodeLimits(problem, grid),
    sourceInput: 2 * nodes.length,
    lower,
    upper,
    start,
    step,
    billed,
    devices,
    builder,
    staticRows: builder.rows,
    dearest: dearestOf(problem),
  };
}

function nodeLimits(
  { network, limits: { voltageMarginPu } }: DispatchProblem,
  { nodeBus, nodeBranch, sourceCount }: RadialGrid,
): Pick<Layout, 'bandLow' | 'bandHigh' | 'ratings'> {
  const { buses, lines, transformers } = network;
  const nodes = nodeBus.length;
  const bandLow = new Float64Array(nodes);
  const bandHigh = new Float64Array(nodes).fill(Infinity);
  const ratings = new Float64Array(nodes).fill(Infinity);
  for (let node = sourceCount; node < nodes; node++) {
    const bus = buses[nodeBus[node]!]!;
    bandLow[node] = (bus.vMinPu ?? 0) + voltageMarginPu;
    bandHigh[node] = (bus.vMaxPu ?? Infinity) - voltageMarginPu;
    const branch = nodeBranch[node]!;
    const kva = branch < lines.length ? lines[branch]!.ratedKva : transformers[branch - lines.length]!.ratedKva;
    if (kva !== undefined) ratings[node] = kva / 1000;
  }
  return { bandLow, bandHigh, ratings };
}

function places(
  problem: DispatchProblem,
  grid: RadialGrid,
): { readonly nodes: Int32Array; readonly position: ReadonlyMap<string, number> } {
  const nodes: number[] = [];
  const position = new Map<string, number>();
  for (const device of problem.devices) {
    if (device.kind === 'tap' || position.has(device.bus)) continue;
    const bus = grid.busIndex.get(device.bus);
    const node = bus === undefined ? -1 : grid.busNode[bus]!;
    if (node < 0)
      throw new LoadstoneError(
        'LS-GRID-003',
        `device ${device.id} is at bus ${device.bus}, which ${bus === undefined ? 'does not exist' : 'is de-energised'}`,
      );
    position.set(device.bus, nodes.push(node) - 1);
  }
  return { nodes: Int32Array.from(nodes), position };
}

function controlsOf(
  devices: readonly DispatchDevice[],
  position: ReadonlyMap<string, number>,
  corners: boolean,
): Control[] {
  const places = position.size;
  const controls: Control[] = [];
  for (const [device, item] of devices.entries()) {
    if (item.kind === 'tap') {
      controls.push({ device, role: 'source', input: 2 * places, sign: 1 });
      continue;
    }
    const at = position.get(item.bus)!;
    if (item.kind === 'capacitor') {
      controls.push({ device, role: 'capacitor', input: places + at, sign: -1 });
      continue;
    }
    const add = (role: Role, sign: 1 | -1): void => void controls.push({ device, role, input: at, sign });
    switch (item.kind) {
      case 'pv':
        add('feed-in', -1);
        if (corners) add('limit', -1);
        break;
      case 'storage':
        add('charge', 1);
        add('discharge', -1);
        break;
      case 'ev':
      case 'flexible':
        add('power', 1);
        break;
    }
    if ('maxReactiveKvar' in item && item.maxReactiveKvar > 0)
      controls.push({ device, role: 'reactive', input: places + at, sign: 1 });
  }
  return controls;
}

/** Lower bound, upper bound, and the value when nothing is done. */
function boundsOf(device: DispatchDevice, role: Role, step: number): [number, number, number] {
  switch (device.kind) {
    case 'tap':
    case 'capacitor':
      return [0, device.levels.length - 1, device.start];
    case 'pv': {
      if (role === 'reactive') return [-device.maxReactiveKvar / 1000, device.maxReactiveKvar / 1000, 0];
      const expected = device.availableKw[step]! / 1000;
      const sun = role === 'limit' ? Math.max(expected, (device.availableHighKw?.[step] ?? 0) / 1000) : expected;
      const held = device.heldKw?.[step] ?? null;
      const most = held === null ? sun : Math.min(sun, Math.max(0, -held / 1000));
      return [held === null ? 0 : most, most, most];
    }
    case 'storage':
      if (role === 'reactive') return [-device.maxReactiveKvar / 1000, device.maxReactiveKvar / 1000, 0];
      return storageBounds(device, role === 'charge' ? 1 : -1, step);
    case 'ev': {
      const held = device.heldKw?.[step] ?? null;
      const floor = device.minKw[step]! / 1000;
      const rated = Math.max(floor, device.maxKw[step]! / 1000);
      const wished = Math.min(rated, Math.max(floor, device.wishedKw[step]! / 1000));
      if (held === null) return [floor, rated, wished];
      const most = Math.max(floor, Math.min(rated, held / 1000));
      return [Math.min(most, wished), most, Math.min(most, wished)];
    }
    case 'flexible': {
      const least = device.minKw[step]! / 1000;
      const most = Math.max(least, device.maxKw[step]! / 1000);
      return [least, most, Math.min(most, Math.max(least, device.wishedKw[step]! / 1000))];
    }
  }
}

/** `direction`: 1 charge, -1 discharge. */
function storageBounds(device: StorageDevice, direction: 1 | -1, step: number): [number, number, number] {
  const held = device.heldKw?.[step] ?? null;
  if (held === null) return [0, (direction === 1 ? device.chargeKw : device.dischargeKw) / 1000, 0];
  const mw = Math.max(0, (direction * held) / 1000);
  return [mw, mw, mw];
}

type Ungrounded = Omit<StepColumns, 'balance'>;

function stepColumns(builder: LpBuilder, problem: DispatchProblem, at: number, hours: number): Ungrounded {
  const { prices } = problem;
  const free = (): number => builder.column(0, Infinity, 0);
  const pair = (): { mid: number; corner: number } => ({ mid: free(), corner: free() });
  return {
    imported: builder.column(0, Infinity, prices.importEurPerMwh[at]! * hours),
    exported: builder.column(0, Infinity, -prices.exportEurPerMwh[at]! * hours),
    losses: builder.column(-Infinity, Infinity, prices.lossesEurPerMwh * hours),
    slack: Object.fromEntries(
      constraints.map((constraint) => [constraint.kind, Array.from({ length: slacksOf(constraint, problem) }, pair)]),
    ),
  };
}

interface BalanceContext {
  readonly problem: DispatchProblem;
  readonly builder: LpBuilder;
  readonly controls: readonly Control[];
}

/** Import less export equals consumption plus losses. */
function addBalance({ problem, builder, controls }: BalanceContext, step: readonly Ungrounded[]): number[] {
  const rows: number[] = [];
  const buses = problem.network.buses.length;
  for (const [at, columns] of step.entries()) {
    let load = 0;
    for (let bus = 0; bus < buses; bus++) load += problem.loads.mid.activePowerKw[at * buses + bus]! / 1000;
    rows.push(builder.row(load, load));
    builder.entry(columns.imported, 1);
    builder.entry(columns.exported, -1);
    builder.entry(columns.losses, -1);
    for (const [index, control] of controls.entries())
      if (isActive(control.role) && control.role !== 'limit')
        builder.entry(at * controls.length + index, -control.sign);
  }
  return rows;
}

function dearestOf(problem: DispatchProblem): number {
  const { prices, devices } = problem;
  let dearest = Math.max(50, dearestFairness(problem));
  for (const price of [...prices.importEurPerMwh, ...prices.exportEurPerMwh, prices.lossesEurPerMwh])
    dearest = Math.max(dearest, Math.abs(price));
  for (const { hours } of billedIntervals(problem))
    dearest = Math.max(dearest, (prices.capacity!.eurPerKw * 1000) / hours);
  for (const device of devices) {
    switch (device.kind) {
      case 'pv':
        dearest = Math.max(dearest, device.curtailmentEurPerKwh * 1000);
        break;
      case 'storage':
        dearest = Math.max(dearest, device.wearEurPerKwh * 1000);
        break;
      case 'ev':
        dearest = Math.max(dearest, device.unservedEurPerKwh * 1000, device.delayEurPerKwh * 1000);
        break;
      case 'flexible':
        dearest = Math.max(dearest, device.shiftEurPerKwh * 1000);
        break;
      case 'tap':
      case 'capacitor':
        break;
    }
  }
  return dearest;
}
