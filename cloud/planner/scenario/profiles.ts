import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { gaussian, SeededRandom, type Random } from '../../../shared/ports/random.ts';
import { localDay, localMoment } from '../../tables/local-time.ts';

/** A grid of steps: ms UTC. */
export interface StepGrid {
  readonly start: number;
  readonly stepS: number;
  readonly count: number;
}

export type EvProfile = 'home-evening' | 'work-day' | 'public';
export type ConnectionProfile = 'flat' | 'office' | 'night';

/** Arrivals of cars (local hour, mean and spread), their number per charger and day, and their energy (kWh, median and log spread). */
const EV: Readonly<
  Record<EvProfile, { hour: number; spread: number; share: number; weekend: number; kwh: number; log: number }>
> = {
  'home-evening': { hour: 18.5, spread: 2, share: 0.55, weekend: 0.8, kwh: 9, log: 0.6 },
  'work-day': { hour: 8.6, spread: 1, share: 0.6, weekend: 0.05, kwh: 11, log: 0.5 },
  public: { hour: 14, spread: 4, share: 0.9, weekend: 1, kwh: 14, log: 0.6 },
};

const NOON_MS = 12 * 3_600_000;

/** Load of a connection relative to its contract, by local hour. */
const CONNECTION: Readonly<Record<ConnectionProfile, (hour: number, free: boolean) => number>> = {
  flat: () => 1,
  office: (hour, free) => (free ? 0.2 : hour >= 7 && hour < 19 ? 1 : 0.3),
  night: (hour) => (hour >= 22 || hour < 6 ? 1 : 0.1),
};

/**
 * Charging load of a fleet, kW: on each local day, each charger draws whether a car comes, when, and for how much; it then charges at its
 * rating until it is done. The simultaneity results from this and is not assumed.
 */
export function evLoad(
  grid: StepGrid,
  fleet: { readonly chargers: number; readonly ratedKw: number; readonly profile: EvProfile },
  options: { readonly zone: string; readonly seed: number; readonly stream: string },
): Float64Array {
  const calendar = new LocalCalendar(options.zone);
  const random = new SeededRandom(options.seed, `ev/${options.stream}`);
  const { hour, spread, share, weekend, kwh, log } = EV[fleet.profile];
  const load = new Float64Array(grid.count);
  const stepH = grid.stepS / 3600;
  // Local days, including those of 23 and 25 hours.
  const first = localDay(calendar, grid.start) - 1;
  const days = Math.ceil((grid.count * grid.stepS) / 86_400) + 3;
  for (let day = first; day < first + days; day++) {
    const midnight = localMoment(calendar, day, 0);
    const chance = share * (calendar.isFree(localMoment(calendar, day, NOON_MS)) ? weekend : 1);
    for (let charger = 0; charger < fleet.chargers; charger++) {
      if (random.next() >= chance) continue;
      const arrival = midnight + (hour + spread * gaussian(random)) * 3_600_000;
      const energy = Math.min(80, kwh * Math.exp(log * gaussian(random)));
      charge(load, {
        from: (arrival - grid.start) / (grid.stepS * 1000),
        hours: energy / fleet.ratedKw,
        kw: fleet.ratedKw,
        stepH,
      });
    }
  }
  return load;
}

/** Adds a block of power to the steps it covers, pro rata where partly. `from` in steps. */
function charge(load: Float64Array, block: { from: number; hours: number; kw: number; stepH: number }): void {
  const to = block.from + block.hours / block.stepH;
  for (let step = Math.max(0, Math.floor(block.from)); step < Math.min(load.length, Math.ceil(to)); step++) {
    const share = Math.min(to, step + 1) - Math.max(block.from, step);
    if (share > 0) load[step]! += block.kw * share;
  }
}

export function connectionLoad(grid: StepGrid, kw: number, profile: ConnectionProfile, zone: string): Float64Array {
  const calendar = new LocalCalendar(zone);
  return Float64Array.from({ length: grid.count }, (_, step) => {
    const time = grid.start + step * grid.stepS * 1000;
    return kw * CONNECTION[profile](calendar.timeOfDayMs(time) / 3_600_000, calendar.isFree(time));
  });
}

/** Outdoor temperature above which nothing is heated, and the design temperature, °C. */
const HEATING_LIMIT_C = 16;
const DESIGN_C = -10;

/** Heat pumps, kW: proportional to the degrees below the heating limit, with the design power at the design temperature. */
export function heatPumpLoad(temperatureC: Float64Array, units: number, designKw: number): Float64Array {
  return temperatureC.map(
    (value) => units * designKw * Math.min(1.2, Math.max(0, (HEATING_LIMIT_C - value) / (HEATING_LIMIT_C - DESIGN_C))),
  );
}

/**
 * Temperature for unknown spans, °C: yearly and daily mean of the Dutch coast (KNMI normals 1991-2020: 3.6 in January, 18.1 in July) with a
 * seeded weather wave of some days.
 */
export function climateC(grid: StepGrid, seed: number): Float64Array {
  const random: Random = new SeededRandom(seed, 'climate');
  const perDay = Array.from({ length: Math.ceil((grid.count * grid.stepS) / 86_400) + 2 }, () => gaussian(random));
  let state = 0;
  const weather = perDay.map((drawn) => (state = 0.8 * state + 2 * drawn));
  return Float64Array.from({ length: grid.count }, (_, step) => {
    const time = grid.start + step * grid.stepS * 1000;
    const year = Math.cos((2 * Math.PI * (time - Date.UTC(2020, 6, 25))) / (365.2425 * 86_400_000));
    const day = Math.cos((2 * Math.PI * ((time % 86_400_000) / 3_600_000 - 14)) / 24);
    const at = (step * grid.stepS) / 86_400;
    const below = Math.floor(at);
    const wave = weather[below]! + (at - below) * (weather[below + 1]! - weather[below]!);
    return 10.7 + 7.2 * year + 3 * day + wave;
  });
}
