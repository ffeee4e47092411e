import type { DatabaseSync } from 'node:sqlite';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { openFile, openToRead, transaction, type Migration } from './sqlite.ts';
import { takeOver } from './take-over.ts';
import { WalSync } from './wal-sync.ts';

/** A migration in code; `folder`: where earlier versions kept one file per store. */
type Step = (db: DatabaseSync, folder: string | undefined) => void;

/** A migration whose SQL differs between the databases. Types are SQLite's in both; `ddlFor` replaces them with PostgreSQL's. */
interface OwnSql {
  readonly sqlite: string;
  readonly postgres: string;
}

/** A store's tables. `name` is also the name of its own file up to version 0.1.0. */
export interface StoreSchema {
  readonly name: string;
  readonly migrations: readonly (Migration | OwnSql | Step)[];
}

/**
 * A SQLite file that several stores share. Each store migrates its own tables, and the table `store` records its step. There are two
 * connections, because durability is a property of a connection: on one a commit is on the medium when it returns; on the other it is in
 * the log, and `log.synced` brings it onto the medium. All writing stores of a file run in one thread, and no transaction spans a turn of
 * the event loop, so the two connections never wait for each other. Other threads read on their own connections (`DatabaseReader`).
 */
export class Database {
  readonly path: string;
  readonly #folder: string | undefined;
  #durable: DatabaseSync | undefined;
  #behind: DatabaseSync | undefined;
  #log: WalSync | undefined;
  #users = 0;

  /** `folder`: where earlier versions kept one file per store; each is taken over when its store opens. */
  constructor(path: string, folder?: string) {
    this.path = path;
    this.#folder = folder;
  }

  /** The log of both connections; defined while a store is open. */
  get log(): WalSync | undefined {
    return this.#log;
  }

  /** Migrates a store's tables and returns the matching connection; release it with `close`. */
  open(schema: StoreSchema, durable: boolean): DatabaseSync {
    const db = (this.#durable ??= openFile(this.path, true));
    try {
      db.exec(
        `CREATE TABLE IF NOT EXISTS store (
           name TEXT PRIMARY KEY, step INTEGER NOT NULL, is_taken INTEGER NOT NULL DEFAULT 0
         ) WITHOUT ROWID`,
      );
      if (this.#folder !== undefined) takeOver(db, this.#folder, schema.name);
      bringUp(db, { path: this.path, folder: this.#folder }, schema);
    } catch (error) {
      if (this.#users === 0) this.#end();
      throw error;
    }
    this.#users++;
    // A refused sync may have lost a part of the log, and nothing written after that part could be read back.
    this.#log ??= new WalSync(this.path, { onRefused: () => db.isOpen && db.exec('PRAGMA query_only = ON') });
    return durable || this.path === ':memory:' ? db : (this.#behind ??= openFile(this.path, false));
  }

  /** Releases a store; the last one closes the file. */
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
 * A SQLite file that another thread writes, for reading: each statement sees what is committed. The writer must have opened its stores
 * before.
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
      `${path} has step ${taken} of ${name}, this version knows ${migrations.length}: it was written by a newer Loadstone`,
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
