import { Type, type Static } from 'typebox';
import { TimeMs } from './ids.ts';

const magnitude = Type.Number({ minimum: 0 });
const closed = { additionalProperties: false } as const;

/** A gateway's share of the region's limit per step; magnitudes, kW. After the last step, `after` holds: the static share. */
export const ShareSchedule = Type.Object(
  {
    start: TimeMs,
    stepsS: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 400 }),
    importKw: Type.Array(magnitude, { maxItems: 400 }),
    exportKw: Type.Array(magnitude, { maxItems: 400 }),
    after: Type.Object({ importKw: magnitude, exportKw: magnitude }, closed),
  },
  closed,
);
export type ShareSchedule = Static<typeof ShareSchedule>;

export interface ShareKw {
  readonly importKw: number;
  readonly exportKw: number;
}

/** The share at `time`. The first step also holds before its start. */
export function shareAt({ start, stepsS, importKw, exportKw, after }: ShareSchedule, time: number): ShareKw {
  let end = start;
  for (const [step, seconds] of stepsS.entries()) {
    end += 1000 * seconds;
    if (time < end) return { importKw: importKw[step] ?? after.importKw, exportKw: exportKw[step] ?? after.exportKw };
  }
  return after;
}

/** Moments at which the share changes. */
export function changesOf({ start, stepsS }: ShareSchedule): number[] {
  let at = start;
  return [start, ...stepsS.map((seconds) => (at += 1000 * seconds))];
}
