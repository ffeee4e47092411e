import { Type, type Static } from 'typebox';

const weight = (description: string, options: { readonly minimum?: number; readonly maximum?: number } = {}) =>
  Type.Optional(
    Type.Number({ ...options, description: `${description}; absent: as the profile of the region has it` }),
  );
const positive = { minimum: 0 };

/** The costs that plans weigh in the operator's configuration, each with its unit. */
export const DispatchWeights = Type.Object(
  {
    lossesEurPerMwh: weight('worth of the energy that the network loses, EUR/MWh', positive),
    peakEurPerKw: weight('highest import of a horizon at the transformer, EUR/kW', positive),
    tapMoveEur: weight('one move of a tap changer, EUR', positive),
    capacitorMoveEur: weight('switching one step of a capacitor bank, EUR', positive),
    unservedEurPerKwh: weight('EV energy that is missing at departure, EUR/kWh', positive),
    importEurPerMwh: weight('energy bought at the source, EUR/MWh'),
    exportEurPerMwh: weight('energy sold at the source, EUR/MWh'),
    co2EurPerKg: weight('CO2 of the energy bought less that of the energy sold, EUR/kg', positive),
    co2KgPerMwh: weight('CO2 intensity where co2File has no value, kg/MWh', positive),
    guardReserveMinutes: weight(
      "time at rated power that plans leave in each battery, to discharge as to charge, for the gateway's guard: what nobody foresaw is met from it; minutes",
      { minimum: 0, maximum: 240 },
    ),
    fairnessSpreadPct: weight(
      "how far the curtailed share of one customer's sun may stand above another's, percent of what it could feed in",
      { minimum: 0, maximum: 100 },
    ),
    fairnessEurPerPct: weight('each percent of spread beyond fairnessSpreadPct, EUR; 0: no bound', positive),
  },
  { default: {}, description: 'what plans weigh, over the values of the profile (dso or community)' },
);
export type DispatchWeights = Static<typeof DispatchWeights>;
