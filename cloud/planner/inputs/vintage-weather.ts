import type { Region } from '../../../shared/contracts/region.ts';
import type { InputQuery, WeatherIntervals, WeatherSource } from '../../forecast/serve/inputs.ts';
import { stepsOf, type WeatherColumn, type WeatherStore, type WeatherVintage } from './weather-store.ts';

type Column = 'ghiWm2' | 'windMs' | 'temperatureC';

const DAY_MS = 86_400_000;
/** A step is answered for by what was issued within this time before it. */
const REACH_MS = 16 * DAY_MS;
const MOST = 5_000;

/**
 * Weather from uploaded vintages: for each step the newest that was issued at or before `asOf` and covers it. What none covers is
 * taken from `behind`, where there is one. Who looks back, with `asOf`, gets nothing of what was recorded after that: where no vintage
 * reaches beyond it, all of the weather is of `behind`.
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
    const { target, start, end, resolutionS, asOf } = query;
    const behind = (await this.#behind?.intervals(query)) ?? null;
    const tiers = placesOf(this.#region, target);
    const vintages = await this.#store.list(
      {
        locations: tiers.flat(),
        from: start,
        to: asOf === undefined ? end : Math.max(end, asOf + resolutionS * 1000),
        issuedBefore: asOf ?? Number.MAX_SAFE_INTEGER,
        source: null,
      },
      { skip: 0, limit: MOST },
    );
    const reaches = (each: WeatherVintage): boolean =>
      asOf === undefined || each.start + stepsOf(each) * each.resolutionS * 1000 > asOf;
    if (!vintages.some(reaches)) return behind;
    // Of what was recorded, a look back knows no more than had been by then.
    const recordedTo = behind?.hindcast === true ? (asOf ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    const byPlace = Map.groupBy(vintages, ({ location }) => location);
    const count = Math.round((end - start) / (resolutionS * 1000));
    let borrowed = 0;
    const column = (pick: Column, other: 'ghi' | 'wind' | 'temperature'): (number | null)[] =>
      Array.from({ length: count }, (_, step) => {
        const time = start + step * resolutionS * 1000;
        for (const places of tiers) {
          const known = places.flatMap((place) => newestAt(byPlace.get(place) ?? [], pick, time) ?? []);
          if (known.length > 0) return known.reduce((sum, value) => sum + value, 0) / known.length;
        }
        const isOver = time + resolutionS * 1000 <= recordedTo;
        const stand = isOver ? (behind?.[other]?.[step] ?? null) : null;
        if (stand !== null) borrowed++;
        return stand;
      });
    const ghi = column('ghiWm2', 'ghi');
    const wind = column('windMs', 'wind');
    const temperature = column('temperatureC', 'temperature');
    const { source, issuedAt } = vintages[0]!;
    const hindcast = asOf === undefined && borrowed > 0 && behind?.hindcast === true;
    return { ghi, wind, temperature, source, issuedAt, hindcast };
  }
}

/** What the newest vintage that covers a time says of it. `vintages`: newest first. */
function newestAt(vintages: readonly WeatherVintage[], pick: Column, time: number): number | null {
  for (const each of vintages) {
    const value = time - each.issuedAt < REACH_MS ? valueAt(each, each[pick], time) : null;
    if (value !== null) return value;
  }
  return null;
}

/** The locations whose weather holds for a target, the nearest first: its own, its substation's, the region's; of a region else the mean of its parts'. */
function placesOf(region: Region, target: string): string[][] {
  const [kind, id = ''] = target.split(':');
  const whole = `region:${region.id}`;
  if (kind === 'region') return [[whole], region.substations.map((each) => `substation:${each.id}`)];
  const substation = region.substations.find(
    (each) => each.id === id || each.network.feeders.some((feeder) => feeder.id === id),
  );
  return [[target], substation === undefined ? [] : [`substation:${substation.id}`], [whole]];
}

function valueAt(vintage: WeatherVintage, column: WeatherColumn | null, time: number): number | null {
  const step = Math.floor((time - vintage.start) / (vintage.resolutionS * 1000));
  return step < 0 ? null : (column?.[step] ?? null);
}
