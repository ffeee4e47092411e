import type { Said } from '../../../shared/sentences/said.ts';
import type { ForecastTarget } from '../registry/forecast-target.ts';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import type { WeatherSeries } from '../../../shared/forecast/features.ts';
import { fromNullable, type LoadSeries } from '../../../shared/forecast/series.ts';
import { weatherWithin } from '../../../shared/forecast/weather-series.ts';
import type { LoadSource, WeatherIntervals, WeatherSource } from './inputs.ts';
import { timedDefect, type Defect } from './screening/defects.ts';
import { screening, type Screened, type ScreenOptions } from './screening/screen.ts';

export interface InputWindow {
  /** End of the known values, where the first target step starts. ms UTC on the grid. */
  readonly end: number;
  readonly days: number;
  /** Steps after the end for which weather is needed. */
  readonly ahead: number;
  readonly asOf?: number;
}

export interface TargetInputs {
  /** Screened: bad values are unknown. */
  readonly load: LoadSeries;
  /** The same over a longer window, at least four weeks; NaN where unknown. */
  readonly context: LoadSeries;
  /** Defects in the load's window, in order of time, ms UTC. */
  readonly defects: readonly Defect[];
  readonly substitution: string | null;
  readonly substituted?: Said | undefined;
  /** The weather of the context and of the time ahead, on the reads that fetch it as a whole (one in `JUDGE_EVERY`); else null. */
  readonly contextWeather: WeatherSeries | null;
  readonly weather: (WeatherSeries & Pick<WeatherIntervals, 'source' | 'issuedAt' | 'hindcast' | 'degraded'>) | null;
}

const STEP_S = 900;
const STEP_MS = STEP_S * 1000;
const DAY_STEPS = 96;
/** Days needed to see what is usual of a load, whatever is requested. */
const CONTEXT_DAYS = 28;
/** Each issue reads this much again, because telemetry arrives late; every `FULL_READ_EVERY`th issue reads everything. */
const LATE_MS = 8 * 3_600_000;
const FULL_READ_EVERY = 96;
/** The usual values are fitted, and sign, unit and time judged by them, once in this many issues: an hour. */
const JUDGE_EVERY = 4;

interface Cached {
  start: number;
  values: Float64Array;
  substitution: string | null;
  substituted: Said | undefined;
  revision: number | undefined;
  reads: number;
}

/** Reads the inputs of targets, caches what no longer changes and removes bad values. */
export class InputReader {
  readonly #load: LoadSource;
  readonly #weather: WeatherSource | undefined;
  readonly #targets: readonly Pick<ForecastTarget, 'id' | 'zone' | 'holidays'>[];
  readonly #calendars: { zone: string; holidays: readonly string[] | undefined; calendar: LocalCalendar }[] = [];
  readonly #cache = new Map<string, Cached>();
  /** The last judgement of each target by its usual values, in ms UTC. */
  readonly #judged = new Map<string, Judged>();

  constructor(
    load: LoadSource,
    weather: WeatherSource | undefined,
    targets: readonly Pick<ForecastTarget, 'id' | 'zone' | 'holidays'>[],
  ) {
    this.#load = load;
    this.#weather = weather;
    this.#targets = targets;
  }

