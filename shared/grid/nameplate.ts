/** No-load losses and magnetising power of a transformer from its iron losses and no-load current. */
export function noLoadPower(
  ironKw: number,
  currentPct: number,
  ratedKva: number,
): { ironKw: number; magnetisingKvar: number } {
  const apparent = (currentPct / 100) * ratedKva;
  return { ironKw, magnetisingKvar: Math.sqrt(Math.max(0, apparent * apparent - ironKw * ironKw)) };
}

/** Values between the windings high and medium, medium and low, high and low. */
interface Pairs {
  readonly hm: number;
  readonly ml: number;
  readonly hl: number;
}

/** Legs of the star (high, medium, low) whose pairwise sums are the values measured between two windings. */
export const deltaToStar = ({ hm, ml, hl }: Pairs): readonly [number, number, number] => [
  (hm + hl - ml) / 2,
  (hm + ml - hl) / 2,
  (hl + ml - hm) / 2,
];
