import type { EstimateModel, ModelFeeder } from './model.ts';
import { rangeOf, type EstimateInput, type EstimateInputs } from './inputs.ts';

/** What one unknown moves at one bus, per standard deviate: kW and kvar of consumption. */
export interface Move {
  readonly bus: number;
  readonly kw: number;
  readonly kvar: number;
}

/** One thing that is not known, as a standard normal deviate before anything is measured. */
export interface Unknown {
  readonly moves: readonly Move[];
  /** Voltage of the source, pu per deviate. */
  readonly sourcePu: number;
  /** Branch whose voltage drop it stretches, as a share of the drop per deviate; -1: none. */
  readonly branch: number;
  readonly dropShare: number;
  /** How a single load differs from its share: its variance is learnt, one stands for a spread of 100 %. */
  readonly spread: boolean;
}

/** The state before any measurement counts, and everything that may differ from it, independently. */
export interface Unknowns {
  readonly baseKw: Float64Array;
  readonly baseKvar: Float64Array;
  readonly sourcePu: number;
  readonly list: readonly Unknown[];
  /** Where the two unknowns (kW, kvar) of each device stand, by device id. */
  readonly deviceAt: ReadonlyMap<string, readonly [number, number]>;
  /** Middle of each device's range, kW. */
  readonly middleKw: ReadonlyMap<string, number>;
  readonly restAt: readonly [number, number];
  /** Where the unknowns stand that stretch the drop of a branch, by branch index. */
  readonly branchAt: ReadonlyMap<number, number>;
}

/** Load of a feeder over its nominal value where nothing is measured, and its standard error. */
const PROFILE = { mean: 0.5, error: 0.4 };
/** Single loads differ from a share of at least this much of their nominal value. */
const SHARE_RANGE = { least: 0.1, most: 1.5 };
/** Correlation of what active and reactive power of a load differ by: its power factor holds better than its size. */
const POWER_FACTOR_HOLDS = 0.8;
/** Source voltage, pu: a tap off by a step or two and the swing of the grid above. */
const SOURCE_PU = 0.05;
/** Error of what flows at the busbar besides the feeders where nothing tells it, as a share of the transformer's rating. */
const UNKNOWN_REST = 0.4;

/**
 * Load allocation as pseudo-measurements (Baran and Kelley, IEEE Trans. Power Syst. 9(3), 1994): each load is its nominal value
 * times a share that its feeder has in common, and differs from it by itself. Devices may be anywhere within their ratings, the
 * drop of each line is known to the share `impedanceError` of the model.
 */
export function unknownsOf(model: EstimateModel, input: EstimateInput, inputs: EstimateInputs): Unknowns {
  const { grid } = model;
  const baseKw = new Float64Array(grid.busIds.length);
  const baseKvar = new Float64Array(grid.busIds.length);
  const list: Unknown[] = [];
  const add = (each: Partial<Unknown>): number =>
    list.push({ moves: [], sourcePu: 0, branch: -1, dropShare: 0, spread: false, ...each }) - 1;
  add({ sourcePu: SOURCE_PU });
  const { busbar, transformerKva } = model;
  const rest = input.busbarRestKw;
  const restError = rest?.error ?? UNKNOWN_REST * transformerKva;
  const restAt = [
    add({ moves: [{ bus: busbar, kw: restError, kvar: 0 }] }),
    add({ moves: [{ bus: busbar, kw: 0, kvar: UNKNOWN_REST * transformerKva }] }),
  ] as const;
  baseKw[busbar]! += rest?.value ?? 0;
  const deviceAt = new Map<string, readonly [number, number]>();
  const middleKw = new Map<string, number>();
  const branchAt = new Map<number, number>();
  for (const [at, feeder] of model.feeders.entries()) {
    const share = shareOf(feeder, { head: inputs.heads[at]!, devices: inputs.devices[at]! });
    addLoads(model, feeder, { share, add, baseKw, baseKvar });
    for (const { device, bus } of feeder.devices) {
      const { minKw, maxKw } = rangeOf(device);
      const span = Math.max(1, maxKw - minKw);
      middleKw.set(device.id, (minKw + maxKw) / 2);
      baseKw[bus]! += (minKw + maxKw) / 2;
      deviceAt.set(device.id, [
        add({ moves: [{ bus, kw: span / Math.sqrt(12), kvar: 0 }] }),
        add({ moves: [{ bus, kw: 0, kvar: (device.maxReactiveKvar ?? 0.2 * span) / Math.sqrt(3) }] }),
      ]);
    }
    if (model.impedanceError > 0)
      for (const bus of feeder.buses) {
        const branch = grid.nodeBranch[grid.busNode[bus]!]!;
        branchAt.set(branch, add({ branch, dropShare: model.impedanceError }));
      }
  }
  return { baseKw, baseKvar, sourcePu: grid.sourceVoltagePu[0]!, list, deviceAt, middleKw, restAt, branchAt };
}

interface LoadParts {
  readonly share: number;
  readonly baseKw: Float64Array;
  readonly baseKvar: Float64Array;
  readonly add: (each: Partial<Unknown>) => number;
}

function addLoads(model: EstimateModel, feeder: ModelFeeder, { share, add, baseKw, baseKvar }: LoadParts): void {
  const { nominalKw, nominalKvar } = model.grid;
  const loads = feeder.buses.filter((bus) => nominalKw[bus] !== 0 || nominalKvar[bus] !== 0);
  const apart = Math.sqrt(1 - POWER_FACTOR_HOLDS ** 2);
  const { mean, error } = PROFILE;
  add({ moves: loads.map((bus) => ({ bus, kw: error * nominalKw[bus]!, kvar: 0 })) });
  add({ moves: loads.map((bus) => ({ bus, kw: 0, kvar: error * nominalKvar[bus]! })) });
  for (const bus of loads) {
    const kw = nominalKw[bus]!;
    const kvar = nominalKvar[bus]!;
    baseKw[bus]! += mean * kw;
    baseKvar[bus]! += mean * kvar;
    add({ moves: [{ bus, kw: share * kw, kvar: share * POWER_FACTOR_HOLDS * kvar }], spread: true });
    add({ moves: [{ bus, kw: 0, kvar: share * apart * kvar }], spread: true });
  }
}

/** About what share of its nominal load a feeder carries, from its head less its devices. */
function shareOf(
  feeder: ModelFeeder,
  { head, devices }: { head: EstimateInputs['heads'][number]; devices: EstimateInputs['devices'][number] },
): number {
  if (feeder.nominalKw === 0) return PROFILE.mean;
  const loadKw = head.kw.value - devices.reduce((sum, { kw }) => sum + kw.value, 0);
  return Math.min(SHARE_RANGE.most, Math.max(SHARE_RANGE.least, Math.abs(loadKw / feeder.nominalKw)));
}