  async read(target: string, { end, days, ahead, asOf }: InputWindow): Promise<TargetInputs> {
    const start = end - Math.max(days, CONTEXT_DAYS) * DAY_STEPS * STEP_MS;
    const query = { target, start, end, resolutionS: STEP_S };
    const past = asOf !== undefined && { asOf };
    const read = past ? await this.#load.intervals({ ...query, ...past }) : await this.#recent(target, start, end);
    const raw: LoadSeries = { start, stepS: STEP_S, values: fromNullable(read.values) };
    const known = past ? undefined : this.#judgedBefore(target);
    const from = end - days * DAY_STEPS * STEP_MS;
    const answer = await this.#weather?.intervals({
      ...query,
      start: known === undefined ? start : from,
      end: end + ahead * STEP_MS,
      origin: end,
      ...past,
    });
    const weather = answer && {
      ...answer,
      ghi: fromNullable(answer.ghi),
      wind: fromNullable(answer.wind),
      temperature: answer.temperature && fromNullable(answer.temperature),
    };
    const { series, defects } = await screened(raw, {
      calendar: this.#calendar(target),
      weather: weather ?? undefined,
      ...(known && { misfits: carried(known, raw) }),
    });
    const timed = defects.map((defect) => timedDefect(defect, raw));
    if (known === undefined && !past) this.#judged.set(target, { defects: timed.filter(isMisfit), end, reads: 1 });
    const skip = (from - start) / STEP_MS;
    const ofWeather = known === undefined ? skip : 0;
    return {
      load: { ...series, start: from, values: series.values.slice(skip) },
      context: series,
      defects: timed.filter((defect) => defect.to > from),
      substitution: read.substitution,
      substituted: read.substituted,
      contextWeather: known === undefined && weather ? weather : null,
      weather: weather ? { ...weather, ...weatherWithin(weather, ofWeather) } : null,
    };
  }

  /** Undefined if a new judgement is due. */
  #judgedBefore(target: string): Judged | undefined {
    const before = this.#judged.get(target);
    if (before === undefined || before.reads >= JUDGE_EVERY) return undefined;
    before.reads++;
    return before;
  }

  /** Targets of one zone share a calendar and its cache. */
  #calendar(target: string): LocalCalendar {
    const { zone = 'UTC', holidays } = this.#targets.find(({ id }) => id === target) ?? {};
    const known = this.#calendars.find((each) => each.zone === zone && each.holidays === holidays);
    if (known !== undefined) return known.calendar;
    const calendar = new LocalCalendar(zone, holidays);
    this.#calendars.push({ zone, holidays, calendar });
    return calendar;
  }

  async #recent(target: string, start: number, end: number): Promise<Cached> {
    const cached = this.#cache.get(target);
    const cachedEnd = cached === undefined ? 0 : cached.start + cached.values.length * STEP_MS;
    const usable =
      cached !== undefined &&
      cached.start <= start &&
      cachedEnd > start &&
      cachedEnd <= end &&
      cached.reads < FULL_READ_EVERY;
    const from = usable ? Math.max(start, cachedEnd - LATE_MS) : start;
    const read = await this.#load.intervals({ target, start: from, end, resolutionS: STEP_S });
    const changed = usable && (read.substitution !== cached.substitution || read.revision !== cached.revision);
    if (changed) {
      this.#cache.delete(target);
      this.#judged.delete(target);
      return this.#recent(target, start, end);
    }
    const reused = usable
      ? cached.values.subarray((start - cached.start) / STEP_MS, (from - cached.start) / STEP_MS)
      : [];
    const values = new Float64Array(reused.length + read.values.length);
    values.set(reused);
    values.set(fromNullable(read.values), reused.length);
    const next: Cached = {
      start,
      values,
      substitution: read.substitution,
      substituted: read.substituted,
      revision: read.revision,
      reads: usable ? cached.reads + 1 : 0,
    };
    this.#cache.set(target, next);
    return next;
  }
}

/** Pending tasks run between two slices. */
async function screened(raw: LoadSeries, options: ScreenOptions): Promise<Screened> {
  const slices = screening(raw, options);
  for (;;) {
    await new Promise(setImmediate);
    const slice = slices.next();
    if (slice.done === true) return slice.value;
  }
}

interface Judged {
  readonly defects: readonly Defect[];
  readonly end: number;
  reads: number;
}

const isMisfit = ({ kind }: Defect): boolean => kind === 'signFlip' || kind === 'unitChange' || kind === 'clockJump';

/** The misfits of an earlier judgement on the grid of a later series; one that reached the end then still does. */
function carried({ defects, end }: Judged, { start, values }: LoadSeries): Defect[] {
  const at = (time: number): number => Math.min(values.length, Math.max(0, Math.round((time - start) / STEP_MS)));
  return defects.map((defect) => ({
    ...defect,
    from: at(defect.from),
    to: defect.to >= end ? values.length : at(defect.to),
  }));
}
