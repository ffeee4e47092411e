import type { SQLInputValue } from 'node:sqlite';
import type { Stream } from '../../shared/contracts/frame.ts';
import { MAX_OFFSET, MAX_RUN } from '../../shared/contracts/ids.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import type { RunKey } from './account.ts';
import type {
  Archive,
  Folded,
  StoredLedger,
  StoredRun,
  LedgerChange,
  LedgerStore,
  StoredPerHour,
} from './ledger-store.ts';
import type { Span, SpanState } from './spans.ts';

const migrations = [
  `CREATE TABLE run (
     id INTEGER PRIMARY KEY,
     gateway TEXT NOT NULL, stream TEXT NOT NULL, run INTEGER NOT NULL,
     first_offset INTEGER, last_offset INTEGER,
     UNIQUE (gateway, stream, run)
   );
   CREATE TABLE span (
     run INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
     state TEXT NOT NULL, received_at INTEGER NOT NULL,
     time_from INTEGER, time_to INTEGER, code TEXT,
     PRIMARY KEY (run, first)
   ) WITHOUT ROWID;
   CREATE TABLE hour (
     gateway TEXT NOT NULL, start INTEGER NOT NULL, stored INTEGER NOT NULL,
     PRIMARY KEY (gateway, start)
   ) WITHOUT ROWID;
   CREATE TABLE archive (
     gateway TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
     time_from INTEGER NOT NULL, time_to INTEGER NOT NULL, interval_ms INTEGER NOT NULL,
     PRIMARY KEY (gateway, first, time_from)
   ) WITHOUT ROWID`,
  // Numbers that no gateway counted up to were taken once, and cannot be read back: they account for nothing.
  `DELETE FROM span WHERE first > ${MAX_OFFSET} OR last > ${MAX_OFFSET}
     OR run IN (SELECT id FROM run WHERE run > ${MAX_RUN});
   DELETE FROM run WHERE run > ${MAX_RUN};
   UPDATE run SET first_offset = NULL WHERE first_offset > ${MAX_OFFSET};
   UPDATE run SET last_offset = NULL WHERE last_offset > ${MAX_OFFSET}`,
  'ALTER TABLE run ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0',
  // What came live keeps its lag in the place of its receipt. Of an event nobody asks when it came.
  `ALTER TABLE span RENAME TO span_before;
   CREATE TABLE span (
     run INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
     state TEXT NOT NULL, received_at INTEGER, lag_ms INTEGER NOT NULL,
     time_from INTEGER, time_to INTEGER, code TEXT,
     PRIMARY KEY (run, first)
   ) WITHOUT ROWID;
   WITH kept AS (
     SELECT span_before.*, CASE
       WHEN state <> 'stored' THEN NULL
       WHEN stream = 'events' THEN 0
       WHEN received_at - time_from <= 2000 THEN 2000
       WHEN received_at - time_from <= 5000 THEN 5000
       WHEN received_at - time_from <= 15000 THEN 15000
       WHEN received_at - time_from <= 60000 THEN 60000
     END AS lag
     FROM span_before JOIN run ON run.id = span_before.run
   )
   INSERT INTO span SELECT run, first, last, state, CASE WHEN lag IS NULL THEN received_at END, coalesce(lag, 0),
     time_from, time_to, code FROM kept;
   DROP TABLE span_before`,
  `CREATE TABLE folded (
     gateway TEXT NOT NULL, stream TEXT NOT NULL, state TEXT NOT NULL, code TEXT NOT NULL,
     frames INTEGER NOT NULL, time_from REAL NOT NULL, time_to REAL NOT NULL,
     PRIMARY KEY (gateway, stream, state, code)
   ) WITHOUT ROWID`,
];

/** In the place of no code. */
const NO_CODE = '';
/** Times that are not known lie beyond all that are: SQLite has no infinity to be read back. */
const BEYOND = Number.MAX_SAFE_INTEGER;

