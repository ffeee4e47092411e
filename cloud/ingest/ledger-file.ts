import type { Stream } from '../../shared/contracts/frame.ts';
import { MAX_OFFSET, MAX_RUN } from '../../shared/contracts/ids.ts';
import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { first, rows, run, runEach, type Row, type Steps } from '../sql/sql.ts';
import type { RunKey } from './account.ts';
import type { Archive, Folded, StoredLedger, StoredRun, LedgerChange, LedgerStore } from './ledger-store.ts';
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
  // Early versions accepted numbers that no gateway counts up to and that cannot be read back; these rows account for nothing.
  `DELETE FROM span WHERE first > ${MAX_OFFSET} OR last > ${MAX_OFFSET}
     OR run IN (SELECT id FROM run WHERE run > ${MAX_RUN});
   DELETE FROM run WHERE run > ${MAX_RUN};
   UPDATE run SET first_offset = NULL WHERE first_offset > ${MAX_OFFSET};
   UPDATE run SET last_offset = NULL WHERE last_offset > ${MAX_OFFSET}`,
  'ALTER TABLE run ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0',
  // Live frames keep their lag instead of their receipt. No view needs the receipt of an event.
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

/** Stands for a missing code. */
const NO_CODE = '';
/** Stands for unknown times, because an infinity cannot be read back. */
const BEYOND = Number.MAX_SAFE_INTEGER;

/** The ledger in a database. */
export class LedgerFile extends SqlStore implements LedgerStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'ledger', migrations, what: 'the ledger', durability: 'behind' });
  }

  /** Rejects if the medium refused an earlier commit: what can be read back then may not last. */
  async load(): Promise<StoredLedger> {
    await this.synced();
    // Interns texts, however many rows repeat them.
    const texts = new Map<unknown, string>();
    const text = (value: unknown): string => {
      const found = texts.get(value) ?? String(value);
      texts.set(found, found);
      return found;
    };
    return this.sql.reading(function* () {
      const runs: StoredLedger['runs'][number][] = [];
      const stored = yield* rows('SELECT * FROM run ORDER BY id');
      for (let at = 0; at < stored.length; at += RUNS_AT_ONCE) {
        const slice = stored.slice(at, at + RUNS_AT_ONCE);
        const ids = [slice[0]!, slice.at(-1)!].map((row) => Number(row['id']));
        const spans = Map.groupBy(
          yield* rows('SELECT * FROM span WHERE run BETWEEN ? AND ? ORDER BY run, first', ...ids),
          (row) => row['run'],
        );
        for (const row of slice)
          runs.push({ ...runOf(row, text), spans: (spans.get(row['id']) ?? []).map((each) => spanOf(each, text)) });
      }
      const archives = (yield* rows('SELECT * FROM archive ORDER BY gateway, first, time_from')).map(archiveOf);
      const folded = (yield* rows('SELECT * FROM folded ORDER BY gateway, stream, state, code')).map(foldedOf);
      return { runs, archives, folded };
    });
  }

  async commit(changes: readonly LedgerChange[]): Promise<void> {
    await this.sql.transaction(function* () {
      // Caches the last run that was looked up, because most consecutive changes belong to the same run.
      const found: Found = { of: undefined, id: 0 };
      for (const change of changes) yield* apply(change, found);
    });
    await this.synced();
  }

  async storedBetween(gateway: string, from: number, to: number): Promise<number> {
    const sum = 'SELECT sum(stored) AS n FROM hour WHERE gateway = ? AND start >= ? AND start < ?';
    const [row] = await this.sql.rows(sum, gateway, from, to);
    return Number(row?.['n'] ?? 0);
  }
}

/** Runs whose spans are read in one query. */
const RUNS_AT_ONCE = 100;

interface Found {
  of: RunKey | undefined;
  id: number;
}

