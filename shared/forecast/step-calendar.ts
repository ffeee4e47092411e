import { DAY_MS, type LocalCalendar } from './calendar.ts';
import type { LoadSeries } from './series.ts';

const YEAR_DAYS = 365.25;

/** Calendar of each index of a series and of the targets beyond its end. */
export class StepCalendar {
  readonly sin: Float64Array;
  readonly cos: Float64Array;
  readonly free: Uint8Array;
  /** Local time minus UTC, in steps. */
  readonly shift: Int32Array;
  readonly #load: LoadSeries;
  readonly #calendar: LocalCalendar;

  constructor(load: LoadSeries, ahead: number, calendar: LocalCalendar) {
    const count = load.values.length + ahead;
    this.#load = load;
    this.#calendar = calendar;
    this.sin = new Float64Array(count);
    this.cos = new Float64Array(count);
    this.free = new Uint8Array(count);
    this.shift = new Int32Array(count);
    const stepMs = load.stepS * 1000;
    for (let i = 0; i < count; i++) {
      const time = load.start + i * stepMs;
      const angle = (2 * Math.PI * calendar.timeOfDayMs(time)) / DAY_MS;
      this.sin[i] = Math.sin(angle);
      this.cos[i] = Math.cos(angle);
      this.free[i] = calendar.isFree(time) ? 1 : 0;
      this.shift[i] = Math.round(calendar.offsetMs(time) / stepMs);
    }
  }

  /** The calendar features of version 2, computed on demand. */
  days(): DayKinds {
    const count = this.free.length;
    const kinds: DayKinds = {
      weekday: new Uint8Array(count),
      holiday: new Uint8Array(count),
      bridge: new Uint8Array(count),
      yearAngle: new Float64Array(count),
    };
    const [calendar, stepMs] = [this.#calendar, this.#load.stepS * 1000];
    for (let i = 0; i < count; i++) {
      const time = this.#load.start + i * stepMs;
      kinds.weekday[i] = calendar.weekday(time);
      kinds.holiday[i] = calendar.isHoliday(time) ? 1 : 0;
      kinds.bridge[i] = calendar.isBridge(time) ? 1 : 0;
      kinds.yearAngle[i] = (2 * Math.PI * calendar.dayOfYear(time)) / YEAR_DAYS;
    }
    return kinds;
  }
}

export interface DayKinds {
  /** 0 is Monday. */
  readonly weekday: Uint8Array;
  readonly holiday: Uint8Array;
  readonly bridge: Uint8Array;
  /** Day of the year as an angle. */
  readonly yearAngle: Float64Array;
}
