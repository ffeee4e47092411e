import Holidays from 'date-holidays';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';

export interface HolidayPlace {
  /** ISO 3166-1, such as NL. */
  readonly country: string;
  /** ISO 3166-2 without the country, such as BY for DE-BY. */
  readonly subdivision?: string | undefined;
}

const DAY_MS = 86_400_000;
/** Years that are computed; beyond them there are no holidays. */
const FIRST_YEAR = 2010;
const LAST_YEAR = 2060;

const known = new Map<string, readonly string[]>();

/** Public holidays of a place, local dates YYYY-MM-DD, ascending. Throws LS-CONFIG-002 if the place is unknown. */
export function holidaysOf({ country, subdivision }: HolidayPlace): readonly string[] {
  const key = `${country} ${subdivision ?? ''}`;
  let dates = known.get(key);
  if (dates === undefined) known.set(key, (dates = datesOf(country, subdivision)));
  return dates;
}

function datesOf(country: string, subdivision: string | undefined): string[] {
  const all = new Holidays();
  const states = all.getStates(country);
  if (!Object.hasOwn(all.getCountries(), country))
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `holidays.country: no holidays are known for "${country}"; use the ISO 3166 code of another country, such as NL, or leave holidays out`,
    );
  if (subdivision !== undefined && !Object.hasOwn(states ?? {}, subdivision)) {
    const names = Object.keys(states ?? {});
    const known = names.length === 0 ? 'it has none' : `use one of ${names.join(', ')}`;
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `holidays.subdivision: unknown subdivision "${subdivision}" of ${country}: ${known}`,
    );
  }
  const place = subdivision === undefined ? new Holidays(country) : new Holidays(country, subdivision);
  const dates = new Set<string>();
  for (let year = FIRST_YEAR; year <= LAST_YEAR; year++)
    for (const { date, type, start, end } of place.getHolidays(year) ?? []) {
      if (type !== 'public') continue;
      const first = Date.parse(`${date.slice(0, 10)}T00:00Z`);
      // Whole days: some begin at noon of the day before. A tenth for days of 23 hours.
      const days = Math.max(1, Math.floor((end.getTime() - start.getTime()) / DAY_MS + 0.1));
      for (let day = 0; day < days; day++) dates.add(new Date(first + day * DAY_MS).toISOString().slice(0, 10));
    }
  return [...dates].toSorted((a, b) => (a < b ? -1 : 1));
}
