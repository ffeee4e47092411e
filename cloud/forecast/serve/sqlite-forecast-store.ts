import type { DatabaseSync } from 'node:sqlite';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import { indexOfLevel } from '../../../shared/forecast/quantiles.ts';
import { SqlStore, type SqlPlace } from '../../sql/sql-store.ts';
import { runEach, type Row, type SqlValue } from '../../sql/sql.ts';
import { withRest } from './components.ts';
import { isWeekId, type ForecastHead, type ForecastStore, type HeadQuery } from './forecast-store.ts';
import { UNITS_PER_KW } from './rounded-kw.ts';

const migrations = [
  `CREATE TABLE forecast (
     number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, target TEXT NOT NULL, issued_at INTEGER NOT NULL, start INTEGER NOT NULL,
     meta TEXT NOT NULL, vals BLOB NOT NULL
   );
   CREATE INDEX forecast_target ON forecast (target, issued_at);
   CREATE TABLE tracker (target TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID`,
  `ALTER TABLE forecast ADD COLUMN kind TEXT NOT NULL DEFAULT 'issued';
   ALTER TABLE forecast ADD COLUMN steps INTEGER NOT NULL DEFAULT 192;
   ALTER TABLE forecast ADD COLUMN resolution_s INTEGER NOT NULL DEFAULT 900;
   DROP INDEX forecast_target;
   CREATE INDEX forecast_kind ON forecast (target, kind, issued_at)`,
  `CREATE TABLE error_path (target TEXT NOT NULL, origin INTEGER NOT NULL, path BLOB NOT NULL, PRIMARY KEY (target, origin)) WITHOUT ROWID`,
  "ALTER TABLE forecast ADD COLUMN load TEXT NOT NULL DEFAULT 'uncontrolled'",
  `ALTER TABLE forecast ADD COLUMN model TEXT;
   ALTER TABLE forecast ADD COLUMN is_fallback INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE forecast ADD COLUMN is_extended INTEGER NOT NULL DEFAULT 0`,
  markExtended,
];

/**
 * Marks week-ahead forecasts of older versions. It finds them by name, so that a start does not read a year of forecasts. For the same
 * reason older rows have no `model`: heads read it from their `meta`.
 */
function markExtended(db: DatabaseSync): void {
  db.exec(`UPDATE forecast SET is_extended = 1 WHERE meta -> '$.extension' IS NOT NULL
    AND number IN (SELECT number FROM forecast WHERE id GLOB '*-week' OR id GLOB 'fc_*')`);
}

const INSERT = `INSERT INTO forecast
  (id, target, issued_at, start, meta, vals, kind, steps, resolution_s, load, model, is_fallback, is_extended)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`;
const ISSUED = `SELECT meta, vals FROM forecast WHERE target = ? AND kind = 'issued' AND load = 'uncontrolled'`;

