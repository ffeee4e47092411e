import type { Layout } from './layout.ts';

/** Start of a step, as HH:MMZ. */
export function timeOf({ problem }: Layout, step: number): string {
  const { start, stepsS } = problem.horizon;
  const seconds = Math.floor(start / 1000) + stepsS.slice(0, step).reduce((sum, one) => sum + one, 0);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}Z`;
}
