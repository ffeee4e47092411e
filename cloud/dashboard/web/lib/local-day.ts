import { offsetMs } from './zone.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A local day; it may have 23 or 25 hours. */
export interface LocalDay {
  /** Local midnight, ms UTC. */
  readonly start: number;
  readonly minutes: number;
  /** 2021-09-25 */
  readonly name: string;
}

/** Returns the local day with this number of days since 1970. */
function dayAt(days: number, zone: string): LocalDay {
  const [start, end] = [midnight(days, zone), midnight(days + 1, zone)];
  return { start, minutes: (end - start) / MINUTE_MS, name: new Date(days * DAY_MS).toISOString().slice(0, 10) };
}

/** Returns the first moment of a day; if a clock change skips midnight, the moment after the change. */
function midnight(days: number, zone: string): number {
  const wall = days * DAY_MS;
  const guess = wall - offsetMs(wall - HOUR_MS * 12, zone);
  return wall - offsetMs(guess, zone) === guess ? guess : wall - offsetMs(wall, zone);
}

/** Returns the local day that contains a time. */
export const dayOf = (time: number, zone: string): LocalDay =>
  dayAt(Math.floor((time + offsetMs(time, zone)) / DAY_MS), zone);

/** Returns the day of a name such as 2021-09-25; undefined for anything else. */
export function dayNamed(name: string, zone: string): LocalDay | undefined {
  const time = Date.parse(`${name}T00:00:00Z`);
  return Number.isNaN(time) ? undefined : dayAt(Math.floor(time / DAY_MS), zone);
}
