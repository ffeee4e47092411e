import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { openSqlite, type SqliteOptions } from './sqlite.ts';
import { WalSync } from './wal-sync.ts';

/** What every store on a SQLite file of its own shares: it is opened once, closed once, and says so where it is not open. */
export abstract class SqliteFile {
  readonly #options: SqliteOptions;
  readonly #what: string;
  readonly #wal: WalSync | undefined;
  #db: DatabaseSync | undefined;
  #statements = new Map<string, StatementSync>();

  /** `what` is its name in a fault, such as "the job store"; `behind`: what is `committed` is brought onto the medium behind it. */
  constructor({ what, behind, ...options }: SqliteOptions & { readonly what: string; readonly behind?: boolean }) {
    this.#options = behind === true ? { ...options, durable: false } : options;
    this.#what = what;
    this.#wal = behind === true ? new WalSync(options.path) : undefined;
  }

  open(): void {
    this.#db ??= openSqlite(this.#options);
  }

  close(): void {
    this.#db?.close();
    this.#db = undefined;
    this.#statements.clear();
    void this.#wal?.close();
  }

  /** Resolves once all that was committed before the call is on the medium: at once, unless that is done behind. */
  async synced(): Promise<void> {
    await this.#wal?.synced();
  }

  /** Behind a commit that `synced` is to wait for; it begins to be brought onto the medium. Throws LS-STORE-001 where that failed before. */
  protected committed(): void {
    this.#wal?.committed();
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
    if (this.#db === undefined) throw new LoadstoneError('LS-STORE-001', `${this.#what} is not open`);
    return this.#db;
  }
}
