import { ownTapChanger } from '../../shared/contracts/own-tap-changer.ts';
import type { MeterPoint, RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';
import { compileRadial, createWorkspace, type RadialGrid, type RadialWorkspace } from '../../shared/grid/radial.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** A feeder in the current switch states: its head, and the buses behind it. */
export interface ModelFeeder {
  readonly id: string;
  readonly headBranch: number;
  /** The busbar is at the from side of the head branch. */
  readonly outward: boolean;
  readonly meter: MeterPoint | undefined;
  readonly buses: readonly number[];
  readonly nominalKw: number;
  readonly nominalKvar: number;
  readonly devices: readonly ModelDevice[];
}

export interface ModelDevice {
  readonly device: RegionDevice;
  readonly bus: number;
  readonly meter: MeterPoint | undefined;
}

/** A substation compiled for estimates, valid for one state of its switches. Not re-entrant, because of its workspace. */
export interface EstimateModel {
  readonly substation: RegionSubstation;
  readonly topologyVersion: number;
  readonly closed: readonly boolean[];
  readonly grid: RadialGrid;
  readonly workspace: RadialWorkspace;
  readonly busbar: number;
  readonly transformerBranch: number;
  readonly transformerKva: number;
  readonly transformerMeter: MeterPoint | undefined;
  readonly tapDevice: string | undefined;
  readonly feeders: readonly ModelFeeder[];
  /** Feeder of each bus, -1: none. */
  readonly feederOfBus: Int32Array;
  /** Standard error of each line's voltage drop, as a share of it. */
  readonly impedanceError: number;
}

export interface Topology {
  readonly version: number;
  /** Switch states by branch id; absent ones are as in the network. */
  readonly closed?: ReadonlyMap<string, boolean>;
}

/** Standard error of a line's impedance by default: uniform within 10 %. */
const IMPEDANCE_ERROR = 0.1 / Math.sqrt(3);

/** Throws LS-GRID-001/003 if the switches leave no radial network, or the substation has no transformer. */
export function compileEstimate(
  substation: RegionSubstation,
  topology?: Topology,
  impedanceError = IMPEDANCE_ERROR,
): EstimateModel {
  const network = withSwitches(substation, topology);
  const grid = compileRadial(network);
  const transformer = grid.transformers[0];
  if (transformer === undefined)
    throw new LoadstoneError('LS-GRID-003', `substation "${substation.id}": transformers must not be empty`);
  const busbar = grid.branchToBus[transformer.branch]!;
  const feederOfBus = new Int32Array(grid.busIds.length).fill(-1);
  const feeders = network.feeders.map((feeder, index): ModelFeeder => {
    const headBranch = grid.branchIndex.get(feeder.headBranch);
    if (headBranch === undefined)
      throw new LoadstoneError(
        'LS-GRID-003',
        `feeder "${feeder.id}": headBranch "${feeder.headBranch}" does not exist`,
      );
    const buses = downstream(grid, headBranch);
    for (const bus of buses) feederOfBus[bus] = index;
    return {
      id: feeder.id,
      headBranch,
      outward: grid.branchFromBus[headBranch] === busbar,
      meter: substation.meters.find((meter) => meter.kind === 'feeder-head' && meter.element === feeder.headBranch),
      buses,
      nominalKw: sum(buses, grid.nominalKw),
      nominalKvar: sum(buses, grid.nominalKvar),
      devices: devicesAt(substation, grid, buses),
    };
  });
  return {
    substation,
    topologyVersion: topology?.version ?? network.topologyVersion,
    closed: [...network.lines, ...network.transformers].map((branch) => branch.closed !== false),
    grid,
    workspace: createWorkspace(grid),
    busbar,
    transformerBranch: transformer.branch,
    transformerKva: network.transformers[0]!.ratedKva,
    transformerMeter: substation.meters.find((meter) => meter.kind === 'transformer'),
    tapDevice: ownTapChanger(substation)?.id,
    feeders,
    feederOfBus,
    impedanceError,
  };
}

function withSwitches({ network }: RegionSubstation, topology: Topology | undefined): RegionSubstation['network'] {
  const closed = topology?.closed;
  if (closed === undefined) return network;
  const set = <T extends { readonly id: string }>(branch: T): T =>
    closed.has(branch.id) ? { ...branch, closed: closed.get(branch.id)! } : branch;
  return { ...network, lines: network.lines.map(set), transformers: network.transformers.map(set) };
}

/** Buses behind a branch in the current switch states, in the document's order; none if it is open. */
function downstream(grid: RadialGrid, branch: number): number[] {
  const head = grid.branchNode[branch]!;
  if (head < 0) return [];
  const behind = new Uint8Array(grid.nodeBus.length);
  behind[head] = 1;
  for (let node = head + 1; node < behind.length; node++) behind[node] = behind[grid.parent[node]!] ?? 0;
  const buses = [...behind.keys()].filter((node) => behind[node] === 1).map((node) => grid.nodeBus[node]!);
  return buses.sort((a, b) => a - b);
}

function devicesAt(substation: RegionSubstation, grid: RadialGrid, buses: readonly number[]): ModelDevice[] {
  return substation.devices.flatMap((device): ModelDevice[] => {
    const bus = grid.busIndex.get(device.bus);
    if (bus === undefined)
      throw new LoadstoneError('LS-GRID-003', `device "${device.id}": bus "${device.bus}" does not exist`);
    if (!buses.includes(bus) || device.type === 'tap-changer' || device.type === 'meter') return [];
    return [{ device, bus, meter: substation.meters.find((meter) => meter.device === device.id) }];
  });
}

const sum = (at: readonly number[], values: Float64Array): number =>
  at.reduce((total, each) => total + values[each]!, 0);
