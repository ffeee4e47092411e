import type { HandOverContent, HandOverView, ShiftEntry } from '../../shared/contracts/shift.ts';
import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { first, rows, run, type Row, type Steps } from '../sql/sql.ts';
import type { EntryQuery, NewEntry, ShiftStore, SignOff } from './shift-store.ts';

const migrations = [
  `CREATE TABLE shift_entry (
     id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, code TEXT NOT NULL, by TEXT, target TEXT, text TEXT NOT NULL,
     parameters TEXT NOT NULL, key TEXT UNIQUE
   );
   CREATE INDEX shift_code ON shift_entry (code, id);
   CREATE TABLE hand_over (
     id INTEGER PRIMARY KEY AUTOINCREMENT, signed_by TEXT NOT NULL, signed_at INTEGER NOT NULL, remark TEXT NOT NULL,
     state TEXT NOT NULL, taken_by TEXT, taken_at INTEGER, up_to INTEGER NOT NULL, content TEXT NOT NULL
   );
   CREATE INDEX hand_over_state ON hand_over (state, id)`,
];

const WHERE = `id < ?1 AND id > ?2 AND at >= ?3 AND at < ?4 AND (?5 = '' OR code = ?5)`;
const endsOf = ({ from, to, before, above, code }: Omit<EntryQuery, 'limit'>) =>
  [
    before ?? Number.MAX_SAFE_INTEGER,
    above ?? 0,
    from ?? Number.MIN_SAFE_INTEGER,
    to ?? Number.MAX_SAFE_INTEGER,
    code ?? '',
  ] as const;

export class SqliteShiftStore extends SqlStore implements ShiftStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'shift', migrations, what: 'the shift log', durability: 'behind' });
  }

  async append(entries: readonly NewEntry[]): Promise<ShiftEntry[]> {
    return this.sql.transaction(() => append(entries));
  }

  async entries({ limit, ...query }: EntryQuery): Promise<ShiftEntry[]> {
    const sql = `SELECT * FROM shift_entry WHERE ${WHERE} ORDER BY id DESC LIMIT ?6`;
    return (await this.sql.rows(sql, ...endsOf(query), limit)).map(entryOf);
  }

  async count(query: Omit<EntryQuery, 'limit'>): Promise<number> {
    const [row] = await this.sql.rows(`SELECT count(*) AS n FROM shift_entry WHERE ${WHERE}`, ...endsOf(query));
    return Number(row!['n']);
  }

  async sign({ by, at, remark, content, upTo }: SignOff): Promise<HandOverView> {
    return this.sql.transaction(function* () {
      yield* run("UPDATE hand_over SET state = 'replaced' WHERE state = 'waiting'");
      const row = yield* first(
        `INSERT INTO hand_over (signed_by, signed_at, remark, state, up_to, content) VALUES (?, ?, ?, 'waiting', ?, ?)
         RETURNING *`,
        by,
        at,
        remark,
        upTo,
        JSON.stringify(content),
      );
      const made = handOverOf(row!);
      yield* append([written(made.id, { code: 'hand-over.signed', at, by, text: remark })]);
      return made;
    });
  }

  async take(id: number, by: string, at: number): Promise<HandOverView | undefined> {
    return this.sql.transaction(function* () {
      const row = yield* first(
        "UPDATE hand_over SET state = 'taken', taken_by = ?, taken_at = ? WHERE id = ? AND state = 'waiting' RETURNING *",
        by,
        at,
        id,
      );
      if (row === undefined) return undefined;
      yield* append([written(id, { code: 'hand-over.taken', at, by, text: '' })]);
      return handOverOf(row);
    });
  }

  async handOver(id: number): Promise<HandOverView | undefined> {
    return (await this.sql.rows('SELECT * FROM hand_over WHERE id = ?', id)).map(handOverOf)[0];
  }

  async handOvers({ before, limit }: { before?: number; limit: number }): Promise<HandOverView[]> {
    const sql = 'SELECT * FROM hand_over WHERE id < ? ORDER BY id DESC LIMIT ?';
    return (await this.sql.rows(sql, before ?? Number.MAX_SAFE_INTEGER, limit)).map(handOverOf);
  }

  async standing(): Promise<{
    readonly waiting: HandOverView | undefined;
    readonly last: HandOverView | undefined;
    readonly upTo: number;
  }> {
    const newest = 'SELECT * FROM hand_over WHERE state = ? ORDER BY id DESC LIMIT 1';
    return this.sql.reading(function* () {
      const waiting = yield* first(newest, 'waiting');
      const last = yield* first(newest, 'taken');
      return {
        waiting: waiting === undefined ? undefined : handOverOf(waiting),
        last: last === undefined ? undefined : handOverOf(last),
        upTo: Number(last?.['up_to'] ?? 0),
      };
    });
  }
}

const PUT = `INSERT INTO shift_entry (at, code, by, target, text, parameters, key)
  SELECT ?, ?, ?, ?, ?, ?, ? WHERE 0 = ? OR EXISTS (SELECT 1 FROM shift_entry WHERE key = ?)
  ON CONFLICT (key) DO NOTHING RETURNING *`;

function* append(entries: readonly NewEntry[]): Steps<ShiftEntry[]> {
  const added: ShiftEntry[] = [];
  for (const { at, code, by, target, text, parameters, key, behind } of entries) {
    const values = [Math.round(at), code, by, target, text, JSON.stringify(parameters), key];
    const after = behind === undefined ? [0, ''] : [1, behind];
    added.push(...(yield* rows(PUT, ...values, ...after)).map(entryOf));
  }
  return added;
}

const written = (
  handOver: number,
  { code, at, by, text }: Pick<ShiftEntry, 'code' | 'at' | 'by' | 'text'>,
): NewEntry => ({
  at,
  code,
  by,
  target: null,
  text,
  parameters: { handOver },
  key: `${code}:${handOver}`,
});

const entryOf = (row: Row): ShiftEntry => ({
  id: Number(row['id']),
  at: Number(row['at']),
  code: String(row['code']),
  by: row['by'] as string | null,
  target: row['target'] as string | null,
  text: String(row['text']),
  parameters: JSON.parse(String(row['parameters'])) as ShiftEntry['parameters'],
});

const handOverOf = (row: Row): HandOverView => ({
  id: Number(row['id']),
  signedBy: String(row['signed_by']),
  signedAt: Number(row['signed_at']),
  remark: String(row['remark']),
  state: row['state'] as HandOverView['state'],
  takenBy: row['taken_by'] as string | null,
  takenAt: row['taken_at'] as number | null,
  content: JSON.parse(String(row['content'])) as HandOverContent,
});
