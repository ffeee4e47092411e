import { SeededRandom } from '../../shared/ports/random.ts';
import { between } from './chance.ts';
import type { EvSpec } from './spec.ts';

export interface EvArrival {
  readonly charger: number;
  readonly arrivalMs: number;
  readonly departureMs: number;
  readonly energyKwh: number;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Drivers live on Dutch summer time, which covers the whole series. */
const LOCAL_MS = 2 * HOUR_MS;

/** Hours of local time, energy in kWh. */
const habits = {
  overnight: { arrival: [16, 20.5], departure: [30, 32.5], energy: [12, 45], weekday: 0.8, weekend: 0.55 },
  workplace: { arrival: [6.75, 9.5], departure: [15.5, 18], energy: [8, 32], weekday: 0.85, weekend: 0.15 },
} as const;

/** The sessions that arrive on one day (days since the epoch, local), sorted by arrival; at most one per charger. */
export function arrivalsOn(spec: EvSpec, seed: number, day: number): EvArrival[] {
  const random = new SeededRandom((seed + day) >>> 0, `${spec.bus}/${spec.id}`);
  const { arrival, departure, energy, weekday, weekend } = habits[spec.use];
  // 1970-01-01 was a Thursday.
  const weekdayIndex = (day + 3) % 7;
  const share = weekdayIndex < 5 ? weekday : weekend;
  const midnight = day * DAY_MS - LOCAL_MS;
  const sessions: EvArrival[] = [];
  for (let charger = 0; charger < spec.chargers; charger++) {
    const comes = random.next() < share;
    const session = {
      charger,
      arrivalMs: Math.round(midnight + between(random, arrival[0], arrival[1]) * HOUR_MS),
      departureMs: Math.round(midnight + between(random, departure[0], departure[1]) * HOUR_MS),
      energyKwh: between(random, energy[0], energy[1]),
    };
    if (comes) sessions.push(session);
  }
  return sessions.sort((a, b) => a.arrivalMs - b.arrivalMs);
}

export const localDay = (timeMs: number): number => Math.floor((timeMs + LOCAL_MS) / DAY_MS);
