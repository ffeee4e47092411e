import type { Co2Series } from './co2.ts';
import type { DispatchWeights } from './weights.ts';

/** The costs that a profile weighs, each with its unit. */
export interface DispatchTariff {
  /** Value of the energy lost in the network, EUR/MWh. */
  readonly lossesEurPerMwh: number;
  /** Price of the transformer's highest import in a horizon, EUR/kW. */
  readonly peakEurPerKw: number;
  /** Capacity tariff: price of the highest quarter-hour's import of a calendar month, EUR/kW; 0: none. */
  readonly monthPeakEurPerKw: number;
  /** Wear of one move of a tap changer, EUR. */
  readonly tapMoveEur: number;
  /** Wear of switching one step of a capacitor bank, EUR. */
  readonly capacitorMoveEur: number;
  /** EV energy missing at departure, EUR/kWh. */
  readonly unservedEurPerKwh: number;
  /** Energy at the source, EUR/MWh; only a community pays and earns it. */
  readonly importEurPerMwh: number;
  readonly exportEurPerMwh: number;
  /** Price of CO2, EUR/kg, and the grid's intensity where no series states it, kg/MWh. */
  readonly co2EurPerKg: number;
  readonly co2KgPerMwh: number;
  /** Time at rated power that plans reserve in each battery, in both directions, for the guard, minutes. */
  readonly guardReserveMinutes: number;
  /** How far one customer's curtailed share may exceed another's, percent, and the price of each percent beyond, EUR. */
  readonly fairnessSpreadPct: number;
  readonly fairnessEurPerPct: number;
  /** The grid's intensity over time. */
  readonly co2?: Co2Series | undefined;
}

export const tariffs: Readonly<Record<'dso' | 'community', DispatchTariff>> = {
  dso: {
    lossesEurPerMwh: 80,
    peakEurPerKw: 0.02,
    monthPeakEurPerKw: 0,
    tapMoveEur: 0.5,
    capacitorMoveEur: 0.4,
    unservedEurPerKwh: 1,
    importEurPerMwh: 0,
    exportEurPerMwh: 0,
    co2EurPerKg: 0,
    co2KgPerMwh: 0,
    guardReserveMinutes: 20,
    fairnessSpreadPct: 30,
    fairnessEurPerPct: 20,
  },
  community: {
    lossesEurPerMwh: 0,
    peakEurPerKw: 0.02,
    monthPeakEurPerKw: 0,
    tapMoveEur: 0.5,
    capacitorMoveEur: 0.4,
    unservedEurPerKwh: 1,
    importEurPerMwh: 80,
    exportEurPerMwh: 48,
    co2EurPerKg: 0.07,
    co2KgPerMwh: 270,
    guardReserveMinutes: 20,
    fairnessSpreadPct: 30,
    fairnessEurPerPct: 20,
  },
};

/** The tariff of a profile, overridden by the configuration. */
export const tariffOf = (
  profile: 'dso' | 'community',
  weights: DispatchWeights,
  co2: Co2Series | undefined,
): DispatchTariff => ({ ...tariffs[profile], ...weights, co2 });
