const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
const HOURS = 24;
const MOST_CACHED = 50_000;

/**
 * Local calendar of one IANA time zone. It looks up and caches the offsets at both ends of each UTC day; if they differ, the offset of each
 * hour.
 */
export class LocalCalendar {
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat;
  /** Local dates, as days since 1970. */
  readonly #holidays: ReadonlySet<number>;
  /** By hour of UTC, and by day of UTC; null if the offset changes within the day. */
  readonly #offsets = new Map<number, number>();
  readonly #dayOffsets = new Map<number, number | null>();

  /** `holidays`: local dates, YYYY-MM-DD. Throws RangeError if the zone is unknown. */
  constructor(zone: string, holidays: readonly string[] = []) {
    this.zone = zone;
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    this.#holidays = new Set(holidays.map((date) => Math.floor(Date.parse(date) / DAY_MS)));
  }

  /** Local time minus UTC, ms. */
  offsetMs(time: number): number {
    const day = Math.floor(time / DAY_MS);
    let ofDay = this.#dayOffsets.get(day);
    if (ofDay === undefined) {
      // No zone changes twice within a UTC day and ends it at the same offset.
      const first = this.#ofHour(day * HOURS);
      ofDay = first === this.#ofHour((day + 1) * HOURS) ? first : null;
      if (this.#dayOffsets.size > MOST_CACHED) this.#dayOffsets.clear();
      this.#dayOffsets.set(day, ofDay);
    }
    return ofDay ?? this.#ofHour(Math.floor(time / HOUR_MS));
  }

  #ofHour(hour: number): number {
    const known = this.#offsets.get(hour);
    if (known !== undefined) return known;
    const offset = this.#lookUp(hour * HOUR_MS);
    if (this.#offsets.size > MOST_CACHED) this.#offsets.clear();
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
    return this.#holidays.has(Math.floor((time + this.offsetMs(time)) / DAY_MS));
  }

  /** Saturday, Sunday or holiday. */
  isFree(time: number): boolean {
    return this.weekday(time) >= 5 || this.isHoliday(time);
  }

  /** A working day between two free days. */
  isBridge(time: number): boolean {
    return !this.isFree(time) && this.isFree(time - DAY_MS) && this.isFree(time + DAY_MS);
  }

  #lookUp(time: number): number {
    const name = this.#format.formatToParts(time).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
    const match = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name);
    if (match === null || match[1] === undefined) return 0;
    const size = (Number(match[2]) * 60 + Number(match[3])) * 60_000 + Number(match[4] ?? 0) * 1000;
    return match[1] === '-' ? -size : size;
  }
}
