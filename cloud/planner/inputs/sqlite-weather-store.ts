import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import { stepsOf, type WeatherListQuery, type WeatherStore, type WeatherVintage } from './weather-store.ts';

const migrations = [
  `CREATE TABLE vintage (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, location TEXT NOT NULL,
     issued_at INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, resolution_s INTEGER NOT NULL, content BLOB NOT NULL,
     UNIQUE (source, location, issued_at)
   );
   CREATE INDEX vintage_location ON vintage (location, issued_at)`,
];

/** Weather vintages on SQLite. */
export class SqliteWeatherStore extends SqliteFile implements WeatherStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'weather', migrations, what: 'the store of weather' });
  }

  async put(vintage: WeatherVintage): Promise<WeatherVintage> {
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

  async list(
    query: WeatherListQuery,
    page: { readonly skip: number; readonly limit: number },
  ): Promise<WeatherVintage[]> {
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
