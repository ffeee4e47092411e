import { LocalCalendar } from '../../shared/forecast/calendar.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Returns an IANA time zone, or undefined for an unknown name. */
export function zoneOf(name: string): LocalCalendar | undefined {
  try {
    return new LocalCalendar(name);
  } catch {
    return undefined;
  }
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** RFC 3339 with the zone's offset: 2021-10-31T02:15:00+01:00. */
export function localWithOffset(zone: LocalCalendar, time: number): string {
  const offset = zone.offsetMs(time);
  const size = Math.abs(offset) / 60_000;
  const sign = offset < 0 ? '-' : '+';
  const text = new Date(time + offset).toISOString().slice(0, 19);
  return `${text}${sign}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/** A form that every spreadsheet reads as date and time in any locale: 2021-10-31 02:15:00. */
export const localPlain = (zone: LocalCalendar, time: number): string =>
  new Date(time + zone.offsetMs(time)).toISOString().slice(0, 19).replace('T', ' ');

/** Returns 1 in the second pass of the hour that the end of daylight saving repeats, else 0 (PEP 495). */
export function foldOf(zone: LocalCalendar, time: number): 0 | 1 {
  const offset = zone.offsetMs(time);
  const before = zone.offsetMs(time - 3 * HOUR_MS);
  if (before <= offset) return 0;
  return zone.offsetMs(time + offset - before) === before ? 1 : 0;
}

/**
 * Returns the UTC time of a local time on a local day (days since the epoch). In the hour that daylight saving skips, the offset before the
 * change applies (RFC 5545).
 */
export function localMoment(zone: LocalCalendar, day: number, timeOfDayMs: number): number {
  const local = day * DAY_MS + timeOfDayMs;
  const early = local - zone.offsetMs(local - DAY_MS);
  const late = local - zone.offsetMs(local + DAY_MS);
  if (early + zone.offsetMs(early) === local) return early;
  return late + zone.offsetMs(late) === local ? late : early;
}

/** Returns the local day of a moment, in days since the epoch. */
export const localDay = (zone: LocalCalendar, time: number): number =>
  Math.floor((time + zone.offsetMs(time)) / DAY_MS);
