import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { openSqlite, type SqliteOptions } from './sqlite.ts';

/** What every store on a SQLite file of its own shares: it is opened once, closed once, and says so where it is not open. */
export abstract class SqliteFile {
  readonly #options: SqliteOptions;
  readonly #what: string;
  #db: DatabaseSync | undefined;
  #statements = new Map<string, StatementSync>();

  /** `what` is its name in a fault, such as "the job store". */
  constructor({ what, ...options }: SqliteOptions & { readonly what: string }) {
    this.#options = options;
    this.#what = what;
  }

  open(): void {
    this.#db ??= openSqlite(this.#options);
  }

  close(): void {
    this.#db?.close();
    this.#db = undefined;
    this.#statements.clear();
  }

  /** A statement that is compiled once. */
  protected prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.db.prepare(sql)));
    return statement;
  }

  /** Throws LS-STORE-001 before `open` and after `close`. */
  protected get db(): DatabaseSync {
    if (this.#db === undefined) throw new LoadstoneError('LS-STORE-001', `${this.#what} is not open`);
    return this.#db;
  }
}
