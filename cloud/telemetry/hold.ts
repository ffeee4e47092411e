import { qualityOf, qualityRank } from './marks.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import type { Interval } from './store.ts';

/**
 * How long a value holds if no other follows: as long as the last spacing of its series (at most `maxIntervalMs`, which also applies
 * without a predecessor) plus `graceMs`. After that there is a gap.
 */
export interface Hold {
  readonly maxIntervalMs: number;
  readonly graceMs: number;
}

export const defaultHold: Hold = { maxIntervalMs: 900_000, graceMs: 300_000 };

/** Maximum time for which a value may count. */
export const reachMs = (hold: Hold): number => hold.maxIntervalMs + hold.graceMs;

/**
 * Samples from this long before a range determine everything in it: the values that reach into it, and the spacing of the first of them.
 */
export const lookbackMs = (hold: Hold): number => reachMs(hold) + hold.maxIntervalMs;

export interface Grid {
  /** Start of the first interval, ms UTC: a multiple of `stepMs`. */
  readonly start: number;
  readonly stepMs: number;
  readonly count: number;
}

/** The intervals of `resolutionS` that touch [start, end). */
export function gridOf(query: { start: number; end: number; resolutionS: number }): Grid {
  const stepMs = query.resolutionS * 1000;
  const start = Math.floor(query.start / stepMs) * stepMs;
  return { start, stepMs, count: Math.max(0, Math.ceil((query.end - start) / stepMs)) };
}

export const emptyInterval = (start: number): Interval => ({
  start,
  mean: null,
  min: null,
  max: null,
  coverage: 0,
  quality: 'bad',
});

/** Sums of one interval while it is filled. */
interface Cell {
  area: number;
  covered: number;
  min: number;
  max: number;
  rank: number;
}

/**
 * Time-weighted means with last-value hold. `samples` are in time order and begin at least `lookbackMs` before the grid; none is held
 * beyond `horizon`, the moment of observation.
 */
export function intervalMeans(samples: readonly Sample[], grid: Grid, hold: Hold, horizon = Infinity): Interval[] {
  const cells = Array.from<Cell | undefined>({ length: grid.count });
  const gridEnd = grid.start + grid.count * grid.stepMs;
  let previous: number | undefined;
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i]!;
    const { time } = sample;
    if (time >= gridEnd) break;
    const spacing = previous === undefined ? hold.maxIntervalMs : Math.min(time - previous, hold.maxIntervalMs);
    const next = samples[i + 1]?.time ?? Infinity;
    const until = Math.min(next, time + spacing + hold.graceMs, horizon, gridEnd);
    spread(cells, grid, sample, until);
    if (next > time) previous = time;
  }
  return Array.from({ length: grid.count }, (_, k) => finish(cells[k], grid.start + k * grid.stepMs, grid.stepMs));
}

function spread(cells: (Cell | undefined)[], grid: Grid, sample: Sample, until: number): void {
  const { value } = sample;
  const rank = qualityRank(sample.quality);
  let from = Math.max(sample.time, grid.start);
  while (from < until) {
    const index = Math.floor((from - grid.start) / grid.stepMs);
    const to = Math.min(until, grid.start + (index + 1) * grid.stepMs);
    const cell = (cells[index] ??= { area: 0, covered: 0, min: Infinity, max: -Infinity, rank: 0 });
    cell.area += value * (to - from);
    cell.covered += to - from;
    if (value < cell.min) cell.min = value;
    if (value > cell.max) cell.max = value;
    if (rank > cell.rank) cell.rank = rank;
    from = to;
  }
}

function finish(cell: Cell | undefined, start: number, stepMs: number): Interval {
  if (cell === undefined) return emptyInterval(start);
  const mean = Math.min(cell.max, Math.max(cell.min, cell.area / cell.covered));
  const { min, max } = cell;
  return { start, mean, min, max, coverage: cell.covered / stepMs, quality: qualityOf(cell.rank) };
}

/** Joins finer intervals (in order, each within one interval of the grid) into the grid's, weighted by coverage. */
export function joinIntervals(parts: readonly Interval[], partMs: number, grid: Grid): Interval[] {
  const cells = Array.from<Cell | undefined>({ length: grid.count });
  for (const part of parts) {
    const index = Math.floor((part.start - grid.start) / grid.stepMs);
    if (part.mean === null || index < 0 || index >= grid.count) continue;
    const cell = (cells[index] ??= { area: 0, covered: 0, min: Infinity, max: -Infinity, rank: 0 });
    const covered = part.coverage * partMs;
    cell.area += part.mean * covered;
    cell.covered += covered;
    cell.min = Math.min(cell.min, part.min ?? Infinity);
    cell.max = Math.max(cell.max, part.max ?? -Infinity);
    cell.rank = Math.max(cell.rank, qualityRank(part.quality));
  }
  return Array.from({ length: grid.count }, (_, k) => finish(cells[k], grid.start + k * grid.stepMs, grid.stepMs));
}
