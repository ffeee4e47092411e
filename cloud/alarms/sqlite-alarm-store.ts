import type { AlarmPriority } from '../../shared/contracts/alarm.ts';
import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { first, rows, run, type Steps } from '../sql/sql.ts';
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

export class SqliteAlarmStore extends SqlStore implements AlarmStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'alarms', migrations, what: 'the alarm store', durability: 'behind' });
  }

  async load(now: number): Promise<StoredAlarms> {
    return this.sql.transaction(function* () {
      const alarms = yield* rows('SELECT body FROM alarm ORDER BY id');
      return {
        alarms: alarms.map(({ body }) => JSON.parse(String(body)) as Alarm),
        eventsUpTo: yield* mark('events'),
        nextId: (yield* mark('nextId')) ?? 1,
        since: yield* recordedSince(Math.floor(now)),
      };
    });
  }

  async commit({ put, remove, announcements, eventsUpTo, nextId }: AlarmChanges): Promise<void> {
    await this.sql.transaction(function* () {
      for (const alarm of put) yield* run(PUT, alarm.id, JSON.stringify(alarm));
      for (const id of remove) yield* run('DELETE FROM alarm WHERE id = ?', id);
      for (const { at, alarm, source, code, about, priority } of announcements)
        yield* run(ANNOUNCE, Math.floor(at), alarm, source, code, about, priority);
      yield* setMark('events', eventsUpTo);
      yield* setMark('nextId', nextId);
    });
  }

  async announcements(from: number, to: number): Promise<Announcement[]> {
    const found = await this.sql.rows(
      'SELECT at, source, code, about, priority FROM told WHERE at >= ? AND at < ? ORDER BY at, n',
      Math.floor(from),
      Math.ceil(to),
    );
    return found.map((row) => ({
      at: Number(row['at']),
      source: String(row['source']),
      code: String(row['code']),
      about: row['about'] as string | null,
      priority: Number(row['priority']) as AlarmPriority,
    }));
  }
}

const PUT = 'INSERT INTO alarm (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body';
const ANNOUNCE = 'INSERT INTO told (at, alarm, source, code, about, priority) VALUES (?, ?, ?, ?, ?, ?)';

/** In older data the record starts with the first announcement. */
function* recordedSince(now: number): Steps<number> {
  const known = yield* mark('since');
  if (known !== undefined) return known;
  const earliest = yield* first('SELECT MIN(at) AS at FROM told');
  const since = Math.min(now, Number(earliest?.['at'] ?? now));
  yield* setMark('since', since);
  return since;
}

function* mark(name: string): Steps<number | undefined> {
  const row = yield* first('SELECT value FROM mark WHERE name = ?', name);
  return row === undefined ? undefined : Number(row['value']);
}

const setMark = (name: string, value: number): Steps<number> =>
  run(
    'INSERT INTO mark (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    name,
    value,
  );
