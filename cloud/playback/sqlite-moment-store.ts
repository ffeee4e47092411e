import { packed, unpacked } from '../../shared/codec/packed.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type { KeptMoment, MomentStore } from './moment-store.ts';
import type { Moment } from './moment.ts';

const migrations = [
  `CREATE TABLE moment (number INTEGER PRIMARY KEY AUTOINCREMENT, gateway TEXT NOT NULL, at INTEGER NOT NULL, content BLOB NOT NULL);
   CREATE INDEX moment_at ON moment (gateway, at)`,
];
/** A gateway has at most 1,000 devices. */
const MOST_BYTES = 4_000_000;

/** Moments on SQLite, compressed. */
export class SqliteMomentStore extends SqliteFile implements MomentStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'moments', migrations, what: 'the store of moments', kept: 'some time' });
  }

  async put(moments: readonly KeptMoment[]): Promise<void> {
    const insert = this.prepared('INSERT INTO moment (gateway, at, content) VALUES (?, ?, ?)');
    transaction(this.db, () => {
      for (const { gateway, at, moment } of moments)
        insert.run(gateway, Math.ceil(at), packed(new TextEncoder().encode(JSON.stringify(moment))));
    });
  }

  async newest(
    gateway: string,
    { after, at }: { readonly after: number; readonly at: number },
  ): Promise<KeptMoment | undefined> {
    const row = this.prepared(
      'SELECT at, content FROM moment WHERE gateway = ? AND at > ? AND at <= ? ORDER BY at DESC, number DESC LIMIT 1',
    ).get(gateway, after, at);
    if (row === undefined) return undefined;
    const bytes = unpacked(row['content'] as Uint8Array, MOST_BYTES);
    if (bytes === undefined) throw new LoadstoneError('LS-STORE-001', `a moment of ${gateway} cannot be read`);
    return { gateway, at: Number(row['at']), moment: JSON.parse(new TextDecoder().decode(bytes)) as Moment };
  }
}