/** Avoids nested generators where one statement suffices: ledger commits are small and frequent. */
function* apply(change: LedgerChange, found: Found): Steps<void> {
  switch (change.kind) {
    case 'run':
      return yield* putRun(change.run);
    case 'spans':
      return yield* replaceSpans(lastFound(change.of, found) ?? (yield* idOf(change.of, found)), change);
    case 'hour': {
      const { gateway, start, stored } = change.hour;
      return void (yield* run(COUNT_HOUR, gateway, start, stored));
    }
    case 'fold': {
      const id = yield* idOf(change.of, found);
      found.of = undefined;
      return yield* fold(id, change.frames);
    }
    case 'archive':
      return yield* putArchive(change.archive);
  }
}

const COUNT_HOUR = `INSERT INTO hour VALUES (?, ?, ?)
  ON CONFLICT (gateway, start) DO UPDATE SET stored = hour.stored + excluded.stored`;

function* putRun({ gateway, stream, run: number, openedAt, firstOffset, lastOffset }: StoredRun): Steps<void> {
  yield* run(
    `INSERT INTO run (gateway, stream, run, opened_at, first_offset, last_offset) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (gateway, stream, run) DO UPDATE
         SET first_offset = excluded.first_offset, last_offset = excluded.last_offset`,
    gateway,
    stream,
    number,
    openedAt,
    firstOffset,
    lastOffset,
  );
}

const lastFound = ({ gateway, stream, run: number }: RunKey, { of: last, id }: Found): number | undefined =>
  last?.run === number && last.gateway === gateway && last.stream === stream ? id : undefined;

function* idOf(of: RunKey, found: Found): Steps<number> {
  const last = lastFound(of, found);
  if (last !== undefined) return last;
  const { gateway, stream, run: number } = of;
  const find = 'SELECT id FROM run WHERE gateway = ? AND stream = ? AND run = ?';
  const id = (yield* first(find, gateway, stream, number))?.['id'];
  if (typeof id !== 'number') throw new Error(`${gateway} has no run ${number} of ${stream}`);
  [found.of, found.id] = [of, id];
  return id;
}

function* replaceSpans(id: number, { removed, added }: LedgerChange & { kind: 'spans' }): Steps<void> {
  if (removed !== null) yield* run('DELETE FROM span WHERE run = ? AND first BETWEEN ? AND ?', id, ...removed);
  yield* runEach(
    'INSERT INTO span VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    added.map(({ first: from, last, state, receivedAt, lagMs, timeFrom, timeTo, code }) => [
      id,
      from,
      last,
      state,
      receivedAt,
      lagMs,
      timeFrom,
      timeTo,
      code,
    ]),
  );
}

function* fold(id: number, frames: readonly Folded[]): Steps<void> {
  yield* run('DELETE FROM span WHERE run = ?', id);
  yield* run('DELETE FROM run WHERE id = ?', id);
  for (const { gateway, stream, state, code, frames: count, timeFrom, timeTo } of frames)
    yield* run(
      `INSERT INTO folded VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (gateway, stream, state, code) DO UPDATE SET
         frames = folded.frames + excluded.frames,
         time_from = CASE WHEN excluded.time_from < folded.time_from THEN excluded.time_from ELSE folded.time_from END,
         time_to = CASE WHEN excluded.time_to > folded.time_to THEN excluded.time_to ELSE folded.time_to END`,
      gateway,
      stream,
      state,
      code ?? NO_CODE,
      count,
      Math.max(-BEYOND, timeFrom),
      Math.min(BEYOND, timeTo),
    );
}

function* putArchive({ gateway, first: from, last, timeFrom, timeTo, intervalMs }: Archive): Steps<void> {
  yield* run(
    `INSERT INTO archive VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (gateway, first, time_from) DO UPDATE
       SET last = excluded.last, time_to = excluded.time_to, interval_ms = excluded.interval_ms`,
    gateway,
    from,
    last,
    timeFrom,
    timeTo,
    intervalMs,
  );
}

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
