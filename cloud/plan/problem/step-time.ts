import type { Layout } from './layout.ts';

/** An unchanged plan is still replaced at this age. */
export const OLDEST_PLAN_MS = 30 * 60_000;

/** A time, ms UTC, as HH:MMZ. */
export function clockTime(time: number): string {
  const minutes = Math.floor(time / 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}Z`;
}

/** Start of a step, as HH:MMZ. */
export function timeOf({ problem }: Layout, step: number): string {
  const { start, stepsS } = problem.horizon;
  return clockTime(start + 1000 * stepsS.slice(0, step).reduce((sum, one) => sum + one, 0));
}
