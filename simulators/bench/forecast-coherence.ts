import { familiesOf } from '../../cloud/forecast/serve/sums/reconciled.ts';
import type { ForecastTarget } from '../../cloud/forecast/registry/forecast-target.ts';
import type { Forecast } from '../../shared/contracts/forecast.ts';
import { meanPinball } from '../../shared/forecast/quantiles.ts';

interface Account {
  n: number;
  before: number;
  after: number;
  insideBefore: number;
  insideAfter: number;
}

const STEP_MS = 900_000;

/**
 * How well forecasts add up, and what reconciliation does by level (region, substation, feeder, rest) to the pinball loss over all
 * quantiles and to the P10 to P90 coverage. Compares each forecast with its unreconciled form, over all steps and issues.
 */
export function coherenceOf(
  forecasts: ReadonlyMap<string, readonly Forecast[]>,
  targets: readonly Pick<ForecastTarget, 'id' | 'within' | 'isRest'>[],
  actual: (target: string, time: number) => number,
) {
  const accounts = new Map<string, Account>();
  for (const [target, list] of forecasts) {
    const level = target.replace(/:.*$/, '');
    const account = accounts.get(level) ?? { n: 0, before: 0, after: 0, insideBefore: 0, insideAfter: 0 };
    accounts.set(level, account);
    for (const forecast of list) count(account, forecast, (time) => actual(target, time));
  }
  const levels = [...accounts].map(([level, { n, before, after, insideBefore, insideAfter }]) => ({
    level,
    n,
    pinballKw: { before: round(before / n), after: round(after / n) },
    ratio: round(after / before),
    coverage80: { before: round(insideBefore / n), after: round(insideAfter / n) },
  }));
  return { largestGapOfMeansPct: round(largestGap(forecasts, familiesOf(targets))), levels };
}

function count(account: Account, forecast: Forecast, actual: (time: number) => number): void {
  const { start, values, quantiles, mean, reconciled } = forecast;
  if (mean === undefined || reconciled === undefined) return;
  for (const [step, before] of reconciled.before.entries()) {
    const came = actual(start + step * STEP_MS);
    const spread = reconciled.spread[step]!;
    if (Number.isNaN(came) || spread === 0) continue;
    const after = values.map((row) => row[step]!);
    const was = after.map((value) => before + (value - mean[step]!) / spread);
    account.n++;
    account.before += meanPinball(quantiles, came, (q) => was[q]!);
    account.after += meanPinball(quantiles, came, (q) => after[q]!);
    account.insideBefore += Number(came >= was[1]! && came <= was.at(-2)!);
    account.insideAfter += Number(came >= after[1]! && came <= after.at(-2)!);
  }
}

/** Largest gap between the mean of a whole and the sum of its parts' means, in percent of the whole's mean |mean|. */
function largestGap(
  forecasts: ReadonlyMap<string, readonly Forecast[]>,
  families: ReturnType<typeof familiesOf>,
): number {
  let largest = 0;
  for (const { whole, parts } of families) {
    for (const each of forecasts.get(whole) ?? []) {
      const others = parts.map((part) => forecasts.get(part)?.find(({ start }) => start === each.start));
      if (!others.every((other) => other?.reconciled !== undefined) || each.reconciled === undefined) continue;
      const size = each.mean!.reduce((sum, value) => sum + Math.abs(value), 0) / each.mean!.length;
      for (const [step, value] of each.mean!.entries()) {
        const sum = others.reduce((all, other) => all + other!.mean![step]!, 0);
        largest = Math.max(largest, (100 * Math.abs(value - sum)) / Math.max(1, size));
      }
    }
  }
  return largest;
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
