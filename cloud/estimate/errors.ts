import type { Allocation } from './allocate.ts';
import type { EstimateInputs, PowerInput } from './inputs.ts';
import type { EstimateModel } from './model.ts';

/** Standard errors of what was not measured. */
export interface EstimateErrors {
  readonly voltagePu: Float64Array;
  readonly branchKw: Float64Array;
  readonly branchKvar: Float64Array;
}

/** A single load is off by this share of what it was allotted. */
const LOAD_SHARE_ERROR = 0.5;
/** Error of the modelled voltage drop: impedances are known to about 5 %. */
const DROP_ERROR = 0.05;
/** Busbar voltage where no meter tells it. */
const UNKNOWN_BUSBAR_PU = 0.02;

interface Independent {
  readonly cause: number;
  readonly kw: number;
  readonly kvar: number;
}

/**
 * First order: loads of a feeder are independent and known to half of themselves, but their sum with the devices is known as well
 * as the head is. So each counts by how it differs from the mean answer of its feeder, and the mean counts with the head's error.
 */
export function errorsOf(model: EstimateModel, inputs: EstimateInputs, allocation: Allocation): EstimateErrors {
  const { grid, feeders, answers, busbar } = model;
  const voltage = new Float64Array(grid.busIds.length);
  const branchKw = new Float64Array(grid.branchIds.length);
  const branchKvar = new Float64Array(grid.branchIds.length);
  const busbarError = inputs.busbarPu?.error ?? UNKNOWN_BUSBAR_PU;
  voltage.fill(busbarError);
  for (const [at, feeder] of feeders.entries()) {
    const head = inputs.heads[at]!;
    const loads = feeder.buses.flatMap((bus): Independent[] => {
      const cause = model.causeOfBus[bus]!;
      if (cause < 0) return [];
      const floor = 0.02;
      const kw = LOAD_SHARE_ERROR * Math.max(Math.abs(allocation.loadKw[bus]!), floor * grid.nominalKw[bus]!);
      const kvar = LOAD_SHARE_ERROR * Math.max(Math.abs(allocation.loadKvar[bus]!), floor * grid.nominalKvar[bus]!);
      return [{ cause, kw, kvar }];
    });
    const devices = feeder.devices.map(({ bus }, position): Independent => {
      const { kw, kvar } = inputs.devices[at]![position]!;
      return { cause: model.causeOfBus[bus]!, kw: kw.error, kvar: kvar.error };
    });
    const spread = (answer: (cause: number, key: 'perKw' | 'perKvar') => number): number =>
      conditional({ loads, devices, head }, answer);
    for (const bus of feeder.buses) {
      const variance = spread((cause, key) => answers[key][cause]!.vmPu[bus]! - answers[key][cause]!.vmPu[busbar]!);
      const drop = DROP_ERROR * (allocation.solution.vmPu[bus]! - allocation.solution.vmPu[busbar]!);
      voltage[bus] = Math.sqrt(variance + drop ** 2 + busbarError ** 2);
    }
    for (const bus of feeder.buses) {
      const branch = grid.nodeBranch[grid.busNode[bus]!]!;
      branchKw[branch] = Math.sqrt(spread((cause, key) => answers[key][cause]!.fromKw[branch]!));
      branchKvar[branch] = Math.sqrt(spread((cause, key) => answers[key][cause]!.fromKvar[branch]!));
    }
  }
  return { voltagePu: voltage, branchKw, branchKvar };
}

interface Sources {
  readonly loads: readonly Independent[];
  readonly devices: readonly Independent[];
  readonly head: PowerInput;
}

/** Variance of a quantity, given that loads and devices together are what the head shows. */
function conditional(
  { loads, devices, head }: Sources,
  answer: (cause: number, key: 'perKw' | 'perKvar') => number,
): number {
  let variance = 0;
  for (const [key, unit] of [
    ['perKw', 'kw'],
    ['perKvar', 'kvar'],
  ] as const) {
    let weights = 0;
    let weighted = 0;
    for (const load of loads) {
      const square = load[unit] ** 2;
      weights += square;
      weighted += square * answer(load.cause, key);
    }
    const mean = weights > 0 ? weighted / weights : 0;
    for (const each of loads) variance += (each[unit] * (answer(each.cause, key) - mean)) ** 2;
    for (const each of devices) variance += (each[unit] * (answer(each.cause, key) - mean)) ** 2;
    variance += (head[unit].error * mean) ** 2;
  }
  return variance;
}
