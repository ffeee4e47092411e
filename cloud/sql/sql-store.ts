import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { Database, type StoreSchema } from '../telemetry/database.ts';
import { SqliteSql } from './sqlite-sql.ts';
import type { Durability, Sql, SqlDatabase } from './sql.ts';

/** Where a store's tables lie: a SQLite file of its own, `:memory:`, a shared SQLite file, or another database. */
export type SqlPlace = string | Database | SqlDatabase;

export interface SqlStoreOptions extends StoreSchema {
  readonly at: SqlPlace;
  /** Its name in errors, such as "the job store". */
  readonly what: string;
  /** Default: now. */
  readonly durability?: Durability;
}

/** Base of all stores on a database: opens once, closes once, and throws if used while it is not open. */
export abstract class SqlStore {
  readonly #options: SqlStoreOptions;
  readonly #at: Database | SqlDatabase;
  #sql: Sql | undefined;

  constructor(options: SqlStoreOptions) {
    this.#options = options;
    this.#at = typeof options.at === 'string' ? new Database(options.at) : options.at;
  }

  /** Calls may follow at once; `opened` tells whether the tables came up. */
  open(): void {
    const { name, migrations, durability = 'now' } = this.#options;
    const at = this.#at;
    const schema = { name, migrations };
    this.#sql ??= at instanceof Database ? new SqliteSql(at, schema, durability) : at.openStore(schema, durability);
  }

  /** Resolves once the tables exist; rejects with the reason if they cannot be created. */
  async opened(): Promise<void> {
    await this.sql.opened();
  }

  close(): void {
    this.#sql?.close();
    this.#sql = undefined;
  }

  /** Resolves once everything committed before the call is durable. */
  async synced(): Promise<void> {
    await this.#sql?.synced();
  }

  /** Throws LS-STORE-001 before `open` and after `close`. */
  protected get sql(): Sql {
    if (this.#sql === undefined) throw new LoadstoneError('LS-STORE-001', `${this.#options.what} is not open`);
    return this.#sql;
  }
}
