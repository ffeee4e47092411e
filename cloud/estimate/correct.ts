import type { Allocation } from './allocate.ts';
import type { Factors } from './factors.ts';
import type { EstimateInputs, PowerInput } from './inputs.ts';
import type { EstimateModel } from './model.ts';
import type { EstimatedValue, MeterFinding } from './state.ts';

/** A voltage that a station or a terminal shows. */
export interface MeasuredVoltage {
  readonly device: string;
  readonly bus: number;
  readonly value: EstimatedValue;
  readonly time: number;
  /** Young enough to judge its meter by: an old one may just be overtaken. */
  readonly fresh: boolean;
}

/** What the measured voltages make of the unknowns. */
export interface Correction {
  /** Best value of each deviate. */
  readonly deviates: Float64Array;
  /** Standard error of a row of the factors, given the measurements. */
  errorOf(row: Float64Array): number;
  /** Meters that do not fit what all others say, as far as they may be judged. */
  readonly findings: readonly MeterFinding[];
  /** All that were left out, by device. */
  readonly leftOut: ReadonlySet<string>;
  /** Feeders whose voltages fit the model so badly that the model is to blame. */
  readonly misfits: readonly number[];
}

/** Normalised residual beyond which a meter is in gross error. */
const GROSS = 5;

/**
 * Weighted least squares of the measured voltages on the factors, one linear step: the unknowns that explain them best, and what
 * is left of the errors. The meter with the largest normalised residual beyond 5 is left out and named, then the next; where a
 * third of a feeder's meters would have to go, the model is doubted instead (a switch, an impedance) and they stay out too.
 */
export function correct(
  model: EstimateModel,
  factors: Factors,
  allocation: Allocation,
  measured: readonly MeasuredVoltage[],
): Correction {
  let kept = [...measured];
  const out: { readonly meter: MeasuredVoltage; readonly residual: number }[] = [];
  for (;;) {
    const residuals = kept.map(({ bus, value }) => value.value - allocation.solution.vmPu[bus]!);
    const factor = cholesky(
      kept.map((a, i) => kept.map((b, j) => covariance(factors, a, b) + (i === j ? a.value.error ** 2 : 0))),
    );
    const gain = solve(factor, residuals);
    const worst = largestResidual(kept, residuals, factor);
    if (worst !== undefined && worst.normalised > GROSS) {
      out.push({ meter: kept[worst.at]!, residual: residuals[worst.at]! });
      kept = kept.filter((_, at) => at !== worst.at);
      continue;
    }
    const rows = kept.map(({ bus }) => factors.voltage[bus]!);
    const deviates = new Float64Array(factors.count);
    for (const [at, row] of rows.entries())
      for (let k = 0; k < deviates.length; k++) deviates[k]! += row[k]! * gain[at]!;
    const errorOf = (row: Float64Array): number => {
      const shared = rows.map((each) => dot(each, row));
      const known = solve(factor, shared).reduce((sum, value, at) => sum + value * shared[at]!, 0);
      return Math.sqrt(Math.max(0, dot(row, row) - known));
    };
    const misfits = model.feeders.flatMap((_, feeder) => {
      const here = (each: MeasuredVoltage): boolean => model.feederOfBus[each.bus] === feeder;
      const lost = out.filter(({ meter }) => here(meter)).length;
      return lost > 1 && 3 * lost > measured.filter(here).length ? [feeder] : [];
    });
    const findings = out
      .filter(({ meter }) => meter.fresh && !misfits.includes(model.feederOfBus[meter.bus]!))
      .map(({ meter, residual }) => finding(meter, residual));
    return { deviates, errorOf, findings, leftOut: new Set(out.map(({ meter }) => meter.device)), misfits };
  }
}

function finding({ device, value, time }: MeasuredVoltage, residual: number): MeterFinding {
  const side = residual > 0 ? 'above' : 'below';
  const apart = `${Math.abs(residual).toFixed(3)} pu ${side} what all other meters say`;
  return { device, finding: 'gross-error', since: time, text: `reads ${value.value.toFixed(3)} pu, ${apart}` };
}

/** Loads, devices, heads and busbar moved to what the correction found. */
export function corrected(
  inputs: EstimateInputs,
  factors: Factors,
  { deviates }: Correction,
  buses: number,
): { inputs: EstimateInputs; shiftKw: Float64Array; shiftKvar: Float64Array } {
  const shifts = [new Float64Array(buses), new Float64Array(buses)] as const;
  const move = (power: PowerInput, kwAt: number, kvarAt: number): PowerInput => ({
    kw: { ...power.kw, value: power.kw.value + power.kw.error * deviates[kwAt]! },
    kvar: { ...power.kvar, value: power.kvar.value + power.kvar.error * deviates[kvarAt]! },
  });
  for (const feeder of factors.feeders)
    for (const which of [0, 1] as const) {
      const errors = feeder.loadErrors[which];
      const step = errors.map((error, at) => error * deviates[feeder.loadsAt[which] + at]!);
      const weights = errors.reduce((sum, error) => sum + error * error, 0);
      const total = step.reduce((sum, value) => sum + value, 0);
      // Their sum is the head's to tell: what they moved together is taken back in proportion to what is unknown of each.
      for (const [at, bus] of feeder.loadBuses.entries())
        shifts[which][bus] = weights > 0 ? step[at]! - (errors[at]! ** 2 / weights) * total : 0;
    }
  const { busbarPu } = inputs;
  return {
    inputs: {
      ...inputs,
      busbarPu:
        busbarPu === undefined ? undefined : { ...busbarPu, value: busbarPu.value + busbarPu.error * deviates[0]! },
      heads: inputs.heads.map((head, at) => move(head, ...factors.feeders[at]!.headAt)),
      devices: inputs.devices.map((devices, at) => {
        const [kwAt, kvarAt] = factors.feeders[at]!.devicesAt;
        return devices.map((device, position) => move(device, kwAt + position, kvarAt + position));
      }),
    },
    shiftKw: shifts[0],
    shiftKvar: shifts[1],
  };
}

const covariance = (factors: Factors, a: MeasuredVoltage, b: MeasuredVoltage): number =>
  dot(factors.voltage[a.bus]!, factors.voltage[b.bus]!);

function largestResidual(
  kept: readonly MeasuredVoltage[],
  residuals: readonly number[],
  factor: readonly Float64Array[],
): { at: number; normalised: number } | undefined {
  // Residual of a meter against what all others say of it: with C the covariance of residuals, (C^-1 z)_i / sqrt((C^-1)_ii).
  const gain = solve(factor, residuals);
  let worst: { at: number; normalised: number } | undefined;
  for (const at of kept.keys()) {
    const unit = kept.map((_, each) => (each === at ? 1 : 0));
    const normalised = Math.abs(gain[at]!) / Math.sqrt(solve(factor, unit)[at]!);
    if (worst === undefined || normalised > worst.normalised) worst = { at, normalised };
  }
  return worst;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

/** Lower triangle L with L L' = the matrix, which is positive definite. */
function cholesky(matrix: readonly (readonly number[])[]): Float64Array[] {
  const lower: Float64Array[] = [];
  for (const [i, row] of matrix.entries()) {
    const mine = new Float64Array(row.length);
    lower.push(mine);
    for (let j = 0; j <= i; j++) {
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= mine[k]! * lower[j]![k]!;
      mine[j] = i === j ? Math.sqrt(sum) : sum / lower[j]![j]!;
    }
  }
  return lower;
}

function solve(lower: readonly Float64Array[], right: readonly number[]): number[] {
  const x = [...right];
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i]! -= lower[i]![k]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i]! -= lower[k]![i]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  return x;
}
