import type { Allocation } from './allocate.ts';
import type { EstimateInputs, PowerInput } from './inputs.ts';
import type { EstimateModel, ModelFeeder } from './model.ts';

/** A single load is off by this share of what it was allotted, and of at least this share of its nominal value. */
const LOAD_SHARE_ERROR = 0.5;
const LOAD_FLOOR = 0.02;
/** Error of the modelled voltage drop of a feeder: impedances are known to about 5 %. */
const DROP_ERROR = 0.05;
/** Busbar voltage where no meter tells it. */
const UNKNOWN_BUSBAR_PU = 0.02;

const units = [
  { key: 'perKw', unit: 'kw' },
  { key: 'perKvar', unit: 'kvar' },
] as const;
type AnswerKey = (typeof units)[number]['key'];

/** Where a feeder's independent errors stand in a row: loads, devices and head, each kW then kvar, then the voltage drop. */
export interface FeederFactors {
  readonly loadBuses: readonly number[];
  /** Standard error of each load: kW, then kvar. */
  readonly loadErrors: readonly [Float64Array, Float64Array];
  readonly loadsAt: readonly [number, number];
  readonly devicesAt: readonly [number, number];
  readonly headAt: readonly [number, number];
  readonly dropAt: number;
}

/**
 * What is unknown, as independent standard deviates, and how voltages and flows answer to each, first order. Loads of a feeder
 * are known to half of themselves, but their sum with the devices is known as well as the head is: so a load counts by how it
 * differs from the mean answer of its feeder, and the mean counts with the head's error.
 */
export interface Factors {
  readonly count: number;
  /** Factor 0 is the busbar's voltage, which all share. */
  readonly feeders: readonly FeederFactors[];
  /** Row per bus (`count` values each), pu per deviate. */
  readonly voltage: readonly Float64Array[];
  /** Row per branch within a feeder, kW and kvar per deviate; undefined elsewhere. */
  readonly branchKw: readonly (Float64Array | undefined)[];
  readonly branchKvar: readonly (Float64Array | undefined)[];
}

export function factorsOf(model: EstimateModel, inputs: EstimateInputs, allocation: Allocation): Factors {
  const { grid, answers, busbar } = model;
  let count = 1;
  const feeders = model.feeders.map((feeder): FeederFactors => {
    const loadBuses = feeder.buses.filter((bus) => grid.nominalKw[bus] !== 0 || grid.nominalKvar[bus] !== 0);
    const take = (size: number): number => (count += size) - size;
    return {
      loadBuses,
      loadErrors: [
        errorsFor(loadBuses, allocation.loadKw, grid.nominalKw),
        errorsFor(loadBuses, allocation.loadKvar, grid.nominalKvar),
      ],
      loadsAt: [take(loadBuses.length), take(loadBuses.length)],
      devicesAt: [take(feeder.devices.length), take(feeder.devices.length)],
      headAt: [take(1), take(1)],
      dropAt: take(1),
    };
  });
  const busbarError = inputs.busbarPu?.error ?? UNKNOWN_BUSBAR_PU;
  const voltage = grid.busIds.map(() => {
    const row = new Float64Array(count);
    row[0] = busbarError;
    return row;
  });
  const branchKw: (Float64Array | undefined)[] = grid.branchIds.map(() => undefined);
  const branchKvar: (Float64Array | undefined)[] = grid.branchIds.map(() => undefined);
  for (const [at, feeder] of model.feeders.entries()) {
    const place = { model, feeder, at: feeders[at]!, head: inputs.heads[at]!, devices: inputs.devices[at]! };
    for (const bus of feeder.buses) {
      fill(voltage[bus]!, place, (cause, key) => answers[key][cause]!.vmPu[bus]! - answers[key][cause]!.vmPu[busbar]!);
      const drop = allocation.solution.vmPu[bus]! - allocation.solution.vmPu[busbar]!;
      voltage[bus]![feeders[at]!.dropAt] = DROP_ERROR * drop;
      const branch = grid.nodeBranch[grid.busNode[bus]!]!;
      const kw = (branchKw[branch] = new Float64Array(count));
      fill(kw, place, (cause, key) => answers[key][cause]!.fromKw[branch]!);
      const kvar = (branchKvar[branch] = new Float64Array(count));
      fill(kvar, place, (cause, key) => answers[key][cause]!.fromKvar[branch]!);
    }
  }
  return { count, feeders, voltage, branchKw, branchKvar };
}

function errorsFor(buses: readonly number[], load: Float64Array, nominal: Float64Array): Float64Array {
  return Float64Array.from(
    buses,
    (bus) => LOAD_SHARE_ERROR * Math.max(Math.abs(load[bus]!), LOAD_FLOOR * Math.abs(nominal[bus]!)),
  );
}

interface Place {
  readonly model: EstimateModel;
  readonly feeder: ModelFeeder;
  readonly at: FeederFactors;
  readonly head: PowerInput;
  readonly devices: readonly PowerInput[];
}

function fill(row: Float64Array, place: Place, answer: (cause: number, key: AnswerKey) => number): void {
  const { model, feeder, at, head, devices } = place;
  for (const [which, { key, unit }] of units.entries()) {
    const errors = at.loadErrors[which]!;
    let weights = 0;
    let weighted = 0;
    for (const [position, bus] of at.loadBuses.entries()) {
      const square = errors[position]! ** 2;
      weights += square;
      weighted += square * answer(model.causeOfBus[bus]!, key);
    }
    const mean = weights > 0 ? weighted / weights : 0;
    for (const [position, bus] of at.loadBuses.entries())
      row[at.loadsAt[which]! + position] = errors[position]! * (answer(model.causeOfBus[bus]!, key) - mean);
    for (const [position, { bus }] of feeder.devices.entries())
      row[at.devicesAt[which]! + position] =
        devices[position]![unit].error * (answer(model.causeOfBus[bus]!, key) - mean);
    row[at.headAt[which]!] = head[unit].error * mean;
  }
}
