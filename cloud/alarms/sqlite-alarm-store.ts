import type { AlarmPriority } from '../../shared/contracts/alarm.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type { AlarmChanges, AlarmStore, StoredAlarms } from './alarm-store.ts';
import type { Alarm } from './core/alarm.ts';
import type { Announcement } from './core/figures.ts';

const migrations = [
  `CREATE TABLE alarm (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
   CREATE TABLE told (
     n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, alarm INTEGER NOT NULL,
     source TEXT NOT NULL, code TEXT NOT NULL, about TEXT, priority INTEGER NOT NULL
   );
   CREATE INDEX told_at ON told (at);
   CREATE TABLE mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID`,
];

/** Alarms on SQLite. */
export class SqliteAlarmStore extends SqliteFile implements AlarmStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'alarms', migrations, what: 'the alarm store', kept: 'behind' });
  }

  async load(now: number): Promise<StoredAlarms> {
    const rows = this.prepared('SELECT body FROM alarm ORDER BY id').all();
    return {
      alarms: rows.map(({ body }) => JSON.parse(String(body)) as Alarm),
      eventsUpTo: this.#mark('events'),
      nextId: this.#mark('nextId') ?? 1,
      since: this.#since(Math.floor(now)),
    };
  }

  async commit({ put, remove, announcements, eventsUpTo, nextId }: AlarmChanges): Promise<void> {
    transaction(this.db, () => {
      for (const alarm of put)
        this.prepared(
          'INSERT INTO alarm (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
        ).run(alarm.id, JSON.stringify(alarm));
      for (const id of remove) this.prepared('DELETE FROM alarm WHERE id = ?').run(id);
      for (const { at, alarm, source, code, about, priority } of announcements)
        this.prepared('INSERT INTO told (at, alarm, source, code, about, priority) VALUES (?, ?, ?, ?, ?, ?)').run(
          Math.floor(at),
          alarm,
          source,
          code,
          about,
          priority,
        );
      this.#setMark('events', eventsUpTo);
      this.#setMark('nextId', nextId);
    });
    this.committed();
  }

  async announcements(from: number, to: number): Promise<Announcement[]> {
    return this.prepared('SELECT at, source, code, about, priority FROM told WHERE at >= ? AND at < ? ORDER BY at, n')
      .all(Math.floor(from), Math.ceil(to))
      .map((row) => ({
        at: Number(row['at']),
        source: String(row['source']),
        code: String(row['code']),
        about: row['about'] as string | null,
        priority: Number(row['priority']) as AlarmPriority,
      }));
  }

  /** In older data the record starts with the first announcement. */
  #since(now: number): number {
    const known = this.#mark('since');
    if (known !== undefined) return known;
    const first = this.prepared('SELECT MIN(at) AS at FROM told').get()?.['at'] ?? now;
    const since = Math.min(now, Number(first));
    this.#setMark('since', since);
    return since;
  }

  #mark(name: string): number | undefined {
    const row = this.prepared('SELECT value FROM mark WHERE name = ?').get(name);
    return row === undefined ? undefined : Number(row['value']);
  }

  #setMark(name: string, value: number): void {
    this.prepared(
      'INSERT INTO mark (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    ).run(name, value);
  }
}
