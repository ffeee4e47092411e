import type { Stream } from '../../shared/contracts/frame.ts';
import { MAX_OFFSET, MAX_RUN } from '../../shared/contracts/ids.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { Account, type RunKey } from './account.ts';
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
];

/** Offsets of imported history, which no gateway sent: each sample counts as received `intervalMs` after its source time. */
export interface Archive {
  readonly gateway: string;
  readonly first: number;
  readonly last: number;
  /** Bounds of the source times, inclusive, ms UTC. */
  readonly timeFrom: number;
  readonly timeTo: number;
  readonly intervalMs: number;
}

export interface StoredPerHour {
  readonly gateway: string;
  /** Start of the hour, ms UTC. */
  readonly start: number;
  readonly stored: number;
}

/** The ledger's tables. Calls inside `commit` are kept together or not at all, and on the medium once `synced` resolves. */
export class LedgerFile extends SqliteFile {
  constructor(at: Where) {
    super({ at, name: 'ledger', migrations, what: 'the ledger', kept: 'behind' });
    this.open();
  }

  commit<T>(work: () => T): T {
    const result = transaction(this.db, work);
    this.committed();
    return result;
  }

  accounts(): Account[] {
    const spans = this.db.prepare('SELECT * FROM span WHERE run = ? ORDER BY first');
    return this.db
      .prepare('SELECT * FROM run ORDER BY id')
      .all()
      .map((row) => {
        const key = { gateway: String(row['gateway']), stream: row['stream'] as Stream, run: Number(row['run']) };
        const account = new Account(key, Number(row['id']), Number(row['opened_at']));
        account.union.load(spans.all(account.id).map(spanOf));
        account.firstOffset = row['first_offset'] as number | null;
        account.lastOffset = row['last_offset'] as number | null;
        return account;
      });
  }

  addRun(key: RunKey, openedAt: number): Account {
    const { gateway, stream, run } = key;
    const row = this.prepared('INSERT INTO run (gateway, stream, run, opened_at) VALUES (?, ?, ?, ?) RETURNING id').get(
      gateway,
      stream,
      run,
      openedAt,
    );
    return new Account(key, Number(row?.['id']), openedAt);
  }

  saveBounds(account: Account): void {
    this.db
      .prepare('UPDATE run SET first_offset = ?, last_offset = ? WHERE id = ?')
      .run(account.firstOffset, account.lastOffset, account.id);
  }

  removeSpans(run: number, spans: readonly Span[]): void {
    const statement = this.prepared('DELETE FROM span WHERE run = ? AND first = ?');
    for (const span of spans) statement.run(run, span.first);
  }

  /** One span in the place of all within it. */
  joinSpans(run: number, span: Span): void {
    this.prepared('DELETE FROM span WHERE run = ? AND first BETWEEN ? AND ?').run(run, span.first, span.last);
    this.addSpans(run, [span]);
  }

  addSpans(run: number, spans: readonly Span[]): void {
    const statement = this.prepared('INSERT OR REPLACE INTO span VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    for (const { first, last, state, receivedAt, timeFrom, timeTo, code } of spans) {
      statement.run(run, first, last, state, receivedAt, timeFrom, timeTo, code);
    }
  }

  countHours(hours: readonly StoredPerHour[]): void {
    const statement = this.db.prepare(
      'INSERT INTO hour VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET stored = stored + excluded.stored',
    );
    for (const { gateway, start, stored } of hours) statement.run(gateway, start, stored);
  }

  /** Frames stored whose source time lies in the hours of [from, to). */
  storedBetween(gateway: string, from: number, to: number): number {
    const row = this.db
      .prepare('SELECT sum(stored) AS n FROM hour WHERE gateway = ? AND start >= ? AND start < ?')
      .get(gateway, from, to);
    return Number(row?.['n'] ?? 0);
  }

  addArchive(archive: Archive): void {
    const { gateway, first, last, timeFrom, timeTo, intervalMs } = archive;
    this.db
      .prepare('INSERT OR REPLACE INTO archive VALUES (?, ?, ?, ?, ?, ?)')
      .run(gateway, first, last, timeFrom, timeTo, intervalMs);
  }

  archives(): Archive[] {
    return this.db
      .prepare('SELECT * FROM archive ORDER BY gateway, first, time_from')
      .all()
      .map((row) => ({
        gateway: String(row['gateway']),
        first: Number(row['first']),
        last: Number(row['last']),
        timeFrom: Number(row['time_from']),
        timeTo: Number(row['time_to']),
        intervalMs: Number(row['interval_ms']),
      }));
  }
}

const spanOf = (row: Record<string, unknown>): Span => ({
  first: Number(row['first']),
  last: Number(row['last']),
  state: row['state'] as SpanState,
  receivedAt: Number(row['received_at']),
  timeFrom: row['time_from'] as number | null,
  timeTo: row['time_to'] as number | null,
  code: row['code'] as string | null,
});
