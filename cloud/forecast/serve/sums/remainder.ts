import type { Forecast } from '../../../../shared/contracts/forecast.ts';
import { indexOfLevel } from '../../../../shared/forecast/quantiles.ts';
import { meansOf } from '../means.ts';
import { roundedKw } from '../rounded-kw.ts';

/** Model of a rest without measurements of its own. */
const REMAINDER = 'rest-of-whole';

/** A rest without measurements has no past either, from which a longer forecast could be made. */
export const isRemainder = ({ model }: Pick<Forecast, 'model'>): boolean => model.id === REMAINDER;

/**
 * The forecast of a rest whose load is unknown: what the known parts leave of their whole, so that they add up. Errors of whole and parts
 * count as independent, which makes its band wide. `lacking`: parts without a forecast, which it contains.
 */
export function remainderOf(
  target: string,
  whole: Forecast,
  { parts, lacking }: { readonly parts: readonly Forecast[]; readonly lacking: readonly string[] },
): Forecast {
  const { quantiles, issuedAt, start, resolutionS, weather } = whole;
  const all = [whole, ...parts];
  const steps = Math.min(...all.map(({ values }) => values[0]!.length));
  const middle = indexOfLevel(quantiles, 0.5);
  const left = (of: (forecast: Forecast) => number): number => parts.reduce((rest, part) => rest - of(part), of(whole));
  const values = quantiles.map((level, q) =>
    Array.from({ length: steps }, (_, step) => {
      // A part that is low leaves much.
      const other = quantiles.length - 1 - q;
      const off = all.map(({ values: rows }, at) => rows[at === 0 ? q : other]![step]! - rows[middle]![step]!);
      return roundedKw(left(({ values: rows }) => rows[middle]![step]!) + Math.sign(level - 0.5) * Math.hypot(...off));
    }),
  );
  const means = new Map(all.map((each) => [each, each.mean ?? meansOf(quantiles, each.values)]));
  return {
    id: `${target.replace(':', '-')}-${new Date(issuedAt).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase()}-whole`,
    kind: 'issued',
    target,
    load: 'uncontrolled',
    issuedAt,
    dataUpTo: Math.min(...all.map(({ dataUpTo }) => dataUpTo)),
    start,
    resolutionS,
    quantiles,
    values,
    mean: Array.from({ length: steps }, (_, step) => roundedKw(left((each) => means.get(each)![step]!))),
    model: { id: REMAINDER, sha256: null, members: {} },
    weather,
    inputCompleteness: 0,
    fallback: null,
    calibration: null,
    warnings: [
      `not measured: what ${[whole, ...parts].map((each) => each.target).join(' less ')} leaves`,
      ...lacking.map((id) => `it contains ${id}, which has no forecast`),
    ],
  };
}
