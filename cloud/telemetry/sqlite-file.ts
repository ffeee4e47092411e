import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { Database, type StoreSchema, type Where } from './database.ts';

export interface SqliteFileOptions extends StoreSchema {
  readonly at: Where;
  /** Its name in a fault, such as "the job store". */
  readonly what: string;
  /**
   * `now`: a commit is on the medium when it returns. `behind`: what is `committed` is brought there behind it. `some time`: a cut of
   * power may take the last commits with it. Default: now.
   */
  readonly kept?: 'now' | 'behind' | 'some time';
}

/** What every store on SQLite shares: it is opened once, closed once, and says so where it is not open. */
export abstract class SqliteFile {
  readonly #options: SqliteFileOptions;
  readonly #database: Database;
  #db: DatabaseSync | undefined;
  #statements = new Map<string, StatementSync>();

  constructor(options: SqliteFileOptions) {
    this.#options = options;
    this.#database = typeof options.at === 'string' ? new Database(options.at) : options.at;
  }

  open(): void {
    this.#db ??= this.#database.open(this.#options, (this.#options.kept ?? 'now') === 'now');
  }

  close(): void {
    if (this.#db === undefined) return;
    this.#db = undefined;
    this.#statements.clear();
    this.#database.close();
  }

  /** Resolves once all that was committed before the call is on the medium: at once, unless that is done behind. */
  async synced(): Promise<void> {
    if (this.#options.kept === 'behind') await this.#database.log?.synced();
  }

  /** Behind a commit that `synced` is to wait for; it begins to be brought onto the medium. Throws LS-STORE-001 where that failed before. */
  protected committed(): void {
    if (this.#options.kept !== 'behind') return;
    this.#database.log?.committed();
    void this.synced().catch(() => undefined);
  }

  /** A statement that is compiled once. */
  protected prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.db.prepare(sql)));
    return statement;
  }

  /** Throws LS-STORE-001 before `open` and after `close`. */
  protected get db(): DatabaseSync {
    if (this.#db === undefined) throw new LoadstoneError('LS-STORE-001', `${this.#options.what} is not open`);
    return this.#db;
  }
}
