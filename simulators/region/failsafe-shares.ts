import type { ShareKw } from '../../shared/contracts/share-schedule.ts';
import type { PlantInputs } from '../plant/spec.ts';

/**
 * Numbers that never change, as an operator takes them from a record: of a shared limit each substation gets its part in proportion to
 * what it takes, and feeds in, at a quantile of the record. Together they are the limit, kW.
 */
export function sharesOfRecord(
  substations: readonly { readonly id: string; readonly inputs: PlantInputs }[],
  limit: ShareKw,
  { quantile, counts }: { readonly quantile: number; readonly counts: (timeMs: number) => boolean },
): Map<string, ShareKw> {
  const needs = substations.map(({ id, inputs }) => {
    const kw = [...inputs.netKw]
      .filter((_, at) => counts(inputs.startMs + at * inputs.stepMs))
      .toSorted((a, b) => a - b);
    const at = (share: number): number => kw[Math.round(share * (kw.length - 1))] ?? 0;
    return { id, importKw: Math.max(1, at(quantile)), exportKw: Math.max(1, -at(1 - quantile)) };
  });
  const part = (need: ShareKw, side: keyof ShareKw): number =>
    (limit[side] * need[side]) / needs.reduce((sum, each) => sum + each[side], 0);
  return new Map(
    needs.map((need) => [need.id, { importKw: part(need, 'importKw'), exportKw: part(need, 'exportKw') }]),
  );
}
