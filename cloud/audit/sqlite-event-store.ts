import type { EventView } from '../../shared/contracts/view.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { first, rows, type Row, type SqlValue, type Steps } from '../sql/sql.ts';
import type {
  EventQuery,
  EventSearch,
  EventsFound,
  EventStore,
  LoggedEvent,
  SourceEvents,
  StoredEvent,
} from './event-store.ts';

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

export class SqliteEventStore extends SqlStore implements EventStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'events', migrations, what: 'the event log', durability: 'behind' });
  }

  async commit(groups: readonly SourceEvents[], receivedAt: number): Promise<StoredEvent[]> {
    try {
      return await this.sql.inTurn(function* () {
        const added: StoredEvent[] = [];
        for (const { source, events } of groups)
          for (const each of events)
            added.push(...(yield* rows(ADD, ...valuesOf(source, each, receivedAt))).map(viewOf));
        return added;
      });
    } catch (error) {
      throw new LoadstoneError('LS-STORE-001', `event log: ${messageOf(error)}`);
    }
  }

  async list(query: EventQuery): Promise<StoredEvent[]> {
    const { before, after, source, kind, limit } = query;
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
    const filter = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const order = after === undefined ? 'DESC' : 'ASC';
    const found = await this.sql.rows(`SELECT * FROM event ${filter} ORDER BY id ${order} LIMIT ?`, ...values, limit);
    return found.map(viewOf);
  }

  async search(query: EventSearch): Promise<EventsFound> {
    const { before = Number.MAX_SAFE_INTEGER, to, kind, severities, limit, most, as = (event) => event } = query;
    const wanted = patternsOf(query);
    const filter = [
      '1 = 1',
      ...wanted.map(({ forms }) => `(${['said', ...forms.map(() => 'own_text')].map(LIKE).join(' OR ')})`),
    ].join(' AND ');
    const sql = `SELECT * FROM (SELECT *, lower(text) AS own_text, ${SAID} AS said FROM event WHERE id < ? ORDER BY id DESC LIMIT ?) AS newest WHERE ${filter} ORDER BY id DESC`;
    const patterns = wanted.flatMap(({ word, forms }) => [word, ...forms]);
    return this.sql.reading(function* () {
      const items: EventView[] = [];
      let back: EventView | undefined;
      const start = to === undefined ? before : Math.min(before, yield* firstReceivedBehind(to + LATEST_MS));
      for (let seen = 0, below = start; seen < most && items.length < limit; seen += AT_ONCE) {
        const slice = Math.min(AT_ONCE, most - seen);
        for (const row of yield* rows(sql, below, slice, ...patterns)) {
          const event = as(viewOf(row));
          if (to !== undefined && event.time >= to) continue;
          if (kind !== undefined && event.kind !== kind) continue;
          if (severities !== undefined && !severities.includes(event.severity)) continue;
          items.push(event);
          if (items.length === limit) break;
        }
        const oldest = yield* oldestOf(below, slice);
        if (oldest === undefined) break;
        [back, below] = [oldest, oldest.id];
      }
      // Nothing after a full page was examined.
      if (items.length === limit) back = items.at(-1);
      if (back === undefined) return { items, back: null, isEnd: true };
      const { id, time } = back;
      return { items, back: { id, time }, isEnd: (yield* oldestOf(id, 1)) === undefined };
    });
  }

  async count(): Promise<number> {
    const [row] = await this.sql.rows('SELECT count(*) AS n FROM event');
    return Number(row!['n']);
  }
}

const ADD = `INSERT INTO event (time, source, kind, severity, code, text, device, subject, active, count, received_at, run, off, parameters)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING *`;
const SAID = `lower(source || ' ' || code || ' ' || text || ' ' || coalesce(device, '') || ' ' || coalesce(subject, ''))`;
const LIKE = (said: string): string => `${said} LIKE lower(?) ESCAPE '\\'`;

/** LIKE patterns of each word that narrows the search. */
function patternsOf({ words, forms }: EventSearch): { readonly word: string; readonly forms: readonly string[] }[] {
  const plain = (text: string): string => text.replaceAll(/[\\%_]/g, '\\$&');
  return words.flatMap((word) => {
    const own = forms?.get(word);
    if (own === null) return [];
    return {
      word: `%${plain(word)}%`,
      forms: (own ?? []).map((form) => `%${plain(form).replaceAll(/\{\w+\}/g, '%')}%`),
    };
  });
}

/** A gateway may report late after an outage; a search of the past covers events up to this late. */
const LATEST_MS = 86_400_000;

/** Events that a search reads per query. */
const AT_ONCE = 1000;

function valuesOf(source: string, { event, identity }: LoggedEvent, receivedAt: number): SqlValue[] {
  const { time, kind, severity, code, text, device, subject, active, count, parameters } = event;
  const about = [device ?? null, subject ?? null, active === undefined ? null : Number(active)];
  const key = [identity?.run ?? null, identity?.offset ?? null];
  const said = parameters === undefined ? null : JSON.stringify(parameters);
  return [time, source, kind, severity, code, text, ...about, count ?? 1, Math.ceil(receivedAt), ...key, said];
}

/** The last of this many events below an id, or the very first if there are fewer. */
function* oldestOf(before: number, most: number): Steps<EventView | undefined> {
  const reached = yield* first('SELECT * FROM event WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET ?', before, most - 1);
  const row = reached ?? (yield* first('SELECT * FROM event WHERE id < ? ORDER BY id LIMIT 1', before));
  return row === undefined ? undefined : viewOf(row);
}

/** Id below which everything was received by a time. Uses bisection: ids rise with the times of receipt, which have no index. */
function* firstReceivedBehind(time: number): Steps<number> {
  const last = yield* first('SELECT id FROM event WHERE id < ? ORDER BY id DESC LIMIT 1', Number.MAX_SAFE_INTEGER);
  let [from, end] = [0, Number(last?.['id'] ?? 0) + 1];
  while (from < end) {
    const middle = Math.floor((from + end) / 2);
    const row = yield* first('SELECT id, received_at FROM event WHERE id >= ? ORDER BY id LIMIT 1', middle);
    if (row !== undefined && Number(row['received_at']) <= time) from = Number(row['id']) + 1;
    else end = middle;
  }
  return from;
}

const viewOf = (row: Row): StoredEvent => ({
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
  ...(row['run'] === null ? { own: true } : { identity: { run: Number(row['run']), offset: Number(row['off']) } }),
});
