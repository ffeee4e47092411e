/** What the profiles pay for, each with its unit. */
export interface DispatchTariff {
  /** Worth of the energy that the network loses, EUR/MWh. */
  readonly lossesEurPerMwh: number;
  /** Price of the transformer's highest import in a horizon, EUR/kW. */
  readonly peakEurPerKw: number;
  /** One move of a tap changer, EUR: its wear. */
  readonly tapMoveEur: number;
  /** EV energy that is missing at departure, EUR/kWh. */
  readonly unservedEurPerKwh: number;
  /** Energy at the source, EUR/MWh; only a community pays and earns it. */
  readonly importEurPerMwh: number;
  readonly exportEurPerMwh: number;
}

export const tariffs: Readonly<Record<'dso' | 'community', DispatchTariff>> = {
  dso: {
    lossesEurPerMwh: 80,
    peakEurPerKw: 0.02,
    tapMoveEur: 0.5,
    unservedEurPerKwh: 1,
    importEurPerMwh: 0,
    exportEurPerMwh: 0,
  },
  community: {
    lossesEurPerMwh: 0,
    peakEurPerKw: 0.02,
    tapMoveEur: 0.5,
    unservedEurPerKwh: 1,
    importEurPerMwh: 80,
    exportEurPerMwh: 48,
  },
};
