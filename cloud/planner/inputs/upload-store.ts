import type { Quality } from '../../../shared/contracts/ids.ts';
import type { InputQuery } from '../../forecast/inputs.ts';
import type { LoadInterval } from '../../estimate/net-load.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import { transaction } from '../../telemetry/sqlite.ts';

const migrations = [
  `CREATE TABLE value (
     target TEXT NOT NULL, start INTEGER NOT NULL, resolution_s INTEGER NOT NULL, received_at INTEGER NOT NULL,
     kw REAL, quality TEXT NOT NULL, PRIMARY KEY (target, start, resolution_s, received_at)
   ) WITHOUT ROWID`,
];

/** Mean power over [start, start + resolution) of the upload, kW, load convention; null: known to be missing. */
export interface UploadedValue {
  readonly start: number;
  readonly kw: number | null;
  readonly quality: Quality;
}

export interface Upload {
  readonly target: string;
  readonly resolutionS: number;
  readonly values: readonly UploadedValue[];
  /** Plant time. */
  readonly receivedAt: number;
}

/** Shares of an interval that values must cover for it to be known. */
const LEAST_COVERAGE = 0.5;
const CELL_S = 900;

const UNKNOWN: Omit<LoadInterval, 'start'> = {
  mean: null,
  min: null,
  max: null,
  coverage: 0,
  quality: 'bad',
  origin: 'measured',
};

/** Measurements that came by file for targets without a meter of ours. A correction goes beside what it corrects: `asOf` sees either. */
export class UploadStore extends SqliteFile {
  #revision = 0;

  /** `path`: a file, or `:memory:`. */
  constructor(path: string) {
    super({ path, migrations, what: 'the store of uploaded measurements' });
  }

  /** Counts up with each upload. */
  get revision(): number {
    return this.#revision;
  }

  /** All of it, or nothing where it throws. Answers how many values changed something: the same again does not. */
  add(uploads: readonly Upload[]): number {
    this.#revision++;
    const newest = this.db.prepare(
      'SELECT kw, quality FROM value WHERE target = ? AND start = ? AND resolution_s = ? ORDER BY received_at DESC LIMIT 1',
    );
    const insert = this.db.prepare('INSERT OR REPLACE INTO value VALUES (?, ?, ?, ?, ?, ?)');
    return transaction(this.db, () => {
      let changed = 0;
      for (const { target, resolutionS, values, receivedAt } of uploads) {
        for (const { start, kw, quality } of values) {
          const before = newest.get(target, start, resolutionS);
          if (before !== undefined && before['kw'] === kw && before['quality'] === quality) continue;
          insert.run(target, start, resolutionS, receivedAt, kw, quality);
          changed++;
        }
      }
      return changed;
    });
  }

  /** One entry for each interval of the range; finer values count before coarser ones, newer before older. */
  intervals({ target, start, end, resolutionS, asOf = Number.MAX_SAFE_INTEGER }: InputQuery): LoadInterval[] {
    const cellMs = CELL_S * 1000;
    const rows = this.db
      .prepare(
        `SELECT start, resolution_s, kw, quality, max(received_at) FROM value
           WHERE target = ? AND start > ? AND start < ? AND received_at <= ? GROUP BY start, resolution_s
           ORDER BY resolution_s DESC, start`,
      )
      .all(target, start - 3_600_000, end, asOf);
    const steps = Math.round((end - start) / (resolutionS * 1000));
    // Of most targets nothing ever came by file.
    if (rows.length === 0)
      return Array.from({ length: steps }, (_, step) => ({ ...UNKNOWN, start: start + step * resolutionS * 1000 }));
    const cells = Math.ceil((end - start) / cellMs);
    const kw = new Float64Array(cells).fill(Number.NaN);
    const doubtful = new Uint8Array(cells);
    for (const row of rows) {
      const first = Math.round((Number(row['start']) - start) / cellMs);
      const usable = row['kw'] !== null && row['quality'] !== 'bad';
      for (let cell = first; cell < first + Number(row['resolution_s']) / CELL_S; cell++) {
        if (cell < 0 || cell >= cells) continue;
        kw[cell] = usable ? Number(row['kw']) : Number.NaN;
        doubtful[cell] = row['quality'] === 'good' ? 0 : 1;
      }
    }
    const width = resolutionS / CELL_S;
    return Array.from({ length: steps }, (_, step): LoadInterval => {
      const own = kw.subarray(step * width, (step + 1) * width).filter((value) => !Number.isNaN(value));
      const known = own.length / width >= LEAST_COVERAGE;
      const isDoubtful = doubtful.subarray(step * width, (step + 1) * width).includes(1);
      return {
        start: start + step * resolutionS * 1000,
        mean: known ? own.reduce((sum, value) => sum + value, 0) / own.length : null,
        min: null,
        max: null,
        coverage: own.length / width,
        quality: known ? (isDoubtful || own.length < width ? 'uncertain' : 'good') : 'bad',
        origin: 'measured',
      };
    });
  }

  /** When the last of each interval came; null: nothing of it. */
  receipts({ target, start, end, resolutionS }: InputQuery): (number | null)[] {
    const stepMs = resolutionS * 1000;
    const latest: (number | null)[] = Array.from({ length: Math.round((end - start) / stepMs) }, () => null);
    const rows = this.db
      .prepare(
        'SELECT start, max(received_at) AS at FROM value WHERE target = ? AND start >= ? AND start < ? GROUP BY start',
      )
      .all(target, start, end);
    for (const row of rows) {
      const step = Math.floor((Number(row['start']) - start) / stepMs);
      latest[step] = Math.max(latest[step] ?? 0, Number(row['at']));
    }
    return latest;
  }

  span(target: string): { readonly from: number; readonly to: number } | undefined {
    // By the key alone, however long the series is: the last end is within an hour of the last start.
    const row = this.db
      .prepare(
        `SELECT (SELECT min(start) FROM value WHERE target = ?) AS a,
           (SELECT max(start + 1000 * resolution_s) FROM value WHERE target = ?
              AND start >= (SELECT max(start) FROM value WHERE target = ?) - 3600000) AS b`,
      )
      .get(target, target, target);
    return row === undefined || row['a'] === null ? undefined : { from: Number(row['a']), to: Number(row['b']) };
  }
}
