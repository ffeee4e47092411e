import { cholesky, dot, logDeterminant, solve, unit } from './gain.ts';
import type { Fit } from './fit.ts';
import type { Channel, Measurement } from './measurements.ts';

/** What may be wrong with a meter, and the natural logarithm of its Bayes factor. */
export interface Hypothesis {
  readonly device: string;
  readonly channel: Channel;
  readonly kind: 'gross' | 'reversed';
  readonly evidence: number;
  /** What the meter shows and what all others imply, both in its first unit: kW or pu. */
  readonly shows: number;
  readonly expected: number;
}

/** Range in which a meter in gross error may read anything, kW or pu; at least WIDE standard errors of its expected value. */
const GROSS_RANGE = { kw: 4000, pu: 0.2 };
const WIDE = 10;

/**
 * For each channel of each meter: is it right, reversed, or in gross error? The density of its values given all others follows from the
 * inverse of the innovations' covariance C: with G the rows of the channel, it is normal with covariance ((C^-1)_GG)^-1. A meter in gross
 * error may read anything in its range, a reversed one reads the negative. The powers of a station are not judged for gross error: a load
 * may take any value.
 */
export function meterHypotheses({ measurements, innovations, factor }: Fit): Hypothesis[] {
  const gain = solve(factor, innovations);
  return [...groups(measurements).values()].flatMap(({ device, channel, at }) => {
    const inverse = at.map((i) => {
      const column = solve(factor, unit(measurements.length, i));
      return Float64Array.from(at, (j) => column[j]!);
    });
    const lower = cholesky(inverse);
    const residual = solve(
      lower,
      Float64Array.from(at, (i) => gain[i]!),
    );
    const values = Float64Array.from(at, (i) => measurements[i]!.value);
    // ln density from the inverse of the covariance, hence the determinant's sign.
    const density = (off: Float64Array): number => {
      const scaled = inverse.reduce((sum, row, i) => sum + off[i]! * dot(row, off), 0);
      return 0.5 * (logDeterminant(lower) - scaled - at.length * Math.log(2 * Math.PI));
    };
    const right = density(residual);
    const turned = density(residual.map((off, i) => off - 2 * values[i]!));
    const usual = channel === 'power' ? GROSS_RANGE.kw : GROSS_RANGE.pu;
    const covariance = at.map((_, i) => solve(lower, unit(at.length, i))[i]!);
    const range = covariance.reduce((sum, own) => sum + Math.log(Math.max(usual, WIDE * Math.sqrt(own))), 0);
    const about = { device, channel, shows: values[0]!, expected: values[0]! - residual[0]! };
    const found: Hypothesis[] = [];
    if (channel === 'voltage' || measurements[at[0]!]!.shows.what !== 'injection')
      found.push({ ...about, kind: 'gross', evidence: -range - right });
    if (channel === 'power') found.push({ ...about, kind: 'reversed', evidence: turned - right });
    return found;
  });
}

interface Group {
  readonly device: string;
  readonly channel: Channel;
  readonly at: number[];
}

function groups(measurements: readonly Measurement[]): Map<string, Group> {
  const found = new Map<string, Group>();
  for (const [at, { device, channel }] of measurements.entries()) {
    const key = `${device}/${channel}`;
    const group = found.get(key);
    if (group === undefined) found.set(key, { device, channel, at: [at] });
    else group.at.push(at);
  }
  return found;
}
