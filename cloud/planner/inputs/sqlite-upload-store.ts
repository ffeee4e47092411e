import { Turns } from '../../../shared/time/turns.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { InputQuery } from '../../forecast/serve/inputs.ts';
import type { LoadInterval } from '../../estimate/net-load.ts';
import { kindOf } from '../../retention/kinds.ts';
import { LEAST_COVERAGE } from '../../telemetry/usable-means.ts';
import { SqlStore, type SqlPlace } from '../../sql/sql-store.ts';
import { first, insertAll, rows, run, type Steps } from '../../sql/sql.ts';
import type { Upload, UploadedRange, UploadedValue, UploadReceipt, UploadStore } from './upload-store.ts';

const migrations = [
  `CREATE TABLE value (
     target TEXT NOT NULL, start INTEGER NOT NULL, resolution_s INTEGER NOT NULL, received_at INTEGER NOT NULL,
     kw REAL, quality TEXT NOT NULL, PRIMARY KEY (target, start, resolution_s, received_at)
   ) WITHOUT ROWID`,
  // An upload without a time of receipt is incomplete, and its values are not read. Numbers ascend with the times of receipt.
  `CREATE TABLE upload (id INTEGER PRIMARY KEY, received_at INTEGER);
   INSERT INTO upload (received_at) SELECT DISTINCT received_at FROM value ORDER BY received_at;
   ALTER TABLE value RENAME TO old;
   CREATE TABLE value (
     target TEXT NOT NULL, start INTEGER NOT NULL, resolution_s INTEGER NOT NULL, upload INTEGER NOT NULL REFERENCES upload (id),
     kw REAL, quality TEXT NOT NULL, PRIMARY KEY (target, start, resolution_s, upload)
   ) WITHOUT ROWID;
   INSERT INTO value SELECT target, start, resolution_s, upload.id, kw, quality FROM old JOIN upload USING (received_at);
   DROP TABLE old`,
  // Each start deletes incomplete uploads; the indexes keep that fast next to years of complete ones.
  'CREATE INDEX value_upload ON value (upload)',
  'CREATE INDEX upload_unfinished ON upload (id) WHERE received_at IS NULL',
  // Counting the values of all uploads is slow.
  `ALTER TABLE upload ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
   UPDATE upload SET kept = (SELECT count(*) FROM value WHERE value.upload = upload.id)`,
];

/** Values per transaction, so per turn of the event loop and per round trip to a server. */
const SLICE = 2000;

/** Values of complete uploads only. */
const WHOLE = 'value JOIN upload ON upload.id = value.upload AND received_at IS NOT NULL';

const CELL_S = 900;
/** The longest step of an upload. */
const LONGEST_MS = 3_600_000;

const UNKNOWN: Omit<LoadInterval, 'start'> = {
  mean: null,
  min: null,
  max: null,
  coverage: 0,
  quality: 'bad',
  origin: 'measured',
};

export class SqliteUploadStore extends SqlStore implements UploadStore {
  #revision = 0;
  /** Values of all uploads; undefined: not counted yet. */
  #count: number | undefined;
  readonly #turns = new Turns();

  readonly #most: number;

  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. `most`: number of values beyond which uploads are refused. */
  constructor(at: SqlPlace, most = kindOf('uploads').most ?? Number.POSITIVE_INFINITY) {
    super({ at, name: 'uploads', migrations, what: 'the store of uploaded measurements' });
    this.#most = most;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Also deletes incomplete uploads left by a kill or a fault; no reader has seen them. */
  override async opened(): Promise<void> {
    await super.opened();
    this.#count = undefined;
    await this.#turns.take(() => this.sql.transaction(forgetUnfinished));
  }

  /** Writes in slices and yields between them. The upload counts once its time of receipt is written, which comes last. */
  add(uploads: readonly Upload[], now: () => number): Promise<UploadReceipt> {
    return this.#turns.take(() => this.#add(uploads, now));
  }

  async #add(uploads: readonly Upload[], now: () => number): Promise<UploadReceipt> {
    await this.#assertRoom(uploads);
    const [row] = await this.sql.rows('INSERT INTO upload (received_at) VALUES (NULL) RETURNING id');
    const id = Number(row!['id']);
    let changed = 0;
    for (const slice of slicesOf(uploads)) {
      changed += await this.sql.transaction(() => write(id, slice));
      await new Promise(setImmediate);
    }
    const receivedAt = now();
    const count = await this.sql.transaction(() => finish(id, receivedAt));
    this.#count! += count;
    this.#revision++;
    return { changed, receivedAt };
  }

