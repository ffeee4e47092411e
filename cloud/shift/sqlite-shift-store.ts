import type { HandOverContent, HandOverView, ShiftEntry } from '../../shared/contracts/shift.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
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

/** The log of the shifts on SQLite. */
export class SqliteShiftStore extends SqliteFile implements ShiftStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'shift', migrations, what: 'the shift log', kept: 'behind' });
  }

  async append(entries: readonly NewEntry[]): Promise<ShiftEntry[]> {
    const added = transaction(this.db, () => this.#append(entries));
    this.committed();
    return added;
  }

  async entries({ limit, ...query }: EntryQuery): Promise<ShiftEntry[]> {
    return this.prepared(`SELECT * FROM shift_entry WHERE ${WHERE} ORDER BY id DESC LIMIT ?6`)
      .all(...endsOf(query), limit)
      .map(entryOf);
  }

  async count(query: Omit<EntryQuery, 'limit'>): Promise<number> {
    return Number(this.prepared(`SELECT count(*) AS n FROM shift_entry WHERE ${WHERE}`).get(...endsOf(query))!['n']);
  }

  async sign({ by, at, remark, content, upTo }: SignOff): Promise<HandOverView> {
    const signed = transaction(this.db, () => {
      this.prepared("UPDATE hand_over SET state = 'replaced' WHERE state = 'waiting'").run();
      const row = this.prepared(
        `INSERT INTO hand_over (signed_by, signed_at, remark, state, up_to, content) VALUES (?, ?, ?, 'waiting', ?, ?)
         RETURNING *`,
      ).get(by, at, remark, upTo, JSON.stringify(content))!;
      const made = handOverOf(row);
      this.#append([written(made.id, { code: 'hand-over.signed', at, by, text: remark })]);
      return made;
    });
    this.committed();
    return signed;
  }

  async take(id: number, by: string, at: number): Promise<HandOverView | undefined> {
    const taken = transaction(this.db, () => {
      const row = this.prepared(
        "UPDATE hand_over SET state = 'taken', taken_by = ?, taken_at = ? WHERE id = ? AND state = 'waiting' RETURNING *",
      ).get(by, at, id);
      if (row === undefined) return undefined;
      this.#append([written(id, { code: 'hand-over.taken', at, by, text: '' })]);
      return handOverOf(row);
    });
    this.committed();
    return taken;
  }

  async handOver(id: number): Promise<HandOverView | undefined> {
    const row = this.prepared('SELECT * FROM hand_over WHERE id = ?').get(id);
    return row === undefined ? undefined : handOverOf(row);
  }

  async handOvers({ before, limit }: { before?: number; limit: number }): Promise<HandOverView[]> {
    return this.prepared('SELECT * FROM hand_over WHERE id < ? ORDER BY id DESC LIMIT ?')
      .all(before ?? Number.MAX_SAFE_INTEGER, limit)
      .map(handOverOf);
  }

  async standing(): Promise<{
    readonly waiting: HandOverView | undefined;
    readonly last: HandOverView | undefined;
    readonly upTo: number;
  }> {
    const newest = this.prepared('SELECT * FROM hand_over WHERE state = ? ORDER BY id DESC LIMIT 1');
    const [waiting, last] = ['waiting', 'taken'].map((state) => newest.get(state));
    return {
      waiting: waiting === undefined ? undefined : handOverOf(waiting),
      last: last === undefined ? undefined : handOverOf(last),
      upTo: Number(last?.['up_to'] ?? 0),
    };
  }

  #append(entries: readonly NewEntry[]): ShiftEntry[] {
    const put = this.prepared(
      `INSERT INTO shift_entry (at, code, by, target, text, parameters, key)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE ?8 IS NULL OR EXISTS (SELECT 1 FROM shift_entry WHERE key = ?8)
       ON CONFLICT (key) DO NOTHING RETURNING *`,
    );
    return entries.flatMap(({ at, code, by, target, text, parameters, key, behind }) => {
      const row = put.get(Math.round(at), code, by, target, text, JSON.stringify(parameters), key, behind ?? null);
      return row === undefined ? [] : [entryOf(row)];
    });
  }
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

const entryOf = (row: Record<string, unknown>): ShiftEntry => ({
  id: Number(row['id']),
  at: Number(row['at']),
  code: String(row['code']),
  by: row['by'] as string | null,
  target: row['target'] as string | null,
  text: String(row['text']),
  parameters: JSON.parse(String(row['parameters'])) as ShiftEntry['parameters'],
});

const handOverOf = (row: Record<string, unknown>): HandOverView => ({
  id: Number(row['id']),
  signedBy: String(row['signed_by']),
  signedAt: Number(row['signed_at']),
  remark: String(row['remark']),
  state: row['state'] as HandOverView['state'],
  takenBy: row['taken_by'] as string | null,
  takenAt: row['taken_at'] as number | null,
  content: JSON.parse(String(row['content'])) as HandOverContent,
});
