import type { ShareKw } from '../../shared/contracts/share-schedule.ts';
import type { PlantInputs } from '../plant/spec.ts';

/** Import and export of a substation at a quantile of its record, kW. */
export function needOfRecord(
  { startMs, stepMs, netKw }: PlantInputs,
  { quantile, counts }: { readonly quantile: number; readonly counts: (timeMs: number) => boolean },
): ShareKw {
  const kw = [...netKw].filter((_, at) => counts(startMs + at * stepMs)).toSorted((a, b) => a - b);
  const at = (share: number): number => kw[Math.round(share * (kw.length - 1))] ?? 0;
  return { importKw: Math.max(1, at(quantile)), exportKw: Math.max(1, -at(1 - quantile)) };
}

/** Splits a limit in proportion to needs; the parts add up to the limit, kW. */
export function partsByNeed(needs: ReadonlyMap<string, ShareKw>, limit: ShareKw): Map<string, ShareKw> {
  const part = (need: ShareKw, side: keyof ShareKw): number =>
    (limit[side] * need[side]) / [...needs.values()].reduce((sum, each) => sum + each[side], 0);
  return new Map(
    [...needs].map(([id, need]) => [id, { importKw: part(need, 'importKw'), exportKw: part(need, 'exportKw') }]),
  );
}
