import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { SqlStore, type SqlPlace } from '../../sql/sql-store.ts';
import { first, run, type Row } from '../../sql/sql.ts';
import { stepsOf, type WeatherListQuery, type WeatherStore, type WeatherVintage } from './weather-store.ts';

const migrations = [
  `CREATE TABLE vintage (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, location TEXT NOT NULL,
     issued_at INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, resolution_s INTEGER NOT NULL, content BLOB NOT NULL,
     UNIQUE (source, location, issued_at)
   );
   CREATE INDEX vintage_location ON vintage (location, issued_at)`,
];

export class SqliteWeatherStore extends SqlStore implements WeatherStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'weather', migrations, what: 'the store of weather' });
  }

  async put(vintage: WeatherVintage): Promise<WeatherVintage> {
    const { id, source, location, issuedAt, start, resolutionS, temperatureC, ghiWm2, windMs } = vintage;
    const end = start + stepsOf(vintage) * resolutionS * 1000;
    const content = deflateRawSync(JSON.stringify({ temperatureC, ghiWm2, windMs }));
    return this.sql.transaction(function* () {
      yield* run(
        `INSERT INTO vintage (id, source, location, issued_at, start, "end", resolution_s, content)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        id,
        source,
        location,
        issuedAt,
        start,
        end,
        resolutionS,
        content,
      );
      const stands = 'SELECT * FROM vintage WHERE source = ? AND location = ? AND issued_at = ?';
      return vintageOf((yield* first(stands, source, location, issuedAt))!);
    });
  }

  async list(
    { locations, from, to, issuedBefore, source }: WeatherListQuery,
    { skip, limit, upTo = Number.MAX_SAFE_INTEGER }: Parameters<WeatherStore['list']>[1],
  ): Promise<WeatherVintage[]> {
    if (locations.length === 0) return [];
    const found = await this.sql.rows(
      `SELECT * FROM vintage WHERE location IN (${locations.map(() => '?').join(', ')}) AND start < ? AND "end" > ? AND issued_at <= ?
         AND number <= ? ${source === null ? '' : 'AND source = ?'} ORDER BY issued_at DESC, number DESC LIMIT ? OFFSET ?`,
      ...locations,
      to,
      from,
      issuedBefore,
      upTo,
      ...(source === null ? [] : [source]),
      limit,
      skip,
    );
    return found.map(vintageOf);
  }

  async stored(): Promise<number> {
    const [row] = await this.sql.rows('SELECT max(number) AS number FROM vintage');
    return Number(row?.['number'] ?? 0);
  }
}

function vintageOf(row: Row): WeatherVintage {
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