/** The ledger on SQLite. */
export class LedgerFile extends SqliteFile implements LedgerStore {
  /** The run that a commit found last. */
  #found: { readonly of: RunKey; readonly id: number } | undefined;

  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'ledger', migrations, what: 'the ledger', kept: 'behind' });
  }

  /** Rejects where the medium refused what was committed before: what can be read back then may not last. */
  async load(): Promise<StoredLedger> {
    await this.synced();
    const spans = this.prepared('SELECT * FROM span WHERE run = ? ORDER BY first');
    // Each text once, however many rows have it.
    const texts = new Map<unknown, string>();
    const text = (value: unknown): string => {
      const found = texts.get(value) ?? String(value);
      texts.set(found, found);
      return found;
    };
    const runs = this.prepared('SELECT * FROM run ORDER BY id')
      .all()
      .map((row) => ({
        ...runOf(row, text),
        spans: spans.all(Number(row['id'])).map((each) => spanOf(each, text)),
      }));
    const archives = this.prepared('SELECT * FROM archive ORDER BY gateway, first, time_from').all().map(archiveOf);
    const folded = this.prepared('SELECT * FROM folded ORDER BY gateway, stream, state, code').all().map(foldedOf);
    return { runs, archives, folded };
  }

  async commit(changes: readonly LedgerChange[]): Promise<void> {
    transaction(this.db, () => {
      this.#found = undefined;
      for (const change of changes) this.#apply(change);
    });
    this.committed();
    await this.synced();
  }

  async storedBetween(gateway: string, from: number, to: number): Promise<number> {
    const sum = 'SELECT sum(stored) AS n FROM hour WHERE gateway = ? AND start >= ? AND start < ?';
    return Number(this.prepared(sum).get(gateway, from, to)?.['n'] ?? 0);
  }

  #apply(change: LedgerChange): void {
    switch (change.kind) {
      case 'run':
        return this.#putRun(change.run);
      case 'spans':
        return this.#replaceSpans(change.of, change);
      case 'hour':
        return this.#countHour(change.hour);
      case 'fold':
        return this.#fold(change.of, change.frames);
      case 'archive':
        return this.#putArchive(change.archive);
    }
  }

  #putRun({ gateway, stream, run, openedAt, firstOffset, lastOffset }: StoredRun): void {
    this.#run(
      `INSERT INTO run (gateway, stream, run, opened_at, first_offset, last_offset) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (gateway, stream, run) DO UPDATE
           SET first_offset = excluded.first_offset, last_offset = excluded.last_offset`,
      gateway,
      stream,
      run,
      openedAt,
      firstOffset,
      lastOffset,
    );
  }

  #idOf(of: RunKey): number {
    const { gateway, stream, run } = of;
    const found = this.#found;
    if (found?.of.run === run && found.of.gateway === gateway && found.of.stream === stream) return found.id;
    const find = this.prepared('SELECT id FROM run WHERE gateway = ? AND stream = ? AND run = ?');
    const id = find.get(gateway, stream, run)?.['id'];
    if (typeof id !== 'number') throw new Error(`${gateway} has no run ${run} of ${stream}`);
    this.#found = { of, id };
    return id;
  }

  #replaceSpans(of: RunKey, { removed, added }: LedgerChange & { kind: 'spans' }): void {
    const id = this.#idOf(of);
    const insert = this.prepared('INSERT INTO span VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
    if (removed !== null) this.#run('DELETE FROM span WHERE run = ? AND first BETWEEN ? AND ?', id, ...removed);
    for (const { first, last, state, receivedAt, lagMs, timeFrom, timeTo, code } of added)
      insert.run(id, first, last, state, receivedAt, lagMs, timeFrom, timeTo, code);
  }

  #fold(of: RunKey, frames: readonly Folded[]): void {
    const id = this.#idOf(of);
    this.#found = undefined;
    this.#run('DELETE FROM span WHERE run = ?', id);
    this.#run('DELETE FROM run WHERE id = ?', id);
    for (const { gateway, stream, state, code, frames: count, timeFrom, timeTo } of frames)
      this.#run(
        `INSERT INTO folded VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET frames = frames + excluded.frames,
           time_from = min(time_from, excluded.time_from), time_to = max(time_to, excluded.time_to)`,
        gateway,
        stream,
        state,
        code ?? NO_CODE,
        count,
        Math.max(-BEYOND, timeFrom),
        Math.min(BEYOND, timeTo),
      );
  }

  #countHour({ gateway, start, stored }: StoredPerHour): void {
    this.#run(
      `INSERT INTO hour VALUES (?, ?, ?)
         ON CONFLICT (gateway, start) DO UPDATE SET stored = hour.stored + excluded.stored`,
      gateway,
      start,
      stored,
    );
  }

  #putArchive({ gateway, first, last, timeFrom, timeTo, intervalMs }: Archive): void {
    this.#run(
      `INSERT INTO archive VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (gateway, first, time_from) DO UPDATE
         SET last = excluded.last, time_to = excluded.time_to, interval_ms = excluded.interval_ms`,
      gateway,
      first,
      last,
      timeFrom,
      timeTo,
      intervalMs,
    );
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.prepared(sql).run(...values);
  }
}

type Row = Readonly<Record<string, unknown>>;

const runOf = (row: Row, text: (value: unknown) => string): StoredRun => ({
  gateway: text(row['gateway']),
  stream: text(row['stream']) as Stream,
  run: Number(row['run']),
  openedAt: Number(row['opened_at']),
  firstOffset: row['first_offset'] as number | null,
  lastOffset: row['last_offset'] as number | null,
});

const spanOf = (row: Row, text: (value: unknown) => string): Span => ({
  first: Number(row['first']),
  last: Number(row['last']),
  state: text(row['state']) as SpanState,
  receivedAt: row['received_at'] as number | null,
  lagMs: Number(row['lag_ms']),
  timeFrom: row['time_from'] as number | null,
  timeTo: row['time_to'] as number | null,
  code: row['code'] === null ? null : text(row['code']),
});

const foldedOf = (row: Row): Folded => ({
  gateway: String(row['gateway']),
  stream: row['stream'] as Stream,
  state: row['state'] as Folded['state'],
  code: row['code'] === NO_CODE ? null : String(row['code']),
  frames: Number(row['frames']),
  timeFrom: Number(row['time_from']) === -BEYOND ? -Infinity : Number(row['time_from']),
  timeTo: Number(row['time_to']) === BEYOND ? Infinity : Number(row['time_to']),
});

const archiveOf = (row: Row): Archive => ({
  gateway: String(row['gateway']),
  first: Number(row['first']),
  last: Number(row['last']),
  timeFrom: Number(row['time_from']),
  timeTo: Number(row['time_to']),
  intervalMs: Number(row['interval_ms']),
});
