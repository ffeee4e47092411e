import type { Course } from './course.ts';
import { JUDGED, type Protocol } from './protocol.ts';
import { over, type Relief, type SiteOutcome, type SiteScore } from './site-score.ts';

/** Outcome of a run, from the truth of all plants. Energies in kWh; sums of magnitudes. */
export interface Outcome extends Omit<SiteOutcome, 'relief' | 'worstCustomerMinutes' | 'peakKw'> {
  readonly worstCustomerMinutes: number;
  readonly peakKw: number;
  readonly sharedOverKwh: number;
  readonly relief: readonly Relief[];
  /** J at each price of lost load, and the same without energy unserved because of trips. */
  readonly costEur: Readonly<Record<string, number>>;
  readonly costWithoutTripsEur: Readonly<Record<string, number>>;
}

/** J at `JUDGED` EUR/kWh, EUR. */
export const judged = ({ costEur }: Pick<Outcome, 'costEur'>): number => costEur[JUDGED]!;

interface Terms {
  readonly course: Course;
  readonly prices: Protocol['prices'];
  readonly stepS: number;
}

const added = [
  'customerMinutes',
  'means',
  'en50160Means',
  'bandMeans',
  'voltageBusHours',
  'headOverKwh',
  'transformerOverKwh',
  'degreeHours',
  'trips',
  'inverterTrips',
  'interruptedKwh',
  'evNotServedKwh',
  'dueKwh',
  'lackingKwh',
  'lossesKwh',
  'curtailedKwh',
  'batteryKwh',
  'tapMoves',
  'peakKw',
] as const;

export function outcomeOf(scores: ReadonlyMap<string, SiteScore>, terms: Terms): Outcome {
  const sites = [...scores.values()].map((score) => score.outcome());
  const sums = Object.fromEntries(added.map((key) => [key, sites.reduce((sum, site) => sum + site[key], 0)])) as Record<
    (typeof added)[number],
    number
  >;
  const sharedOverKwh = sharedKwh([...scores.values()], terms);
  const fixed = fixedCost({ ...sums, sharedOverKwh }, terms.prices);
  const atPrice = (kwh: number): Record<string, number> =>
    Object.fromEntries(terms.prices.lostLoad.map((eur) => [eur, round(fixed + eur * kwh)]));
  return {
    ...(Object.fromEntries(added.map((key) => [key, round(sums[key])])) as typeof sums),
    sharedOverKwh: round(sharedOverKwh),
    worstCustomerMinutes: round(Math.max(0, ...sites.map((site) => site.worstCustomerMinutes))),
    relief: sites.flatMap(({ relief }) => relief),
    costEur: atPrice(sums.interruptedKwh + sums.evNotServedKwh),
    costWithoutTripsEur: atPrice(sums.evNotServedKwh),
  };
}

/** Energy beyond the limit shared by all sites, summed over steps. */
function sharedKwh(scores: readonly SiteScore[], { course, stepS }: Terms): number {
  const steps = Math.min(...scores.map(({ sourceKw }) => sourceKw.length));
  let kwh = 0;
  for (let at = 0; at < steps; at++) {
    const kw = scores.reduce((sum, { sourceKw }) => sum + sourceKw[at]!, 0);
    kwh += (over(kw, course.shared) * stepS) / 3600;
  }
  return kwh;
}

/**
 * J without lost load. Energy that a battery lacks at the end must still be bought, as must energy owed to cars. A surplus earns nothing: J
 * does not price the energy that filled the battery.
 */
function fixedCost(
  sums: Record<(typeof added)[number], number> & { readonly sharedOverKwh: number },
  prices: Protocol['prices'],
): number {
  const overKwh = sums.headOverKwh + sums.transformerOverKwh + sums.sharedOverKwh;
  return (
    (sums.lossesKwh / 1000) * prices.lossesEurPerMwh +
    sums.peakKw * prices.peakEurPerKw +
    sums.tapMoves * prices.tapMoveEur +
    sums.curtailedKwh * prices.curtailedEurPerKwh +
    sums.batteryKwh * prices.batteryEurPerKwh +
    overKwh * prices.overEurPerKwh +
    sums.voltageBusHours * prices.voltageEurPerBusHour +
    (sums.dueKwh + sums.lackingKwh) * prices.storedEurPerKwh
  );
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
