const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Local calendar of one IANA time zone. Offsets are looked up once an hour of UTC and kept. */
export class LocalCalendar {
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #holidays: ReadonlySet<string>;
  readonly #offsets = new Map<number, number>();

  /** `holidays`: local dates, YYYY-MM-DD. Throws RangeError where the zone is not known. */
  constructor(zone: string, holidays: readonly string[] = []) {
    this.zone = zone;
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    this.#holidays = new Set(holidays);
  }

  /** Local time minus UTC, ms. */
  offsetMs(time: number): number {
    const hour = Math.floor(time / HOUR_MS);
    const known = this.#offsets.get(hour);
    if (known !== undefined) return known;
    const offset = this.#lookUp(hour * HOUR_MS);
    if (this.#offsets.size > 50_000) this.#offsets.clear();
    this.#offsets.set(hour, offset);
    return offset;
  }

  /** Milliseconds since local midnight. */
  timeOfDayMs(time: number): number {
    const local = time + this.offsetMs(time);
    return ((local % DAY_MS) + DAY_MS) % DAY_MS;
  }

  /** 0 is Monday. */
  weekday(time: number): number {
    const days = Math.floor((time + this.offsetMs(time)) / DAY_MS);
    return (((days + 3) % 7) + 7) % 7;
  }

  dayOfYear(time: number): number {
    const local = new Date(time + this.offsetMs(time));
    return Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;
  }

  isHoliday(time: number): boolean {
    if (this.#holidays.size === 0) return false;
    return this.#holidays.has(new Date(time + this.offsetMs(time)).toISOString().slice(0, 10));
  }

  /** Saturday, Sunday or holiday. */
  isFree(time: number): boolean {
    return this.weekday(time) >= 5 || this.isHoliday(time);
  }

  #lookUp(time: number): number {
    const name = this.#format.formatToParts(time).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
    const match = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name);
    if (match === null || match[1] === undefined) return 0;
    const size = (Number(match[2]) * 60 + Number(match[3])) * 60_000 + Number(match[4] ?? 0) * 1000;
    return match[1] === '-' ? -size : size;
  }
}
