import type { Co2Series } from './co2.ts';
import type { DispatchWeights } from './weights.ts';

/** What the profiles pay for, each with its unit. */
export interface DispatchTariff {
  /** Worth of the energy that the network loses, EUR/MWh. */
  readonly lossesEurPerMwh: number;
  /** Price of the transformer's highest import in a horizon, EUR/kW. */
  readonly peakEurPerKw: number;
  /** One move of a tap changer, EUR: its wear. */
  readonly tapMoveEur: number;
  /** Switching one step of a capacitor bank, EUR: its wear. */
  readonly capacitorMoveEur: number;
  /** EV energy that is missing at departure, EUR/kWh. */
  readonly unservedEurPerKwh: number;
  /** Energy at the source, EUR/MWh; only a community pays and earns it. */
  readonly importEurPerMwh: number;
  readonly exportEurPerMwh: number;
  /** What CO2 costs, EUR/kg, and the grid's intensity where no series tells it, kg/MWh. */
  readonly co2EurPerKg: number;
  readonly co2KgPerMwh: number;
  /** Time at rated power that plans leave in each battery, both ways, for the guard, minutes. */
  readonly guardReserveMinutes: number;
  /** How far the curtailed share of one customer's sun may stand above another's, percent; each percent beyond, EUR. */
  readonly fairnessSpreadPct: number;
  readonly fairnessEurPerPct: number;
  /** The grid's intensity over time. */
  readonly co2?: Co2Series | undefined;
}

export const tariffs: Readonly<Record<'dso' | 'community', DispatchTariff>> = {
  dso: {
    lossesEurPerMwh: 80,
    peakEurPerKw: 0.02,
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

/** The tariff of a profile with what the configuration says otherwise. */
export const tariffOf = (
  profile: 'dso' | 'community',
  weights: DispatchWeights,
  co2: Co2Series | undefined,
): DispatchTariff => ({ ...tariffs[profile], ...weights, co2 });
