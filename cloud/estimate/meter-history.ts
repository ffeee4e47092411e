import { sayEstimate } from '../../shared/sentences/estimate-forms.ts';
import type { MeterFinding } from './state.ts';

/** Weeks of a transformer meter's readings on one grid of intervals, load convention; null: no value. */
export interface MeterHistory {
  /** Device id of the meter. */
  readonly device: string;
  readonly ratedKva: number;
  /** Start of the first interval, ms UTC. */
  readonly start: number;
  readonly stepS: number;
  readonly activePowerKw: readonly (number | null)[];
  /** Solar radiation on the same grid, any unit; absent: the sign is not judged. */
  readonly radiation?: readonly (number | null)[];
}

/** A meter that stays within this share of its rating for a day is dead; no real net load does. */
const FLAT_SHARE = 0.002;
const FLAT_HOURS = 24;
/** Judging the sign takes two weeks of data and at least these correlations. */
const SIGN_DAYS = 14;
const SIGN_CORRELATION = 0.5;
const SIGN_ANOMALY = 0.3;

/**
 * Judges a substation's meter by its history, so that a dead or reversed one is known before the first live reading. A dead meter has read
 * one value for at least the last day. A reversed one rises with the sun, within the day and on bright against dull days at the same hour,
 * and shows feed-in at night.
 */
export function judgeHistory(history: MeterHistory): MeterFinding[] {
  return [dead(history) ?? reversed(history)].filter((finding) => finding !== undefined);
}

function dead({ device, ratedKva, start, stepS, activePowerKw }: MeterHistory): MeterFinding | undefined {
  const band = FLAT_SHARE * ratedKva;
  let low = Infinity;
  let high = -Infinity;
  let count = 0;
  let since = -1;
  for (let at = activePowerKw.length - 1; at >= 0; at--) {
    const value = activePowerKw[at];
    if (value === null || value === undefined) continue;
    if (Math.max(high, value) - Math.min(low, value) > band) break;
    high = Math.max(high, value);
    low = Math.min(low, value);
    count++;
    since = at;
  }
  const hours = (count * stepS) / 3600;
  if (hours < FLAT_HOURS) return undefined;
  return {
    device,
    finding: 'dead',
    since: start + since * stepS * 1000,
    ...sayEstimate(
      'reads {least} to {most} kW for {hours} h on end, within {share} % of its rating; a net load of a substation is never that still',
      { least: low.toFixed(1), most: high.toFixed(1), hours: Math.floor(hours), share: FLAT_SHARE * 100 },
    ),
  };
}

function reversed(history: MeterHistory): MeterFinding | undefined {
  const { device, start, stepS, radiation } = history;
  if (radiation === undefined) return undefined;
  const pairs = pairsOf(history, radiation);
  if ((pairs.length * stepS) / 86_400 < SIGN_DAYS) return undefined;
  const whole = correlation(
    pairs.map(({ kw }) => kw),
    pairs.map(({ sun }) => sun),
  );
  const brightest = pairs.reduce((most, { sun }) => Math.max(most, sun), 0);
  const perDay = Math.round(86_400 / stepS);
  const day = anomalies(pairs, perDay).filter(({ bright }) => bright > 0.05 * brightest);
  const anomaly = correlation(
    day.map(({ kw }) => kw),
    day.map(({ sun }) => sun),
  );
  const night = pairs.filter(({ sun }) => sun < 0.001 * brightest).map(({ kw }) => kw);
  const nightMean = mean(night);
  if (!(whole >= SIGN_CORRELATION && anomaly >= SIGN_ANOMALY && night.length > 0 && nightMean < 0)) return undefined;
  return {
    device,
    finding: 'reversed',
    since: start,
    ...sayEstimate(
      'rises with the sun (correlation {correlation}, {anomaly} between bright and dull days at the same hour) and shows {value} kW of feed-in by night: it counts with the wrong sign',
      { correlation: whole.toFixed(2), anomaly: anomaly.toFixed(2), value: Math.abs(nightMean).toFixed(0) },
    ),
  };
}

interface Pair {
  readonly at: number;
  readonly kw: number;
  readonly sun: number;
}

function pairsOf({ activePowerKw }: MeterHistory, radiation: readonly (number | null)[]): Pair[] {
  return activePowerKw.flatMap((kw, at): Pair[] => {
    const sun = radiation[at];
    return kw === null || sun === null || sun === undefined || !Number.isFinite(kw + sun) ? [] : [{ at, kw, sun }];
  });
}

/** Both series minus their mean at the same time of day. */
function anomalies(pairs: readonly Pair[], perDay: number): { kw: number; sun: number; bright: number }[] {
  const sums = Array.from({ length: perDay }, () => ({ count: 0, kw: 0, sun: 0 }));
  for (const { at, kw, sun } of pairs) {
    const slot = sums[at % perDay]!;
    slot.count++;
    slot.kw += kw;
    slot.sun += sun;
  }
  return pairs.map(({ at, kw, sun }) => {
    const slot = sums[at % perDay]!;
    return { kw: kw - slot.kw / slot.count, sun: sun - slot.sun / slot.count, bright: sun };
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Pearson correlation; 0 if a series is constant. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [at, value] of a.entries()) {
    const x = value - meanA;
    const y = b[at]! - meanB;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
