import type { EstimateModel, ModelFeeder } from './model.ts';
import { rangeOf, type EstimateInput, type EstimateInputs } from './inputs.ts';

/** What one unknown moves at one bus, per standard deviate: kW and kvar of consumption. */
export interface Move {
  readonly bus: number;
  readonly kw: number;
  readonly kvar: number;
}

/** One unknown; a standard normal deviate before anything is measured. */
export interface Unknown {
  readonly moves: readonly Move[];
  /** Voltage of the source, pu per deviate. */
  readonly sourcePu: number;
  /** Branch whose voltage drop it scales, as a share of the drop per deviate; -1: none. */
  readonly branch: number;
  readonly dropShare: number;
  /** A single load's deviation from its share. Its variance is learnt; one deviate is a spread of 100 %. */
  readonly spread: boolean;
}

/** The prior state, and everything that may independently differ from it. */
export interface Unknowns {
  readonly baseKw: Float64Array;
  readonly baseKvar: Float64Array;
  readonly sourcePu: number;
  readonly list: readonly Unknown[];
  /** Indices of each device's two unknowns (kW, kvar), by device id. */
  readonly deviceAt: ReadonlyMap<string, readonly [number, number]>;
  /** Middle of each device's range, kW. */
  readonly middleKw: ReadonlyMap<string, number>;
  readonly restAt: readonly [number, number];
  /** Index of the unknown that scales a branch's drop, by branch index. */
  readonly branchAt: ReadonlyMap<number, number>;
}

/** Prior of a feeder's load relative to its nominal value, and its standard error. */
const PROFILE = { mean: 0.5, error: 0.4 };
/** Bounds of the share of its nominal value that a single load deviates from. */
const SHARE_RANGE = { least: 0.1, most: 1.5 };
/** Correlation between the deviations of a load's active and reactive power: its power factor varies less than its size. */
const POWER_FACTOR_HOLDS = 0.8;
/** Error of the source voltage, pu: a tap off by a step or two and the swing of the upstream grid. */
const SOURCE_PU = 0.05;
/** Error of the flow at the busbar besides the feeders if unknown, as a share of the transformer's rating. */
const UNKNOWN_REST = 0.4;

/**
 * Load allocation as pseudo-measurements (Baran and Kelley, IEEE Trans. Power Syst. 9(3), 1994): each load is its nominal value times its
 * feeder's common share, plus its own deviation. Devices may be anywhere within their ratings; the drop of each line is known to the
 * model's `impedanceError`.
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

/** Approximate share of its nominal load that a feeder carries: its head minus its devices. */
function shareOf(
  feeder: ModelFeeder,
  { head, devices }: { head: EstimateInputs['heads'][number]; devices: EstimateInputs['devices'][number] },
): number {
  if (feeder.nominalKw === 0) return PROFILE.mean;
  const loadKw = head.kw.value - devices.reduce((sum, { kw }) => sum + kw.value, 0);
  return Math.min(SHARE_RANGE.most, Math.max(SHARE_RANGE.least, Math.abs(loadKw / feeder.nominalKw)));
}