/** Forecasts in a database. */
export class SqliteForecastStore extends SqlStore implements ForecastStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'forecasts', migrations, what: 'the forecast store', durability: 'some time' });
  }

  async put(forecasts: readonly Forecast[]): Promise<void> {
    const all = forecasts.map((forecast): SqlValue[] => {
      const { id, target, issuedAt, start, kind, values, resolutionS, load, model, fallback, extension } = forecast;
      const { meta, rows } = flattened(forecast);
      return [
        id,
        target,
        issuedAt,
        start,
        JSON.stringify(meta),
        packed(rows),
        kind,
        values[0]?.length ?? 0,
        resolutionS,
        load,
        model.id,
        Number(fallback !== null),
        Number(extension !== undefined),
      ];
    });
    await this.sql.transaction(() => runEach(INSERT, all));
  }

  async get(id: string): Promise<Forecast | undefined> {
    return (await this.sql.rows('SELECT meta, vals FROM forecast WHERE id = ?', id)).map(unpacked)[0];
  }

  async newest(target: string, asOf = Number.MAX_SAFE_INTEGER): Promise<Forecast | undefined> {
    const query = `${ISSUED} AND issued_at <= ? AND is_extended = 0 ORDER BY issued_at DESC, number DESC LIMIT 1`;
    return (await this.sql.rows(query, target, asOf)).map(unpacked)[0];
  }

  async newestWeekAhead(target: string, since: number, asOf: number): Promise<Forecast | undefined> {
    const query = `${ISSUED} AND issued_at >= ? AND issued_at <= ? AND is_extended = 1 ORDER BY issued_at DESC, number DESC LIMIT 1`;
    return (await this.sql.rows(query, target, since, asOf)).map(unpacked)[0];
  }

  async issued(
    target: string,
    { from, to, limit }: { readonly from: number; readonly to: number; readonly limit: number },
  ): Promise<Forecast[]> {
    const query = `${ISSUED} AND issued_at >= ? AND issued_at < ? ORDER BY issued_at, number LIMIT ?`;
    return (await this.sql.rows(query, target, from, to, limit)).map(unpacked);
  }

  async heads({ target, kind, from, to, load }: HeadQuery): Promise<ForecastHead[]> {
    const isAny = load === undefined && kind === 'external';
    const found = await this.sql.rows(
      `SELECT id, issued_at, start, steps, resolution_s, model, is_fallback,
         CASE WHEN model IS NULL OR is_extended = 1 THEN meta END AS meta FROM forecast
         WHERE target = ? AND kind = ? AND issued_at >= ? AND issued_at <= ? ${isAny ? '' : 'AND load = ?'} ORDER BY issued_at, number`,
      target,
      kind,
      from,
      to,
      ...(isAny ? [] : [load ?? 'uncontrolled']),
    );
    return found.map(headOf);
  }

  async errorPaths(target: string): Promise<[origin: number, path: Float32Array][]> {
    const found = await this.sql.rows('SELECT origin, path FROM error_path WHERE target = ? ORDER BY origin', target);
    return found.map(({ origin, path }) => [
      Number(origin),
      new Float32Array(Uint8Array.from(path as Uint8Array).buffer),
    ]);
  }

  async putErrorPath(target: string, origin: number, path: Float32Array): Promise<void> {
    const bytes = new Uint8Array(path.buffer, path.byteOffset, path.byteLength);
    const insert = 'INSERT INTO error_path (target, origin, path) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';
    await this.sql.run(insert, target, origin, bytes);
  }

  async pruneErrorPaths(target: string, before: number): Promise<void> {
    await this.sql.run('DELETE FROM error_path WHERE target = ? AND origin < ?', target, before);
  }

  async trackerState(target: string): Promise<unknown> {
    const [row] = await this.sql.rows('SELECT state FROM tracker WHERE target = ?', target);
    return row === undefined ? undefined : JSON.parse(row['state'] as string);
  }

  async keepTrackerState(target: string, state: unknown): Promise<void> {
    const keep =
      'INSERT INTO tracker (target, state) VALUES (?, ?) ON CONFLICT (target) DO UPDATE SET state = excluded.state';
    await this.sql.run(keep, target, JSON.stringify(state));
  }
}

function headOf(row: Row): ForecastHead {
  const meta = row['meta'] === null ? undefined : (JSON.parse(row['meta'] as string) as StoredMeta);
  const id = String(row['id']);
  const isOld = row['model'] === null;
  return {
    id,
    issuedAt: Number(row['issued_at']),
    start: Number(row['start']),
    steps: Number(row['steps']),
    resolutionS: Number(row['resolution_s']),
    model: isOld ? meta!.model.id : String(row['model']),
    isFallback: isOld ? (meta!.fallback ?? null) !== null : row['is_fallback'] === 1,
    ...(meta?.extension && isWeekId(id) && { copiedTo: meta.extension.from }),
  };
}

