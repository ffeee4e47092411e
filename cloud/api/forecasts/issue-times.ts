import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { parseDuration } from '../conventions.ts';
import { availableAt } from './available-at.ts';

const STEP_MS = 900_000;
const LEAST_EVERY_MS = STEP_MS;

/**
 * Returns the issue times of a backtest over [start, end), ms UTC, ascending. `PT6H` counts from the start; `D-1T0800[zone]` gives that
 * time on the day before each local day of the span.
 */
export function issueTimes(rule: string, { start, end }: { readonly start: number; readonly end: number }): number[] {
  if (rule.startsWith('D')) {
    const issueOf = availableAt(rule, '/body/issue');
    const times = new Set<number>();
    for (let step = start; step < end; step += STEP_MS) times.add(issueOf(step));
    return [...times].toSorted((a, b) => a - b);
  }
  const everyMs = parseDuration(rule, '/body/issue');
  if (everyMs < LEAST_EVERY_MS || everyMs % STEP_MS !== 0)
    throw new LoadstoneError('LS-API-007', 'forecasts are issued on quarter hours', '/body/issue');
  return Array.from({ length: Math.ceil((end - start) / everyMs) }, (_, index) => start + index * everyMs);
}