  /** Deletes in slices too; an interrupted call has deleted the first ones. */
  forget(values: UploadedRange): Promise<number> {
    return this.#turns.take(async () => {
      let forgotten = 0;
      try {
        for (let slice = SLICE; slice === SLICE; forgotten += slice) {
          slice = await this.sql.transaction(() => forgetSlice(values));
          await new Promise(setImmediate);
        }
      } finally {
        if (forgotten > 0) this.#revision++;
        this.#count = undefined;
      }
      return forgotten;
    });
  }

  /** Names only targets of these uploads: the caller may not be allowed to see others. */
  async #assertRoom(uploads: readonly Upload[]): Promise<void> {
    this.#count ??= Number((await this.sql.rows('SELECT sum(kept) AS kept FROM upload'))[0]!['kept'] ?? 0);
    if (this.#count < this.#most) return;
    const own = [...new Set(uploads.map(({ target }) => target))];
    const isOwn = `target IN (${own.map(() => '?').join(', ')})`;
    const [oldest] = await this.sql.rows(
      `SELECT target, min(start) AS first, max(start + 1000 * resolution_s) AS last FROM value
         WHERE upload = (SELECT id FROM upload WHERE received_at IS NOT NULL
             AND EXISTS (SELECT 1 FROM value WHERE value.upload = upload.id AND ${isOwn}) ORDER BY id LIMIT 1)
           AND ${isOwn} GROUP BY target ORDER BY target LIMIT 1`,
      ...own,
      ...own,
    );
    const time = (name: string): string => new Date(Number(oldest![name])).toISOString().replace('.000Z', 'Z');
    const hint =
      oldest === undefined
        ? ''
        : `; delete some. The oldest upload of these targets is ${String(oldest['target'])}, ${time('first')} to ${time('last')}`;
    throw new LoadstoneError('LS-API-018', `the store is full with ${this.#most} uploaded values${hint}`);
  }

  async intervals({
    target,
    start,
    end,
    resolutionS,
    asOf = Number.MAX_SAFE_INTEGER,
  }: InputQuery): Promise<LoadInterval[]> {
    const cellMs = CELL_S * 1000;
    // Later uploads overwrite earlier ones.
    const found = await this.sql.rows(
      `SELECT start, resolution_s, kw, quality FROM ${WHOLE}
         WHERE target = ? AND start > ? AND start < ? AND received_at <= ? ORDER BY resolution_s DESC, start, upload.id`,
      target,
      start - LONGEST_MS,
      end,
      asOf,
    );
    const steps = Math.round((end - start) / (resolutionS * 1000));
    // Most targets never have uploads.
    if (found.length === 0)
      return Array.from({ length: steps }, (_, step) => ({ ...UNKNOWN, start: start + step * resolutionS * 1000 }));
    const cells = Math.ceil((end - start) / cellMs);
    const kw = new Float64Array(cells).fill(Number.NaN);
    const doubtful = new Uint8Array(cells);
    for (const row of found) {
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

  async receipts({
    target,
    start,
    end,
    resolutionS,
    asOf = Number.MAX_SAFE_INTEGER,
  }: InputQuery): Promise<(number | null)[]> {
    const stepMs = resolutionS * 1000;
    const latest: (number | null)[] = Array.from({ length: Math.round((end - start) / stepMs) }, () => null);
    const found = await this.sql.rows(
      `SELECT start, resolution_s, max(received_at) AS at FROM ${WHOLE}
         WHERE target = ? AND start > ? AND start < ? AND received_at <= ? GROUP BY start, resolution_s`,
      target,
      start - LONGEST_MS,
      end,
      asOf,
    );
    for (const row of found) {
      const from = Number(row['start']) - start;
      const to = Math.min(latest.length, Math.ceil((from + Number(row['resolution_s']) * 1000) / stepMs));
      for (let step = Math.max(0, Math.floor(from / stepMs)); step < to; step++)
        latest[step] = Math.max(latest[step] ?? 0, Number(row['at']));
    }
    return latest;
  }

  async span(target: string): Promise<{ readonly from: number; readonly to: number } | undefined> {
    // Uses the key from either end, however long the series: the last end is within an hour of the last start.
    const [row] = await this.sql.rows(
      `WITH whole AS NOT MATERIALIZED (SELECT start, resolution_s FROM ${WHOLE} WHERE target = ?),
         first AS (SELECT start FROM whole ORDER BY start LIMIT 1), last AS (SELECT start FROM whole ORDER BY start DESC LIMIT 1)
       SELECT (SELECT start FROM first) AS a,
         (SELECT max(start + 1000 * resolution_s) FROM whole WHERE start >= (SELECT start FROM last) - 3600000) AS b`,
      target,
    );
    return row === undefined || row['a'] === null ? undefined : { from: Number(row['a']), to: Number(row['b']) };
  }
}

/** Returns the number of deleted values. */
function* forgetSlice({ target, start, end }: UploadedRange): Steps<number> {
  const gone = yield* rows(
    `DELETE FROM value WHERE (target, start, resolution_s, upload) IN (
       SELECT target, start, resolution_s, upload FROM value WHERE target = ? AND start >= ? AND start < ? ORDER BY start LIMIT ?
     ) RETURNING upload`,
    target,
    start,
    end,
    SLICE,
  );
  for (const [upload, { length }] of Map.groupBy(gone, (row) => Number(row['upload']))) {
    // An incomplete upload was never counted.
    yield* run('UPDATE upload SET kept = kept - ? WHERE id = ? AND received_at IS NOT NULL', length, upload);
    yield* forgetEmpty(upload);
  }
  return gone.length;
}

/** Makes an upload visible to readers. Returns its number of values. */
function* finish(id: number, receivedAt: number): Steps<number> {
  const row = yield* first('SELECT count(*) AS n FROM value WHERE upload = ?', id);
  const count = Number(row!['n']);
  yield* run('UPDATE upload SET received_at = ?, kept = ? WHERE id = ?', receivedAt, count, id);
  yield* forgetEmpty(id);
  return count;
}

function* forgetEmpty(id: number): Steps<void> {
  yield* run('DELETE FROM upload WHERE id = ? AND kept = 0 AND received_at IS NOT NULL', id);
}

function* forgetUnfinished(): Steps<void> {
  if ((yield* first('SELECT id FROM upload WHERE received_at IS NULL')) === undefined) return;
  yield* run('DELETE FROM value WHERE upload IN (SELECT id FROM upload WHERE received_at IS NULL)');
  yield* run('DELETE FROM upload WHERE received_at IS NULL');
}

/** Returns the number of values that changed. */
function* write(id: number, slice: readonly Upload[]): Steps<number> {
  let changed = 0;
  for (const { target, resolutionS, values } of slice) {
    const starts = [...new Set(values.map(({ start }) => start))];
    const before = yield* rows(
      `SELECT start, kw, quality FROM value JOIN upload ON upload.id = value.upload
         WHERE target = ? AND start IN (${starts.map(() => '?').join(', ')}) AND resolution_s = ?
           AND (received_at IS NOT NULL OR upload.id = ?) ORDER BY upload.id`,
      target,
      ...starts,
      resolutionS,
      id,
    );
    const newest = new Map(before.map(({ start, kw, quality }) => [Number(start), { kw, quality }]));
    const fresh = new Map<number, UploadedValue>();
    for (const value of values) {
      const { start, kw, quality } = value;
      const known = newest.get(start);
      if (known?.kw === kw && known.quality === quality) continue;
      newest.set(start, value);
      fresh.set(start, value);
      changed++;
    }
    yield* insertAll(
      'INSERT INTO value (target, start, resolution_s, upload, kw, quality)',
      Array.from(fresh.values(), ({ start, kw, quality }) => [target, start, resolutionS, id, kw, quality]),
      'ON CONFLICT (target, start, resolution_s, upload) DO UPDATE SET kw = excluded.kw, quality = excluded.quality',
    );
  }
  return changed;
}

function* slicesOf(uploads: readonly Upload[]): Generator<readonly Upload[]> {
  let slice: Upload[] = [];
  let room = SLICE;
  for (const upload of uploads) {
    for (let from = 0; from < upload.values.length;) {
      const values = upload.values.slice(from, from + room);
      slice.push({ ...upload, values });
      from += values.length;
      room -= values.length;
      if (room > 0) continue;
      yield slice;
      slice = [];
      room = SLICE;
    }
  }
  if (slice.length > 0) yield slice;
}
