import { quantileOfSorted } from '../../../../shared/forecast/quantiles.ts';
import type { LoadSeries } from '../../../../shared/forecast/series.ts';
import type { Defect } from './defects.ts';
import type { Expectation } from './expectation.ts';
import { maximalSegments } from './segments.ts';

/** An explanation of a wrong measurement: the true value by a factor, or at another time. */
interface Hypothesis {
  readonly kind: 'signFlip' | 'unitChange' | 'clockJump';
  /** True value over measured value. */
  readonly factor: number;
  /** The measured value belongs this many hours later. */
  readonly hours: number;
  readonly text: string;
}

const factor = (kind: Hypothesis['kind'], value: number, text: string): Hypothesis => ({
  kind,
  factor: value,
  hours: 0,
  text,
});
const shift = (hours: number): Hypothesis => ({
  kind: 'clockJump',
  factor: 1,
  hours,
  text: `fits ${Math.abs(hours)} h ${hours > 0 ? 'later' : 'earlier'}`,
});

const HYPOTHESES: readonly Hypothesis[] = [
  factor('signFlip', -1, 'fits with the opposite sign'),
  ...[1000, 100, 10].flatMap((each) => [
    factor('unitChange', each, `fits if multiplied by ${each}`),
    factor('unitChange', 1 / each, `fits if divided by ${each}`),
  ]),
  ...[1, 2, 3, 6, 12].flatMap((hours) => [shift(hours), shift(-hours)]),
];

interface Bar {
  /** Shortest stretch: a few values are a spike, and a shift in time needs the shape of a day. */
  readonly hours: number;
  /** Cost of each step and required total gain of an explanation, as log likelihood of independent steps. */
  readonly stepCost: number;
  readonly gain: number;
  /** Largest mean loss per step: the explanation itself has to fit. */
  readonly loss: number;
}

const BARS: Readonly<Record<Hypothesis['kind'], Bar>> = {
  signFlip: { hours: 12, stepCost: 0.5, gain: 60, loss: 1.2 },
  unitChange: { hours: 3, stepCost: 0.5, gain: 60, loss: 2.5 },
  clockJump: { hours: 48, stepCost: 0.25, gain: 120, loss: 1.2 },
};
/** For another sign or time: the explanation's loss relative to that of the measured values, at most. */
const MOST_SHARE = 0.5;
/** Without weather, a storm or a dull day is as unusual as a fault, so the gain has to be this many times larger. */
const BLIND = 3;
/** Smallest size of the corrected values of a measurement that is too small, in standard deviations. */
const LEAST_SIZE = 0.5;
const KNEE = 1.5;
/** A change of sign or unit takes one step and makes the series jump by at least this multiple of its P90 step. */
const JUMP_STEPS = 2.5;
/** The jump is searched this far around the ends of the misfit. */
const JUMP_REACH_HOURS = 12;

