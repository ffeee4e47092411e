import { packed, unpacked } from '../../shared/codec/packed.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { runEach, type SqlValue } from '../sql/sql.ts';
import type { MomentStore, RecordedMoment } from './moment-store.ts';
import type { Moment } from './moment.ts';

const migrations = [
  `CREATE TABLE moment (number INTEGER PRIMARY KEY AUTOINCREMENT, gateway TEXT NOT NULL, at INTEGER NOT NULL, content BLOB NOT NULL);
   CREATE INDEX moment_at ON moment (gateway, at)`,
];
/** Enough for a gateway's maximum of 1,000 devices. */
const MOST_BYTES = 4_000_000;

/** Stores moments in a database, compressed. */
export class SqliteMomentStore extends SqlStore implements MomentStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'moments', migrations, what: 'the store of moments', durability: 'some time' });
  }

  async put(moments: readonly RecordedMoment[]): Promise<void> {
    const all = moments.map(({ gateway, at, moment }): SqlValue[] => [
      gateway,
      Math.ceil(at),
      packed(new TextEncoder().encode(JSON.stringify(moment))),
    ]);
    await this.sql.transaction(() => runEach('INSERT INTO moment (gateway, at, content) VALUES (?, ?, ?)', all));
  }

  async newest(
    gateway: string,
    { after, at }: { readonly after: number; readonly at: number },
  ): Promise<RecordedMoment | undefined> {
    const [row] = await this.sql.rows(
      'SELECT at, content FROM moment WHERE gateway = ? AND at > ? AND at <= ? ORDER BY at DESC, number DESC LIMIT 1',
      gateway,
      after,
      at,
    );
    if (row === undefined) return undefined;
    const bytes = unpacked(row['content'] as Uint8Array, MOST_BYTES);
    if (bytes === undefined) throw new LoadstoneError('LS-STORE-001', `a stored moment of ${gateway} cannot be read`);
    return { gateway, at: Number(row['at']), moment: JSON.parse(new TextDecoder().decode(bytes)) as Moment };
  }
}
