import type { EventView } from '../../shared/contracts/view.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type { EventQuery, EventSearch, EventsFound, EventStore, SourceEvents } from './event-store.ts';

const migrations = [
  `CREATE TABLE event (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     time INTEGER NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL,
     code TEXT NOT NULL, text TEXT NOT NULL, device TEXT, subject TEXT, active INTEGER,
     count INTEGER NOT NULL, received_at INTEGER NOT NULL,
     run INTEGER, off INTEGER
   );
   CREATE UNIQUE INDEX event_once ON event (source, run, off) WHERE run IS NOT NULL;
   CREATE INDEX event_source ON event (source, id)`,
  'ALTER TABLE event ADD COLUMN parameters TEXT',
];

/** Events on SQLite. */
export class SqliteEventStore extends SqliteFile implements EventStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'events', migrations, what: 'the event log', kept: 'behind' });
  }

  async commit(groups: readonly SourceEvents[], receivedAt: number): Promise<EventView[]> {
    const db = this.db;
    const statement = this.prepared(
      `INSERT INTO event (time, source, kind, severity, code, text, device, subject, active, count, received_at, run, off, parameters)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING *`,
    );
    let rows: (Record<string, unknown> | undefined)[];
    try {
      rows = transaction(db, () =>
        groups.flatMap(({ source, events }) =>
          events.map(({ event, identity }) => {
            const { time, kind, severity, code, text, device, subject, active, count, parameters } = event;
            const about = [device ?? null, subject ?? null, active === undefined ? null : Number(active)] as const;
            const key = [identity?.run ?? null, identity?.offset ?? null] as const;
            return statement.get(
              time,
              source,
              kind,
              severity,
              code,
              text,
              ...about,
              count ?? 1,
              Math.ceil(receivedAt),
              ...key,
              parameters === undefined ? null : JSON.stringify(parameters),
            );
          }),
        ),
      );
      this.committed();
    } catch (error) {
      throw new LoadstoneError('LS-STORE-001', `event log: ${error instanceof Error ? error.message : String(error)}`);
    }
    return rows.filter((row) => row !== undefined).map(viewOf);
  }

  async list(query: EventQuery): Promise<EventView[]> {
    const { before, after, source, kind, severity, limit } = query;
    const conditions: string[] = [];
    const values: (string | number)[] = [];
    const where = (condition: string, value: string | number | undefined): void => {
      if (value === undefined) return;
      conditions.push(condition);
      values.push(value);
    };
    where('id < ?', before);
    where('id > ?', after);
    where('source = ?', source);
    where('kind = ?', kind);
    where('severity = ?', severity);
    const filter = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const order = after === undefined ? 'DESC' : 'ASC';
    return this.db
      .prepare(`SELECT * FROM event ${filter} ORDER BY id ${order} LIMIT ?`)
      .all(...values, limit)
      .map(viewOf);
  }

  async search(query: EventSearch): Promise<EventsFound> {
    const { before = Number.MAX_SAFE_INTEGER, kind, severities, words, limit, most, as = (event) => event } = query;
    const said = `lower(source || ' ' || code || ' ' || text || ' ' || coalesce(device, '') || ' ' || coalesce(subject, ''))`;
    const filter = ['1', ...words.map(() => `instr(${said}, lower(?)) > 0`)].join(' AND ');
    const rows = this.db
      .prepare(`SELECT * FROM (SELECT * FROM event WHERE id < ? ORDER BY id DESC LIMIT ?) WHERE ${filter}`)
      .iterate(before, most, ...words);
    const items: EventView[] = [];
    for (const row of rows) {
      const event = as(viewOf(row));
      if (kind !== undefined && event.kind !== kind) continue;
      if (severities !== undefined && !severities.includes(event.severity)) continue;
      items.push(event);
      if (items.length === limit) break;
    }
    // Behind a full page nothing was looked at.
    const back = (items.length === limit ? items.at(-1) : undefined) ?? this.#oldestOf(before, most);
    if (back === undefined) return { items, back: null, isEnd: true };
    const { id, time } = back;
    return { items, back: { id, time }, isEnd: this.#oldestOf(id, 1) === undefined };
  }

  /** The last of so many events below an id, or the first of all where there are fewer. */
  #oldestOf(before: number, most: number): EventView | undefined {
    const reached = this.db
      .prepare('SELECT * FROM event WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET ?')
      .get(before, most - 1);
    const row = reached ?? this.db.prepare('SELECT * FROM event WHERE id < ? ORDER BY id LIMIT 1').get(before);
    return row === undefined ? undefined : viewOf(row);
  }

  async count(): Promise<number> {
    return Number(this.db.prepare('SELECT count(*) AS n FROM event').get()?.['n'] ?? 0);
  }
}

const viewOf = (row: Record<string, unknown>): EventView => ({
  id: Number(row['id']),
  time: Number(row['time']),
  source: String(row['source']),
  kind: row['kind'] as EventView['kind'],
  severity: row['severity'] as EventView['severity'],
  code: String(row['code']),
  text: String(row['text']),
  device: row['device'] as string | null,
  subject: row['subject'] as string | null,
  active: row['active'] === null ? null : row['active'] === 1,
  ...(typeof row['parameters'] === 'string'
    ? { parameters: JSON.parse(row['parameters']) as NonNullable<EventView['parameters']> }
    : {}),
  ...(row['run'] === null ? { own: true } : {}),
});
