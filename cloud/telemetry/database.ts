import type { DatabaseSync } from 'node:sqlite';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { openFile, openToRead, transaction, type Migration } from './sqlite.ts';
import { takeOver } from './take-over.ts';
import { WalSync } from './wal-sync.ts';

/** A step that takes more than SQL; `folder`: where the files lie that stores had of their own. */
type Step = (db: DatabaseSync, folder: string | undefined) => void;

/** A step that takes more than the SQL which the databases share. Types are SQLite's in both (`ddlFor` puts PostgreSQL's in their place). */
interface OwnSql {
  readonly sqlite: string;
  readonly postgres: string;
}

/** A store's tables. `name` is also that of the file that it had of its own up to version 0.1.0. */
export interface StoreSchema {
  readonly name: string;
  readonly migrations: readonly (Migration | OwnSql | Step)[];
}

/**
 * A SQLite file that stores share. Each brings up its own tables by numbered steps, and `store` holds how far each has come.
 * There are two connections, as durability is a connection's: on one a commit is on the medium when it returns; on the other it stands
 * in the log, and `log.synced` brings it onto the medium. All stores of a file that write work in one thread, and no transaction spans
 * a turn of the event loop: the two never wait for each other. Other threads read on connections of their own (`DatabaseReader`).
 */
export class Database {
  readonly #path: string;
  readonly #folder: string | undefined;
  #durable: DatabaseSync | undefined;
  #behind: DatabaseSync | undefined;
  #log: WalSync | undefined;
  #users = 0;

  /** `folder`: where files lie that stores had of their own; each is taken over as its store is opened. */
  constructor(path: string, folder?: string) {
    this.#path = path;
    this.#folder = folder;
  }

  /** The log that both connections write; open while a store is. */
  get log(): WalSync | undefined {
    return this.#log;
  }

  /** Brings up the tables of a store and answers with the connection that suits it; `close` gives it back. */
  open(schema: StoreSchema, durable: boolean): DatabaseSync {
    const db = (this.#durable ??= openFile(this.#path, true));
    try {
      db.exec(
        `CREATE TABLE IF NOT EXISTS store (
           name TEXT PRIMARY KEY, step INTEGER NOT NULL, is_taken INTEGER NOT NULL DEFAULT 0
         ) WITHOUT ROWID`,
      );
      if (this.#folder !== undefined) takeOver(db, this.#folder, schema.name);
      bringUp(db, { path: this.#path, folder: this.#folder }, schema);
    } catch (error) {
      if (this.#users === 0) this.#end();
      throw error;
    }
    this.#users++;
    // What a refused log may have lost lies before what is written next: nothing after it would be read back.
    this.#log ??= new WalSync(this.#path, { onRefused: () => db.isOpen && db.exec('PRAGMA query_only = ON') });
    return durable || this.#path === ':memory:' ? db : (this.#behind ??= openFile(this.#path, false));
  }

  /** The last store to close closes the file. */
  close(): void {
    this.#users--;
    if (this.#users === 0) this.#end();
  }

  #end(): void {
    this.#behind?.close();
    this.#durable?.close();
    this.#log?.close().catch(() => undefined);
    this.#behind = this.#durable = this.#log = undefined;
  }
}

/**
 * A SQLite file that another thread writes, to be read: a store on it sees what is committed at each statement. The writer has opened
 * its stores before.
 */
export class DatabaseReader extends Database {
  readonly #file: string;
  #db: DatabaseSync | undefined;
  #readers = 0;

  constructor(path: string) {
    super(path);
    this.#file = path;
  }

  override open(): DatabaseSync {
    this.#db ??= openToRead(this.#file);
    this.#readers++;
    return this.#db;
  }

  override close(): void {
    this.#readers--;
    if (this.#readers > 0) return;
    this.#db?.close();
    this.#db = undefined;
  }
}

function bringUp(
  db: DatabaseSync,
  { path, folder }: { readonly path: string; readonly folder: string | undefined },
  { name, migrations }: StoreSchema,
): void {
  const taken = Number(db.prepare('SELECT step FROM store WHERE name = ?').get(name)?.['step'] ?? 0);
  if (taken > migrations.length)
    throw new LoadstoneError(
      'LS-DATA-005',
      `${path} has step ${taken} of ${name}, this version knows ${migrations.length}: it is of a newer Loadstone`,
    );
  const keep = db.prepare(
    'INSERT INTO store (name, step) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET step = excluded.step',
  );
  for (const [index, step] of migrations.entries()) {
    if (index < taken) continue;
    transaction(db, () => {
      if (typeof step === 'function') step(db, folder);
      else db.exec(typeof step === 'string' ? step : step.sqlite);
      keep.run(name, index + 1);
    });
  }
}
