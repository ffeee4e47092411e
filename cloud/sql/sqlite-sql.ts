import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Database, StoreSchema } from '../telemetry/database.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { transaction } from '../telemetry/sqlite.ts';
import { run, type Durability, type Row, type Sql, type SqlValue, type Steps } from './sql.ts';

/** Bounds the cache: some stores write a list into their SQL, so each length is another statement. */
const MOST_STATEMENTS = 100;

/** Most writes in one commit. If one of them fails, each runs once more by itself. */
const MOST_TOGETHER = 100;

/** SQLite's primary result codes for a disk that takes no writes: READONLY, IOERR, FULL, CANTOPEN. */
const OF_MEDIUM = [8, 10, 13, 14];

const isOfMedium = (error: unknown): error is Error =>
  error instanceof Error && 'errcode' in error && OF_MEDIUM.includes(Number(error.errcode) & 0xff);

/** A write that is queued, not run yet. */
interface Asked {
  readonly steps: () => Steps<unknown>;
  /** The caller will wait for durability later. */
  readonly syncs: boolean;
  readonly done: (result: never) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * A store on SQLite. Reads run in the turn of the call, and so do writes that must be durable when they resolve. Other writes queue until
 * the current turn ends and are committed together, because a commit costs several times what it holds. Every later call sees them.
 */
export class SqliteSql implements Sql {
  readonly #database: Database;
  readonly #db: DatabaseSync;
  readonly #durability: Durability;
  readonly #statements = new Map<string, StatementSync>();
  readonly #asked: Asked[] = [];

  constructor(database: Database, schema: StoreSchema, durability: Durability) {
    this.#database = database;
    this.#db = database.open(schema, durability === 'now');
    this.#durability = durability;
  }

  async rows(sql: string, ...values: SqlValue[]): Promise<readonly Row[]> {
    this.#commit();
    return this.#coded(() => this.#prepared(sql).all(...values));
  }

  async run(sql: string, ...values: SqlValue[]): Promise<number> {
    if (this.#durability === 'behind') return this.#ask(() => run(sql, ...values), false);
    return this.#coded(() => Number(this.#prepared(sql).run(...values).changes));
  }

  async transaction<T>(steps: () => Steps<T>): Promise<T> {
    if (this.#durability === 'behind') return this.#ask(steps, true);
    return this.#coded(() => transaction(this.#db, () => this.#walk(steps())));
  }

  /** A writer has the file to itself anyway. */
  inTurn<T>(steps: () => Steps<T>): Promise<T> {
    return this.transaction(steps);
  }

  async reading<T>(steps: () => Steps<T>): Promise<T> {
    this.#commit();
    return this.#coded(() => this.#walk(steps()));
  }

  async opened(): Promise<void> {}

  async synced(): Promise<void> {
    this.#commit();
    if (this.#durability === 'behind') await this.#database.log?.synced();
  }

  close(): void {
    this.#commit();
    this.#statements.clear();
    this.#database.close();
  }

  #ask<T>(steps: () => Steps<T>, syncs: boolean): Promise<T> {
    return new Promise<T>((done, failed) => {
      if (this.#asked.push({ steps, syncs, done, failed }) === 1) queueMicrotask(() => this.#commit());
      else if (this.#asked.length >= MOST_TOGETHER) this.#commit();
    });
  }

  /** Runs the queued writes. */
  #commit(asked = this.#asked.splice(0)): void {
    if (asked.length === 0) return;
    let results: unknown[];
    try {
      results = this.#coded(() => transaction(this.#db, () => asked.map(({ steps }) => this.#walk(steps()))));
    } catch (error) {
      if (asked.length === 1) asked[0]!.failed(error);
      // The batch was rolled back; run alone, only the faulty write fails.
      else for (const each of asked) this.#commit([each]);
      return;
    }
    try {
      // Throws LS-STORE-001 if the medium refused an earlier commit.
      this.#database.log?.committed();
    } catch (error) {
      for (const { failed } of asked) failed(error);
      return;
    }
    for (const [at, { done }] of asked.entries()) done(results[at] as never);
    // Starts the sync at once, which shortens a later wait.
    if (asked.some(({ syncs }) => syncs)) void this.#database.log?.synced().catch(() => undefined);
  }

  #walk<T>(steps: Steps<T>): T {
    let step = steps.next();
    while (step.done !== true) {
      const { sql, lists, asks } = step.value;
      const statement = this.#prepared(sql);
      if (asks === 'rows') {
        step = steps.next(statement.all(...lists[0]!));
        continue;
      }
      let changes = 0;
      for (const values of lists) changes += Number(statement.run(...values).changes);
      step = steps.next(changes);
    }
    return step.value;
  }

  /** Throws LS-STORE-001 if the disk is at fault. */
  #coded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isOfMedium(error)) throw error;
      throw new LoadstoneError('LS-STORE-001', `${this.#database.path}: ${error.message}`);
    }
  }

  /** Compiles each statement once. */
  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement !== undefined) return statement;
    if (this.#statements.size >= MOST_STATEMENTS) this.#statements.clear();
    this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}
