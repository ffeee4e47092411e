/** Largest share of a battery's range that is reserved at each end. */
const MOST_RESERVED = 0.25;

export interface StorageRatings {
  /** Magnitudes at the terminal, kW. */
  readonly chargeKw: number;
  readonly dischargeKw: number;
  readonly capacityKwh: number;
  /** One way. */
  readonly efficiency: number;
  /** Lowest and highest level, shares of the capacity. */
  readonly least: number;
  readonly most: number;
}

/**
 * Range of levels for non-urgent use of a battery, as shares of the capacity. At both ends it reserves the energy that the battery delivers
 * or takes at its rating in `seconds`, so that the guard can meet a spike.
 */
export function withoutReserve(
  { chargeKw, dischargeKw, capacityKwh, efficiency, least, most }: StorageRatings,
  seconds: number,
): { readonly least: number; readonly most: number } {
  const hours = seconds / 3600;
  const limit = MOST_RESERVED * Math.max(0, most - least);
  const reserved = (kwh: number): number => Math.min(limit, Math.max(0, kwh / capacityKwh));
  return {
    least: least + reserved((dischargeKw * hours) / efficiency),
    most: most - reserved(chargeKw * hours * efficiency),
  };
}
