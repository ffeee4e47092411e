import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';

const migrations = [
  `CREATE TABLE vintage (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, location TEXT NOT NULL,
     issued_at INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, resolution_s INTEGER NOT NULL, content BLOB NOT NULL,
     UNIQUE (source, location, issued_at)
   );
   CREATE INDEX vintage_location ON vintage (location, issued_at)`,
];

export type WeatherColumn = readonly (number | null)[];

/** One weather forecast as it was issued; means over steps from `start`. Times in ms UTC of plant time. */
export interface WeatherVintage {
  readonly id: string;
  readonly source: string;
  /** The target at whose place it holds: substation:owd, region:north. */
  readonly location: string;
  readonly issuedAt: number;
  readonly start: number;
  readonly resolutionS: number;
  readonly temperatureC: WeatherColumn | null;
  /** Global horizontal irradiance, W/m2. */
  readonly ghiWm2: WeatherColumn | null;
  /** Wind speed at hub height, m/s. */
  readonly windMs: WeatherColumn | null;
}

export interface WeatherListQuery {
  readonly locations: readonly string[];
  /** Half open: those that touch [from, to). */
  readonly from: number;
  readonly to: number;
  readonly issuedBefore: number;
  readonly source: string | null;
}

export const stepsOf = ({ temperatureC, ghiWm2, windMs }: WeatherVintage): number =>
  (temperatureC ?? ghiWm2 ?? windMs ?? []).length;

/** Weather vintages: never overwritten. */
export class WeatherStore extends SqliteFile {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'weather', migrations, what: 'the store of weather' });
  }

  /** The vintage that stands under its source, location and time of issue: this one, or the one that came before. */
  put(vintage: WeatherVintage): WeatherVintage {
    const { id, source, location, issuedAt, start, resolutionS, temperatureC, ghiWm2, windMs } = vintage;
    const end = start + stepsOf(vintage) * resolutionS * 1000;
    const content = deflateRawSync(JSON.stringify({ temperatureC, ghiWm2, windMs }));
    this.db
      .prepare(
        `INSERT INTO vintage (id, source, location, issued_at, start, end, resolution_s, content)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      )
      .run(id, source, location, issuedAt, start, end, resolutionS, content);
    return vintageOf(
      this.db
        .prepare('SELECT * FROM vintage WHERE source = ? AND location = ? AND issued_at = ?')
        .get(source, location, issuedAt)!,
    );
  }

  /** Newest issue first, after the first `skip`. */
  list(query: WeatherListQuery, page: { readonly skip: number; readonly limit: number }): WeatherVintage[] {
    return this.db
      .prepare(
        `SELECT * FROM vintage WHERE location IN (SELECT value FROM json_each(?)) AND start < ? AND end > ? AND issued_at <= ?
           AND (? IS NULL OR source = ?) ORDER BY issued_at DESC, number DESC LIMIT ? OFFSET ?`,
      )
      .all(
        JSON.stringify(query.locations),
        query.to,
        query.from,
        query.issuedBefore,
        query.source,
        query.source,
        page.limit,
        page.skip,
      )
      .map(vintageOf);
  }
}

function vintageOf(row: Readonly<Record<string, unknown>>): WeatherVintage {
  const content = JSON.parse(inflateRawSync(row['content'] as Uint8Array).toString('utf8')) as Pick<
    WeatherVintage,
    'temperatureC' | 'ghiWm2' | 'windMs'
  >;
  return {
    id: String(row['id']),
    source: String(row['source']),
    location: String(row['location']),
    issuedAt: Number(row['issued_at']),
    start: Number(row['start']),
    resolutionS: Number(row['resolution_s']),
    ...content,
  };
}
