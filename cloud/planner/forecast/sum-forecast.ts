import type { Forecast, ForecastFallback } from '../../../shared/contracts/forecast.ts';
import { indexOfLevel } from '../../../shared/forecast/quantiles.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { roundedKw } from '../../forecast/serve/rounded-kw.ts';
import { WEATHER_KINDS, weatherKind } from '../../forecast/serve/weather-kind.ts';
import { withRest } from '../../forecast/serve/components.ts';
import type { JointSum } from '../../forecast/serve/sums/joint-sums.ts';

const OF_PARTS: Forecast['model'] = { id: 'sum-of-parts', sha256: null, members: { parts: 1 } };
const LEVELS: readonly ForecastFallback['level'][] = ['substitutedInput', 'linear', 'lastGood', 'sameHourMean'];

/**
 * The forecast of a sum from its members' forecasts, which must start together. Its quantiles are `joint`; its age, weather and
 * completeness are the worst of its members'.
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
      'the joint errors of these targets are not known yet; each target needs three weeks of load',
      '/body/target',
    );
  const { quantiles } = first;
  const steps = joint.raw.length / quantiles.length;
  const weathers = members.flatMap(({ weather }) => (weather === null ? [] : [weather]));
  const warnings = members.flatMap(({ target, warnings: each }) => each.map((warning) => `${target}: ${warning}`));
  if (joint.of === 'mean of the week')
    warnings.push(
      'error correlations are taken from the mean of the week because these forecasts have too short a history',
    );
  if (first.extension !== undefined)
    warnings.push('beyond the second day, errors are assumed to correlate as on that day');
  const { components: _, extension, mean: _mean, reconciled: _reconciled, ...plain } = first;
  const values = quantiles.map((_, q) =>
    Array.from({ length: steps }, (_, step) => roundedKw(joint.raw[step * quantiles.length + q]!)),
  );
  const split = members.flatMap(({ components }) => (components === undefined ? [] : [components]));
  const splitSteps = Math.min(steps, ...split.map(({ solar }) => solar.length));
  const added = (of: 'solar' | 'wind'): number[] =>
    Array.from({ length: splitSteps }, (_, step) => roundedKw(split.reduce((sum, each) => sum + each[of][step]!, 0)));
  const median = values[indexOfLevel(quantiles, 0.5)]!;
  return {
    ...plain,
    ...name,
    ...(split.length === members.length && { components: withRest(median, added('solar'), added('wind')) }),
    issuedAt: Math.max(...members.map(({ issuedAt }) => issuedAt)),
    dataUpTo: Math.min(...members.map(({ dataUpTo }) => dataUpTo)),
    values,
    ...(members.every(({ mean }) => mean !== undefined) && {
      mean: Array.from({ length: steps }, (_, step) =>
        roundedKw(members.reduce((sum, { mean }) => sum + mean![step]!, 0)),
      ),
    }),
    model: OF_PARTS,
    weather: weathers.toSorted((a, b) => kindOf(a) - kindOf(b) || a.issuedAt - b.issuedAt)[0] ?? null,
    inputCompleteness: Math.min(...members.map(({ inputCompleteness }) => inputCompleteness)),
    fallback: worstOf(members.map(({ target, fallback }) => ({ target, fallback }))),
    ...(extension && {
      extension: {
        from: extension.from,
        model: OF_PARTS,
        fallback: worstOf(members.map((each) => ({ target: each.target, fallback: each.extension?.fallback ?? null }))),
      },
    }),
    calibration: null,
    warnings: [...new Set(warnings)],
  };
}

/** Most flattering kind first: if one part knew the actual weather, so did the sum. */
const kindOf = (weather: Forecast['weather']): number => WEATHER_KINDS.indexOf(weatherKind(weather));

/** The worst fallback among the members, since the earliest of them; null if none is on a fallback. */
function worstOf(
  members: readonly { readonly target: string; readonly fallback: ForecastFallback | null }[],
): ForecastFallback | null {
  const failed = members.flatMap(({ target, fallback }) => (fallback === null ? [] : [{ target, ...fallback }]));
  const worst = failed.toSorted((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level))[0];
  if (worst === undefined) return null;
  return {
    level: worst.level,
    reason: `${worst.reason} (${worst.target})`,
    since: Math.min(...failed.map(({ since }) => since)),
  };
}
