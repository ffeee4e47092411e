import type { ForecastAnswer, MeasuredSeries } from '../../../../shared/contracts/planner.ts';

/** A column of a chart; null is a gap. */
export type Column = readonly (number | null)[];
/** Values of steps from `start`, each labelled by its start, ms UTC. */
export interface Steps {
  readonly start: number;
  readonly stepMs: number;
  readonly values: Column;
}

const RESOLUTION_MS: Readonly<Record<string, number>> = { PT15M: 900_000, PT30M: 1_800_000, PT1H: 3_600_000 };

export const resolutionMs = (name: string): number => RESOLUTION_MS[name] ?? 900_000;

export const measuredSteps = (answer: MeasuredSeries): Steps => ({
  start: Date.parse(answer.start),
  stepMs: resolutionMs(answer.resolution),
  values: answer.values,
});

export const quantileSteps = (
  answer: Pick<ForecastAnswer, 'start' | 'resolution' | 'values'>,
  quantile: string,
): Steps => ({
  start: Date.parse(answer.start),
  stepMs: resolutionMs(answer.resolution),
  values: answer.values[`quantile_${quantile}`] ?? [],
});

const at = ({ start, stepMs, values }: Steps, time: number): number | null => {
  const index = (time - start) / stepMs;
  return Number.isInteger(index) ? (values[index] ?? null) : null;
};

const endOf = ({ start, stepMs, values }: Steps): number => start + stepMs * values.length;

/** Aligns series to one axis, ms UTC, at their shortest step; null where a series has no value. */
export function align(series: readonly Steps[]): {
  readonly times: readonly number[];
  readonly columns: readonly Column[];
} {
  const filled = series.filter(({ values }) => values.length > 0);
  if (filled.length === 0) return { times: [], columns: series.map(() => []) };
  const stepMs = Math.min(...filled.map((each) => each.stepMs));
  const from = Math.min(...filled.map(({ start }) => start));
  const to = Math.max(...filled.map(endOf));
  const times = Array.from({ length: Math.round((to - from) / stepMs) }, (_, index) => from + index * stepMs);
  return { times, columns: series.map((each) => times.map((time) => at(each, time))) };
}

export interface ErrorSoFar {
  readonly steps: number;
  readonly maeKw: number;
  readonly biasKw: number;
  /** Share of the steps between P10 and P90. */
  readonly inBand: number | null;
}

/** Returns the forecast's error over the steps measured since; null if there are none yet. */
export function errorSoFar(forecast: ForecastAnswer, measured: Steps): ErrorSoFar | null {
  const median = quantileSteps(forecast, 'P50');
  const [low, high] = [quantileSteps(forecast, 'P10'), quantileSteps(forecast, 'P90')];
  const errors: number[] = [];
  let inBand = 0;
  let banded = 0;
  for (let step = 0; step < median.values.length; step++) {
    const time = median.start + step * median.stepMs;
    const [actual, expected] = [at(measured, time), at(median, time)];
    if (actual === null || expected === null) continue;
    errors.push(expected - actual);
    const [below, above] = [at(low, time), at(high, time)];
    if (below === null || above === null) continue;
    banded++;
    if (actual >= below && actual <= above) inBand++;
  }
  if (errors.length === 0) return null;
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    steps: errors.length,
    maeKw: mean(errors.map(Math.abs)),
    biasKw: mean(errors),
    inBand: banded === 0 ? null : inBand / banded,
  };
}

/** Returns the step closest to its limit, or farthest beyond it, in import or feed-in. */
export function peakOf(
  steps: Steps,
  limits: { importKw: number; exportKw: number } | null,
): { kw: number; at: number; share: number } | null {
  if (limits === null) return null;
  let best: { kw: number; at: number; share: number } | null = null;
  for (const [index, kw] of steps.values.entries()) {
    if (kw === null) continue;
    const share = kw < 0 ? -kw / limits.exportKw : kw / limits.importKw;
    if (best === null || share > best.share) best = { kw, at: steps.start + index * steps.stepMs, share };
  }
  return best;
}
