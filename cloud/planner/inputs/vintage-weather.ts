import { orNull } from '../../../shared/forecast/series.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import type { InputQuery, WeatherIntervals, WeatherSource } from '../../forecast/serve/inputs.ts';
import {
  stepsOf,
  type WeatherColumn,
  type WeatherListQuery,
  type WeatherStore,
  type WeatherVintage,
} from './weather-store.ts';

type Column = 'ghiWm2' | 'windMs' | 'temperatureC';

const DAY_MS = 86_400_000;
/** A vintage covers steps up to this long after its issue. */
const REACH_MS = 16 * DAY_MS;
/** Days of vintages read at once for one place, fewer for more places; read in pages. */
const WINDOW_DAYS = 28;
const PAGE = 1000;

/**
 * Weather from uploaded vintages: for each step, the newest that covers it and was issued at or before `asOf`. `behind`, if any, fills the
 * gaps. A look back, with `asOf`, gets nothing recorded later; if no vintage reaches beyond `asOf`, all weather comes from `behind`.
 */
export class VintageWeather implements WeatherSource {
  readonly #region: Region;
  readonly #store: Pick<WeatherStore, 'list'>;
  readonly #behind: WeatherSource | undefined;

  constructor(region: Region, store: Pick<WeatherStore, 'list'>, behind: WeatherSource | undefined) {
    this.#region = region;
    this.#store = store;
    this.#behind = behind;
  }

  async intervals(query: InputQuery): Promise<WeatherIntervals | null> {
    const { target, start, end, resolutionS, asOf, origin = start } = query;
    const behind = (await this.#behind?.intervals(query)) ?? null;
    const tiers = placesOf(this.#region, target);
    const stepMs = resolutionS * 1000;
    const to = asOf === undefined ? end : Math.max(end, asOf + stepMs);
    const reaches = (each: WeatherVintage): boolean =>
      asOf === undefined || each.start + stepsOf(each) * each.resolutionS * 1000 > asOf;
    // A look back knows only what had been recorded by then.
    const recordedTo = behind?.hindcast === true ? (asOf ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    const count = Math.round((end - start) / stepMs);
    let borrowed = 0;
    /** Of those that gave a value. */
    let newest: WeatherVintage | undefined;
    let isReached = false;
    const columns = {
      ghiWm2: [] as (number | null)[],
      windMs: [] as (number | null)[],
      temperatureC: [] as (number | null)[],
    };
    const windowMs = DAY_MS * Math.max(1, Math.floor(WINDOW_DAYS / tiers.flat().length));
    for (let from = start; from < to; from += windowMs) {
      // Yields: a year of vintages takes a while to unpack.
      if (from > start) await new Promise(setImmediate);
      const until = Math.min(to, from + windowMs);
      const vintages = await this.#touching({
        locations: tiers.flat(),
        from,
        to: until,
        issuedBefore: asOf ?? Number.MAX_SAFE_INTEGER,
        source: null,
      });
      isReached ||= vintages.some(reaches);
      const byPlace = Map.groupBy(vintages, ({ location }) => location);
      const valueOf = (pick: Column, other: 'ghi' | 'wind' | 'temperature', step: number): number | null => {
        const time = start + step * stepMs;
        // Most targets and months have no uploads.
        for (const places of vintages.length > 0 ? tiers : []) {
          const known = places.flatMap((place) => newestAt(byPlace.get(place) ?? [], pick, { time, stepMs }) ?? []);
          for (const { vintage } of known) if (vintage.issuedAt > (newest?.issuedAt ?? -Infinity)) newest = vintage;
          if (known.length > 0) return known.reduce((sum, { value }) => sum + value, 0) / known.length;
        }
        const stand = time + stepMs <= recordedTo ? orNull(behind?.[other]?.[step]) : null;
        if (stand !== null && time >= origin) borrowed++;
        return stand;
      };
      for (let step = columns.ghiWm2.length; step < count && start + step * stepMs < until; step++) {
        columns.ghiWm2.push(valueOf('ghiWm2', 'ghi', step));
        columns.windMs.push(valueOf('windMs', 'wind', step));
        columns.temperatureC.push(valueOf('temperatureC', 'temperature', step));
      }
    }
    if (!isReached || newest === undefined) return behind;
    const { source, issuedAt } = newest;
    const hindcast = asOf === undefined && borrowed > 0 && behind?.hindcast === true;
    return { ghi: columns.ghiWm2, wind: columns.windMs, temperature: columns.temperatureC, source, issuedAt, hindcast };
  }

  /** All vintages that overlap a span, newest issue first. */
  async #touching(query: WeatherListQuery): Promise<WeatherVintage[]> {
    const all: WeatherVintage[] = [];
    for (;;) {
      const page = await this.#store.list(query, { skip: all.length, limit: PAGE });
      all.push(...page);
      if (page.length < PAGE) return all;
    }
  }
}

interface Step {
  readonly time: number;
  readonly stepMs: number;
}

/** The newest vintage that covers a step, and its value. `vintages`: newest first. */
function newestAt(vintages: readonly WeatherVintage[], pick: Column, step: Step) {
  for (const each of vintages) {
    const value = step.time - each.issuedAt < REACH_MS ? valueAt(each, each[pick], step) : null;
    if (value !== null) return { vintage: each, value };
  }
  return null;
}

/**
 * The locations whose weather applies to a target, nearest first: its own, its substation's, the region's. For a region without its own,
 * the mean of its substations.
 */
function placesOf(region: Region, target: string): string[][] {
  const [kind, id = ''] = target.split(':');
  const whole = `region:${region.id}`;
  if (kind === 'region') return [[whole], region.substations.map((each) => `substation:${each.id}`)];
  const substation = region.substations.find(
    (each) => each.id === id || each.network.feeders.some((feeder) => feeder.id === id),
  );
  return [[target], substation === undefined ? [] : [`substation:${substation.id}`], [whole]];
}

/** The mean of the vintage's own steps in a step, or the longer step that holds it; null unless it covers the whole step. */
function valueAt(vintage: WeatherVintage, column: WeatherColumn | null, { time, stepMs }: Step): number | null {
  const ownMs = vintage.resolutionS * 1000;
  const first = Math.floor((time - vintage.start) / ownMs);
  const end = Math.ceil((time + stepMs - vintage.start) / ownMs);
  if (first < 0) return null;
  let sum = 0;
  for (let step = first; step < end; step++) {
    const value = column?.[step] ?? null;
    if (value === null) return null;
    sum += value;
  }
  return sum / (end - first);
}
