import type { WeatherSeries } from '../../shared/forecast/features.ts';
import { fromNullable, screened, type LoadSeries } from '../../shared/forecast/series.ts';
import type { LoadSource, WeatherIntervals, WeatherSource } from './inputs.ts';

export interface InputWindow {
  /** End of what is known: the first target step starts here. ms UTC on the grid. */
  readonly end: number;
  readonly days: number;
  /** Steps behind the end for which weather is wanted. */
  readonly ahead: number;
  readonly asOf?: number;
}

export interface TargetInputs {
  /** Screened: flat lines and wild values are unknown. */
  readonly load: LoadSeries;
  readonly substitution: string | null;
  readonly weather: (WeatherSeries & Pick<WeatherIntervals, 'source' | 'issuedAt' | 'hindcast'>) | null;
}

const STEP_S = 900;
const STEP_MS = STEP_S * 1000;
/** What is read again at each issue, because telemetry comes late; all is read again once in so many issues. */
const LATE_MS = 3 * 3_600_000;
const FULL_READ_EVERY = 96;

interface Cached {
  start: number;
  values: (number | null)[];
  substitution: string | null;
  revision: number | undefined;
  reads: number;
}

/** Reads the inputs of targets, keeping what does not change any more. */
export class InputReader {
  readonly #load: LoadSource;
  readonly #weather: WeatherSource | undefined;
  readonly #cache = new Map<string, Cached>();

  constructor(load: LoadSource, weather: WeatherSource | undefined) {
    this.#load = load;
    this.#weather = weather;
  }

  async read(target: string, window: InputWindow): Promise<TargetInputs> {
    const { end, days, ahead, asOf } = window;
    const start = end - days * 96 * STEP_MS;
    const query = { target, start, end, resolutionS: STEP_S };
    const read =
      asOf === undefined ? await this.#recent(target, start, end) : await this.#load.intervals({ ...query, asOf });
    const values = fromNullable(read.values);
    const { series } = screened({ start, stepS: STEP_S, values });
    const weatherQuery = { ...query, end: end + ahead * STEP_MS, ...(asOf !== undefined && { asOf }) };
    const weather = (await this.#weather?.intervals(weatherQuery)) ?? null;
    return {
      load: series,
      substitution: read.substitution,
      weather: weather && { ...weather, ghi: fromNullable(weather.ghi), wind: fromNullable(weather.wind) },
    };
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
      return this.#recent(target, start, end);
    }
    const kept = usable ? cached.values.slice((start - cached.start) / STEP_MS, (from - cached.start) / STEP_MS) : [];
    const next: Cached = {
      start,
      values: [...kept, ...read.values],
      substitution: read.substitution,
      revision: read.revision,
      reads: usable ? cached.reads + 1 : 0,
    };
    this.#cache.set(target, next);
    return next;
  }
}
