import { offsetMs } from './zone.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A day of a zone: a day of 23 or 25 hours is as long as it is. */
export interface LocalDay {
  /** Its midnight, ms UTC. */
  readonly start: number;
  readonly minutes: number;
  /** 2021-09-25 */
  readonly name: string;
}

/** The day of a zone that begins at a midnight of its wall clock, counted in days since 1970. */
function dayAt(days: number, zone: string): LocalDay {
  const [start, end] = [midnight(days, zone), midnight(days + 1, zone)];
  return { start, minutes: (end - start) / MINUTE_MS, name: new Date(days * DAY_MS).toISOString().slice(0, 10) };
}

/** The first moment of a day: where a clock change skips midnight, the one behind it. */
function midnight(days: number, zone: string): number {
  const wall = days * DAY_MS;
  const guess = wall - offsetMs(wall - HOUR_MS * 12, zone);
  return wall - offsetMs(guess, zone) === guess ? guess : wall - offsetMs(wall, zone);
}

/** The day in which a time lies. */
export const dayOf = (time: number, zone: string): LocalDay =>
  dayAt(Math.floor((time + offsetMs(time, zone)) / DAY_MS), zone);

/** The day of such a name; undefined: it names none. */
export function dayNamed(name: string, zone: string): LocalDay | undefined {
  const time = Date.parse(`${name}T00:00:00Z`);
  return Number.isNaN(time) ? undefined : dayAt(Math.floor(time / DAY_MS), zone);
}
