import { Type, type Static } from 'typebox';
import { readConfig } from '../../../shared/config/read-config.ts';
import { stepTimes } from './series.ts';

/** CO2 intensity of the grid's supply, in equal intervals; null: unknown. */
export const Co2Series = Type.Object({
  version: Type.Literal(1),
  source: Type.String(),
  /** Start of the first interval, ms UTC. */
  start: Type.Integer(),
  resolutionS: Type.Integer({ minimum: 60 }),
  kgPerMwh: Type.Array(Type.Union([Type.Number({ minimum: 0 }), Type.Null()]), { maxItems: 1_000_000 }),
});
export type Co2Series = Static<typeof Co2Series>;

/** Reads a series from the text of a file. Throws an LS-CONFIG error that names file, line and key of what does not fit. */
export const co2Of = (text: string, file: string): Co2Series => readConfig(Co2Series, { file, text });

/** Intensity at the middle of each step, kg/MWh. Steps without a value take the fallback and count as missing. */
export function co2OnSteps(
  series: Co2Series | undefined,
  horizon: { readonly start: number; readonly stepsS: readonly number[] },
  fallback: number,
): { readonly kgPerMwh: number[]; readonly missing: number } {
  let missing = 0;
  const kgPerMwh = stepTimes(horizon.start, horizon.stepsS).map((time, step) => {
    const middle = time + horizon.stepsS[step]! * 500;
    const at = series === undefined ? -1 : Math.floor((middle - series.start) / (series.resolutionS * 1000));
    const value = series?.kgPerMwh[at] ?? undefined;
    if (value === undefined) missing++;
    return value ?? fallback;
  });
  return { kgPerMwh, missing };
}
