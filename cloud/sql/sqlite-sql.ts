import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Database, StoreSchema } from '../telemetry/database.ts';
import { transaction } from '../telemetry/sqlite.ts';
import { run, type Durability, type Row, type Sql, type SqlValue, type Steps } from './sql.ts';

/** Some stores write a list into their SQL, and there are lists of every length. */
const MOST_STATEMENTS = 100;

/** So many writes are committed together: where one of them fails, all of them run once more, each by itself. */
const MOST_TOGETHER = 100;

/** A write that has been asked for and not run yet. */
interface Asked {
  readonly steps: () => Steps<unknown>;
  /** Whoever asked will wait for the medium later. */
  readonly syncs: boolean;
  readonly done: (result: never) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * A store on SQLite. What is read runs in the turn in which it is asked, and so does what is on the medium as it resolves. Other writes
 * wait for the end of what runs now, and what was asked by then is committed together: a commit costs several times what it holds.
 * Whatever is asked later sees them.
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
    return this.#prepared(sql).all(...values);
  }

  async run(sql: string, ...values: SqlValue[]): Promise<number> {
    if (this.#durability === 'behind') return this.#ask(() => run(sql, ...values), false);
    return Number(this.#prepared(sql).run(...values).changes);
  }

  async transaction<T>(steps: () => Steps<T>): Promise<T> {
    if (this.#durability === 'behind') return this.#ask(steps, true);
    return transaction(this.#db, () => this.#walk(steps()));
  }

  /** Whoever writes holds the file alone. */
  inTurn<T>(steps: () => Steps<T>): Promise<T> {
    return this.transaction(steps);
  }

  async reading<T>(steps: () => Steps<T>): Promise<T> {
    this.#commit();
    return this.#walk(steps());
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

  /** Runs what has been asked. */
  #commit(asked = this.#asked.splice(0)): void {
    if (asked.length === 0) return;
    let results: unknown[];
    try {
      results = transaction(this.#db, () => asked.map(({ steps }) => this.#walk(steps())));
    } catch (error) {
      if (asked.length === 1) asked[0]!.failed(error);
      // Nothing of it is there: who is to blame fails alone.
      else for (const each of asked) this.#commit([each]);
      return;
    }
    try {
      // Throws LS-STORE-001 where the medium refused what was committed before.
      this.#database.log?.committed();
    } catch (error) {
      for (const { failed } of asked) failed(error);
      return;
    }
    for (const [at, { done }] of asked.entries()) done(results[at] as never);
    // Begun at once, so that whoever waits for it later waits less.
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

  /** A statement that is compiled once. */
  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement !== undefined) return statement;
    if (this.#statements.size >= MOST_STATEMENTS) this.#statements.clear();
    this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}
