import type { AlarmPriority } from '../../shared/contracts/alarm.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type { Alarm } from './core/alarm.ts';
import type { Told } from './core/figures.ts';

const migrations = [
  `CREATE TABLE alarm (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
   CREATE TABLE told (
     n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, alarm INTEGER NOT NULL,
     source TEXT NOT NULL, code TEXT NOT NULL, about TEXT, priority INTEGER NOT NULL
   );
   CREATE INDEX told_at ON told (at);
   CREATE TABLE mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID`,
];

/** What a turn of the desk leaves behind, written at once or not at all. */
export interface AlarmWrite {
  readonly put: readonly Alarm[];
  readonly remove: readonly number[];
  readonly told: readonly (Told & { readonly alarm: number })[];
  /** Id of the last event that the desk has taken. */
  readonly eventsUpTo: number;
  /** The id that the next alarm gets. */
  readonly nextId: number;
}

/** The desk's alarms and when each was told, over restarts. */
export class AlarmStore extends SqliteFile {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'alarms', migrations, what: 'the alarm store', kept: 'behind' });
  }

  alarms(): Alarm[] {
    return this.db
      .prepare('SELECT body FROM alarm ORDER BY id')
      .all()
      .map((row) => JSON.parse(String(row['body'])) as Alarm);
  }

  /** Undefined before the first write. */
  eventsUpTo(): number | undefined {
    return this.#mark('events');
  }

  nextId(): number {
    return this.#mark('nextId') ?? 1;
  }

  /** Since when alarms have been told, ms UTC of plant time; `now` where this is the first start. */
  watchedSince(now: number): number {
    this.db
      .prepare(`INSERT OR IGNORE INTO mark SELECT 'since', MIN(?, COALESCE((SELECT MIN(at) FROM told), ?))`)
      .run(Math.floor(now), Math.floor(now));
    return this.#mark('since')!;
  }

  write({ put, remove, told, eventsUpTo, nextId }: AlarmWrite): void {
    const { db } = this;
    transaction(db, () => {
      const insert = db.prepare('INSERT OR REPLACE INTO alarm VALUES (?, ?)');
      for (const alarm of put) insert.run(alarm.id, JSON.stringify(alarm));
      const gone = db.prepare('DELETE FROM alarm WHERE id = ?');
      for (const id of remove) gone.run(id);
      const add = db.prepare('INSERT INTO told (at, alarm, source, code, about, priority) VALUES (?, ?, ?, ?, ?, ?)');
      for (const { at, alarm, source, code, about, priority } of told)
        add.run(Math.floor(at), alarm, source, code, about, priority);
      const mark = db.prepare('INSERT OR REPLACE INTO mark VALUES (?, ?)');
      mark.run('events', eventsUpTo);
      mark.run('nextId', nextId);
    });
    this.committed();
  }

  /** What was told in [from, to), oldest first. */
  told(from: number, to: number): Told[] {
    return this.db
      .prepare('SELECT at, source, code, about, priority FROM told WHERE at >= ? AND at < ? ORDER BY at, n')
      .all(Math.floor(from), Math.ceil(to))
      .map((row) => ({
        at: Number(row['at']),
        source: String(row['source']),
        code: String(row['code']),
        about: row['about'] as string | null,
        priority: Number(row['priority']) as AlarmPriority,
      }));
  }

  forgetBefore(time: number): void {
    this.db.prepare('DELETE FROM told WHERE at < ?').run(Math.floor(time));
  }

  #mark(name: string): number | undefined {
    const row = this.db.prepare('SELECT value FROM mark WHERE name = ?').get(name);
    return row === undefined ? undefined : Number(row['value']);
  }
}
