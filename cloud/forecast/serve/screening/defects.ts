/** Defects of a measured series, as visible in its interval means. */
export const defectKinds = ['gap', 'flatLine', 'spike', 'signFlip', 'duplicate', 'clockJump', 'unitChange'] as const;
export type DefectKind = (typeof defectKinds)[number];

export interface Defect {
  readonly kind: DefectKind;
  /** Half open: indices of the series, or ms UTC where stated. */
  readonly from: number;
  readonly to: number;
  /** Description for people, such as `repeats 120.0 kW`. */
  readonly text: string;
}

const words: Readonly<Record<DefectKind, string>> = {
  gap: 'gap',
  flatLine: 'flat line',
  spike: 'spike',
  signFlip: 'sign flip',
  duplicate: 'duplicate',
  clockJump: 'clock jump',
  unitChange: 'unit change',
};

/** Format: `sign flip from 2021-09-20T06:00Z to 2021-09-21T18:15Z: fits with the opposite sign`; times in ms UTC, half open. */
export function defectText({ kind, from, to, text }: Defect): string {
  const at = (time: number): string => `${new Date(time).toISOString().slice(0, 16)}Z`;
  return `${words[kind]} from ${at(from)} to ${at(to)}: ${text}`;
}

/** The same defect with the times of a series instead of its indices. */
export function timedDefect(
  defect: Defect,
  { start, stepS }: { readonly start: number; readonly stepS: number },
): Defect {
  const at = (index: number): number => start + index * stepS * 1000;
  return { ...defect, from: at(defect.from), to: at(defect.to) };
}