/** Finds stretches that do not fit the expectation, but would with another sign, unit or time; one slice per hypothesis. */
export function* misfitsIn(series: LoadSeries, { mean, spread, weather }: Expectation): Generator<void, Defect[]> {
  const { values, stepS } = series;
  const hour = 3600 / stepS;
  const sizes = values.map(Math.abs);
  const plain = values.map((value, i) => huber((value - mean[i]!) / spread[i]!));
  const jumps = new Jumps(series);
  const found: (Defect & { readonly gain: number })[] = [];
  for (const hypothesis of HYPOTHESES) {
    yield;
    const { kind, factor, hours, text } = hypothesis;
    const bar = BARS[kind];
    const later = Math.round(hours * hour);
    const other = values.map((value, i) => {
      const at = i + later;
      return huber((factor * value - (mean[at] ?? Number.NaN)) / (spread[at] ?? 1));
    });
    const jacobian = Math.log(Math.abs(factor));
    const scores = plain.map((loss, i) => {
      const gain = loss - other[i]! + jacobian;
      return (Number.isNaN(gain) ? 0 : gain) - bar.stepCost;
    });
    for (const { from, to, score } of maximalSegments(scores)) {
      if (to - from < bar.hours * hour || score < bar.gain * (weather ? 1 : BLIND)) continue;
      const [before, after] = [meanOf(plain, from, to), meanOf(other, from, to)];
      if (after > bar.loss || (factor * factor === 1 && after > MOST_SHARE * before)) continue;
      // Zeros fit in any unit.
      if (factor > 1 && factor * meanOf(sizes, from, to) < LEAST_SIZE * meanOf(spread, from, to)) continue;
      const edges = jumps.around({ from, to }, factor, jumpsNeeded(hypothesis, weather));
      if (edges !== undefined) found.push({ kind, ...edges, text, gain: score });
    }
  }
  // Of overlapping explanations, the one with the largest gain stays.
  const chosen: Defect[] = [];
  for (const { gain: _, ...defect } of found.toSorted((a, b) => b.gain - a.gain))
    if (!chosen.some(({ from, to }) => defect.from < to && from < defect.to)) chosen.push(defect);
  return chosen;
}

/**
 * Number of a stretch's two ends that have to jump. A jump may be hidden where the load crosses zero. With little other evidence, as
 * without weather, both ends have to jump. A factor of 100 or more and a shift in time need no jump.
 */
function jumpsNeeded({ kind, factor }: Hypothesis, weather: boolean): number {
  if (kind === 'clockJump' || factor >= 100) return 0;
  return factor <= 0.01 || weather ? 1 : 2;
}

/** Finds where a series would continue smoothly with a factor, and does not without it. */
class Jumps {
  readonly #values: Float64Array;
  readonly #reach: number;
  readonly #least: number;

  constructor({ values, stepS }: LoadSeries) {
    this.#values = values;
    this.#reach = Math.round((JUMP_REACH_HOURS * 3600) / stepS);
    const steps = values.map((value, i) => Math.abs(value - (values[i - 1] ?? Number.NaN)));
    this.#least = JUMP_STEPS * quantileOfSorted(steps.filter((step) => !Number.isNaN(step)).sort(), 0.9);
  }

  /** The stretch from jump to jump; undefined if fewer than `least` ends jump. The end of the series counts as a jump. */
  around(
    { from, to }: { from: number; to: number },
    factor: number,
    least: number,
  ): { from: number; to: number } | undefined {
    if (least === 0) return { from, to };
    const reach = Math.min(this.#reach, Math.floor((to - from) / 2));
    const start = this.#near(from, reach, (before, after) => [before, factor * after]);
    const end = this.#near(to, reach, (before, after) => [factor * before, after]);
    const ends = Number(to >= this.#values.length);
    if (Number(start !== undefined) + Number(end !== undefined) < Math.max(1, least - ends)) return undefined;
    return { from: start ?? from, to: end ?? to };
  }

  /** For missing values before a step, uses the last known one. */
  #near(
    middle: number,
    reach: number,
    mended: (before: number, after: number) => [number, number],
  ): number | undefined {
    let best: { at: number; gain: number } | undefined;
    let before = Number.NaN;
    for (let at = Math.max(0, middle - reach - 1); at <= middle + reach && at < this.#values.length; at++) {
      const after = this.#values[at]!;
      if (Number.isNaN(after)) continue;
      const [left, right] = mended(before, after);
      const gain = Math.abs(after - before) - Math.abs(right - left);
      if (gain > this.#least && (best === undefined || gain > best.gain)) best = { at, gain };
      before = after;
    }
    return best?.at;
  }
}

const huber = (z: number): number => (Math.abs(z) <= KNEE ? (z * z) / 2 : KNEE * (Math.abs(z) - KNEE / 2));

function meanOf(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  let count = 0;
  for (let i = from; i < to; i++) {
    if (Number.isNaN(values[i]!)) continue;
    sum += values[i]!;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
