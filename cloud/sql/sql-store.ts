import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { Database, type StoreSchema } from '../telemetry/database.ts';
import { SqliteSql } from './sqlite-sql.ts';
import type { Durability, Sql, SqlDatabase } from './sql.ts';

/** Where a store's tables stand: a SQLite file of its own, `:memory:`, a SQLite file that it shares, or another database. */
export type SqlPlace = string | Database | SqlDatabase;

export interface SqlStoreOptions extends StoreSchema {
  readonly at: SqlPlace;
  /** Its name in a fault, such as "the job store". */
  readonly what: string;
  /** Default: now. */
  readonly kept?: Durability;
}

/** What every store on a database shares: it is opened once, closed once, and says so where it is not open. */
export abstract class SqlStore {
  readonly #options: SqlStoreOptions;
  readonly #at: Database | SqlDatabase;
  #sql: Sql | undefined;

  constructor(options: SqlStoreOptions) {
    this.#options = options;
    this.#at = typeof options.at === 'string' ? new Database(options.at) : options.at;
  }

  /** What is asked of the store may follow at once; `opened` says whether its tables came up. */
  open(): void {
    const { name, migrations, kept = 'now' } = this.#options;
    const at = this.#at;
    const schema = { name, migrations };
    this.#sql ??= at instanceof Database ? new SqliteSql(at, schema, kept) : at.openStore(schema, kept);
  }

  /** Resolves once the tables are there; rejects with the reason where they cannot be brought up. */
  async opened(): Promise<void> {
    await this.sql.opened();
  }

  close(): void {
    this.#sql?.close();
    this.#sql = undefined;
  }

  /** Resolves once all that was committed before the call is on the medium. */
  async synced(): Promise<void> {
    await this.#sql?.synced();
  }

  /** Throws LS-STORE-001 before `open` and after `close`. */
  protected get sql(): Sql {
    if (this.#sql === undefined) throw new LoadstoneError('LS-STORE-001', `${this.#options.what} is not open`);
    return this.#sql;
  }
}
