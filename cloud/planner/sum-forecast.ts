import type { Forecast, ForecastFallback } from '../../shared/contracts/forecast.ts';
import { indexOfLevel } from '../../shared/forecast/quantiles.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { roundedKw } from '../forecast/rounded-kw.ts';
import { withRest } from '../forecast/components.ts';
import type { JointSum } from '../forecast/sums/joint-sums.ts';

const LEVELS: readonly ForecastFallback['level'][] = ['linear', 'lastGood', 'sameHourMean'];

/**
 * The forecast of a sum from those of its members, which start together. Its quantiles are `joint`; its age, weather and
 * completeness are those of the member that is worst off.
 */
export function sumForecast(
  name: { readonly id: string; readonly target: string },
  members: readonly Forecast[],
  joint: JointSum | undefined,
): Forecast {
  const [first] = members;
  if (first === undefined || joint === undefined)
    throw new LoadstoneError(
      'LS-FORECAST-008',
      'the errors of these targets are not known together yet: each needs three weeks of load',
      '/body/target',
    );
  const { quantiles } = first;
  const steps = joint.raw.length / quantiles.length;
  const weathers = members.flatMap(({ weather }) => (weather === null ? [] : [weather]));
  const failed = members.filter(({ fallback }) => fallback !== null);
  const worst = failed.toSorted((a, b) => LEVELS.indexOf(b.fallback!.level) - LEVELS.indexOf(a.fallback!.level))[0];
  const warnings = members.flatMap(({ target, warnings: each }) => each.map((warning) => `${target}: ${warning}`));
  if (joint.of === 'mean of the week')
    warnings.push('how errors go together is taken from the mean of the week: these forecasts have too short a past');
  const { components: _, ...plain } = first;
  const values = quantiles.map((_, q) =>
    Array.from({ length: steps }, (_, step) => roundedKw(joint.raw[step * quantiles.length + q]!)),
  );
  const split = members.flatMap(({ components }) => (components === undefined ? [] : [components]));
  const added = (of: 'solar' | 'wind'): number[] =>
    Array.from({ length: steps }, (_, step) => roundedKw(split.reduce((sum, each) => sum + each[of][step]!, 0)));
  const median = values[indexOfLevel(quantiles, 0.5)]!;
  return {
    ...plain,
    ...name,
    ...(split.length === members.length && { components: withRest(median, added('solar'), added('wind')) }),
    issuedAt: Math.max(...members.map(({ issuedAt }) => issuedAt)),
    dataUpTo: Math.min(...members.map(({ dataUpTo }) => dataUpTo)),
    values,
    model: { id: 'sum-of-parts', sha256: null, members: { parts: 1 } },
    weather: weathers.toSorted((a, b) => a.issuedAt - b.issuedAt)[0] ?? null,
    inputCompleteness: Math.min(...members.map(({ inputCompleteness }) => inputCompleteness)),
    fallback:
      worst === undefined
        ? null
        : {
            level: worst.fallback!.level,
            reason: `${worst.fallback!.reason} (${worst.target})`,
            since: Math.min(...failed.map(({ fallback }) => fallback!.since)),
          },
    calibration: null,
    warnings: [...new Set(warnings)],
  };
}
