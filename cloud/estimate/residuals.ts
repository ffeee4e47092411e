import { sayEstimate } from '../../shared/sentences/estimate-forms.ts';
import { solve, unit } from './gain.ts';
import type { Fit } from './fit.ts';
import type { Measurement } from './measurements.ts';
import type { EstimateModel } from './model.ts';
import type { MeterFinding } from './state.ts';

/** A measurement that does not fit all others. */
export interface Gross {
  readonly measurement: Measurement;
  /** Measured minus what all others imply, and the same in standard errors. */
  readonly residual: number;
  readonly normalised: number;
}

/** A voltage with a larger normalised residual is in gross error. */
const GROSS = 5;

/**
 * Largest normalised residual test (Abur and Gómez-Expósito, section 5.7): removes the worst-fitting voltage beyond five standard errors of
 * what all others imply, then the next. With C the covariance of the innovations r, measurement i differs from what the others imply by
 * (C^-1 r)_i / (C^-1)_ii. Powers are not judged here: a single moment says too little of them.
 */
export function withoutGross(fit: Fit): { accepted: readonly Measurement[]; out: readonly Gross[] } {
  const { measurements, innovations, factor } = fit;
  const inverse = measurements.map((_, at) => solve(factor, unit(measurements.length, at)));
  const gain = solve(factor, innovations);
  const accepted = new Set(measurements.keys());
  const out: Gross[] = [];
  for (;;) {
    let worst: (Gross & { readonly at: number }) | undefined;
    for (const at of accepted) {
      const measurement = measurements[at]!;
      if (measurement.channel !== 'voltage') continue;
      const residual = gain[at]! / inverse[at]![at]!;
      const normalised = Math.abs(gain[at]!) / Math.sqrt(inverse[at]![at]!);
      if (worst === undefined || normalised > worst.normalised) worst = { at, measurement, residual, normalised };
    }
    if (worst === undefined || !(worst.normalised > GROSS)) break;
    out.push(worst);
    accepted.delete(worst.at);
    remove(inverse, gain, worst.at);
  }
  return { accepted: [...accepted].map((at) => measurements[at]!), out };
}

/** Removes one measurement from C^-1 and C^-1 r (inverse of a bordered matrix); its own row and column stay as zeros. */
function remove(inverse: Float64Array[], gain: Float64Array, at: number): void {
  const row = Float64Array.from(inverse[at]!);
  const own = row[at]!;
  const mine = gain[at]!;
  for (const [i, each] of inverse.entries()) {
    for (let j = 0; j < each.length; j++) each[j]! -= (row[i]! * row[j]!) / own;
    gain[i]! -= (row[i]! * mine) / own;
  }
}

/** Feeder of a measurement; -1: it is at the busbar. */
export function feederOf(model: EstimateModel, { shows }: Measurement): number {
  return shows.what === 'voltage' ? model.feederOfBus[shows.bus]! : -1;
}

/** Feeders that lost more than one, and over a third, of their voltages: there the model is wrong. */
export function misfits(model: EstimateModel, measurements: readonly Measurement[], out: readonly Gross[]): number[] {
  return model.feeders.flatMap((_, feeder) => {
    const voltages = measurements.filter((each) => each.channel === 'voltage' && feederOf(model, each) === feeder);
    const lost = out.filter(({ measurement }) => feederOf(model, measurement) === feeder).length;
    return lost > 1 && 3 * lost > voltages.length ? [feeder] : [];
  });
}

export function grossFinding({ measurement, residual }: Gross): MeterFinding {
  const { device, value, time } = measurement;
  const figures = { value: value.toFixed(4), difference: Math.abs(residual).toFixed(4) };
  return {
    device,
    finding: 'gross-error',
    channel: 'voltage',
    since: time,
    ...(residual > 0
      ? sayEstimate('shows {value} pu, which is {difference} pu above what all other meters say', figures)
      : sayEstimate('shows {value} pu, which is {difference} pu below what all other meters say', figures)),
  };
}
