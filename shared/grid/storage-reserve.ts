/** Share of a battery's span that is kept at each end, at most. */
const MOST_RESERVED = 0.25;

export interface StorageRatings {
  /** Magnitudes at the terminal, kW. */
  readonly chargeKw: number;
  readonly dischargeKw: number;
  readonly capacityKwh: number;
  /** Of one way. */
  readonly efficiency: number;
  /** Least and most level, shares of the capacity. */
  readonly least: number;
  readonly most: number;
}

/**
 * Levels between which a battery may be used for what is not urgent, shares of the capacity: it keeps off both ends by what it gives
 * and takes at its rating for `seconds`, so that the guard has something to meet a spike with.
 */
export function withoutReserve(
  { chargeKw, dischargeKw, capacityKwh, efficiency, least, most }: StorageRatings,
  seconds: number,
): { readonly least: number; readonly most: number } {
  const hours = seconds / 3600;
  const limit = MOST_RESERVED * Math.max(0, most - least);
  const kept = (kwh: number): number => Math.min(limit, Math.max(0, kwh / capacityKwh));
  return { least: least + kept((dischargeKw * hours) / efficiency), most: most - kept(chargeKw * hours * efficiency) };
}