/** Differences from row to row as 32-bit integers, deflated; a row shorter than the first is padded. */
function packed(values: readonly (readonly number[])[]): Uint8Array {
  const steps = values[0]?.length ?? 0;
  const units = new Int32Array(2 + values.length * steps);
  units.set([values.length, steps]);
  for (const [q, row] of values.entries()) {
    for (let step = 0; step < steps; step++) {
      const before = q === 0 ? 0 : Math.round((values[q - 1]![step] ?? 0) * UNITS_PER_KW);
      units[2 + q * steps + step] = step < row.length ? Math.round(row[step]! * UNITS_PER_KW) - before : 0;
    }
  }
  return deflateRawSync(new Uint8Array(units.buffer), { level: 1 });
}

type Reconciled = NonNullable<Forecast['reconciled']>;

/** Series are stored in the packed rows instead of the JSON: after the quantiles the mean, the reconciliation, and the components. */
type StoredMeta = Omit<Forecast, 'values' | 'components' | 'mean' | 'reconciled'> & {
  readonly isSplit?: boolean;
  readonly splitSteps?: number;
  readonly hasMean?: boolean;
  readonly reconciled?: Omit<Reconciled, 'before' | 'spread'> & { readonly steps: number };
};

/** A factor is stored to 1e-4: times this scale it fits the 0.01 of the rows. */
const SPREAD_SCALE = 100;

function flattened({ values, components, mean, reconciled, ...rest }: Forecast): {
  readonly meta: StoredMeta;
  readonly rows: readonly (readonly number[])[];
} {
  const { before, spread, ...how } = reconciled ?? { before: undefined, spread: undefined };
  const meta: StoredMeta = {
    ...rest,
    ...(mean && { hasMean: true }),
    ...(reconciled && {
      reconciled: { ...(how as Omit<Reconciled, 'before' | 'spread'>), steps: reconciled.before.length },
    }),
    ...(components && { isSplit: true, splitSteps: components.solar.length }),
  };
  const rows = [
    ...values,
    ...(mean ? [mean] : []),
    ...(before ? [before, spread.map((factor) => factor * SPREAD_SCALE)] : []),
    ...(components ? [components.solar, components.wind] : []),
  ];
  return { meta, rows };
}

function unpacked(row: Row): Forecast {
  const bytes = Uint8Array.from(inflateRawSync(row['vals'] as Uint8Array));
  const units = new Int32Array(bytes.buffer);
  const [quantiles = 0, steps = 0] = units;
  const totals = new Float64Array(steps);
  const values = Array.from({ length: quantiles }, (_, q) =>
    Array.from({ length: steps }, (_, step) => (totals[step]! += units[2 + q * steps + step]!) / UNITS_PER_KW),
  );
  const { isSplit, splitSteps = steps, hasMean, reconciled, ...meta } = JSON.parse(row['meta'] as string) as StoredMeta;
  const [mean, before, spread, solar, wind] = (() => {
    const behind = values.splice(meta.quantiles.length);
    const next = (is: boolean): number[] | undefined => (is ? behind.shift() : undefined);
    const [one, two] = [next(hasMean === true), next(reconciled !== undefined)];
    return [one, two, next(reconciled !== undefined), next(isSplit === true), next(isSplit === true)];
  })();
  return {
    ...meta,
    values,
    ...(mean && { mean }),
    ...(reconciled && before && spread && { reconciled: unpackedHow(reconciled, before, spread) }),
    ...(solar &&
      wind && {
        components: withRest(
          values[indexOfLevel(meta.quantiles, 0.5)]!,
          solar.slice(0, splitSteps),
          wind.slice(0, splitSteps),
        ),
      }),
  };
}

function unpackedHow(
  { steps, ...how }: NonNullable<StoredMeta['reconciled']>,
  before: readonly number[],
  spread: readonly number[],
): Reconciled {
  return { ...how, before: before.slice(0, steps), spread: spread.slice(0, steps).map(unscaled) };
}

const unscaled = (value: number): number => Math.round(value * (1e4 / SPREAD_SCALE)) / 1e4;
