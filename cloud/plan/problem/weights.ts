import { Type, type Static } from 'typebox';

const weight = (description: string, options: { readonly minimum?: number; readonly maximum?: number } = {}) =>
  Type.Optional(Type.Number({ ...options, description: `${description}; absent: value of the profile of the region` }));
const positive = { minimum: 0 };

/** The costs that plans weigh in the operator's configuration, each with its unit. */
export const DispatchWeights = Type.Object(
  {
    lossesEurPerMwh: weight('cost of network losses, EUR/MWh', positive),
    peakEurPerKw: weight('cost of the highest import at the transformer in a horizon, EUR/kW', positive),
    monthPeakEurPerKw: weight(
      "capacity tariff: cost of the transformer's highest import in a quarter of an hour of a calendar month, EUR/kW; plans pay only for what exceeds the month's peak so far; 0: none",
      positive,
    ),
    tapMoveEur: weight('cost of one tap changer move, EUR', positive),
    capacitorMoveEur: weight('cost of switching one step of a capacitor bank, EUR', positive),
    unservedEurPerKwh: weight('cost of EV energy missing at departure, EUR/kWh', positive),
    importEurPerMwh: weight('price of energy bought at the source, EUR/MWh'),
    exportEurPerMwh: weight('price of energy sold at the source, EUR/MWh'),
    co2EurPerKg: weight('cost of CO2, counted for energy bought less energy sold, EUR/kg', positive),
    co2KgPerMwh: weight('CO2 intensity where co2File has no value, kg/MWh', positive),
    guardReserveMinutes: weight(
      'minutes at rated power that plans reserve in each battery, in both directions, for the guard to meet what no forecast foresaw',
      { minimum: 0, maximum: 240 },
    ),
    fairnessSpreadPct: weight(
      'most by which the curtailed share of one customer may exceed that of another, percent of available solar power',
      { minimum: 0, maximum: 100 },
    ),
    fairnessEurPerPct: weight('cost of each percent of spread beyond fairnessSpreadPct, EUR; 0: no bound', positive),
  },
  { default: {}, description: 'costs and bounds of plans; they override those of the profile (dso or community)' },
);
export type DispatchWeights = Static<typeof DispatchWeights>;
