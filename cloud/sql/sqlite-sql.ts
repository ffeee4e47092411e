import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Database, StoreSchema } from '../telemetry/database.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type { Durability, Row, Sql, SqlValue, Steps } from './sql.ts';

/** Some stores write a list into their SQL, and there are lists of every length. */
const MOST_STATEMENTS = 100;

/** A store on SQLite: everything runs in the turn in which it is asked. */
export class SqliteSql implements Sql {
  readonly #database: Database;
  readonly #db: DatabaseSync;
  readonly #durability: Durability;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: Database, schema: StoreSchema, durability: Durability) {
    this.#database = database;
    this.#db = database.open(schema, durability === 'now');
    this.#durability = durability;
  }

  async rows(sql: string, ...values: SqlValue[]): Promise<readonly Row[]> {
    return this.#prepared(sql).all(...values);
  }

  async run(sql: string, ...values: SqlValue[]): Promise<number> {
    const changes = Number(this.#prepared(sql).run(...values).changes);
    this.#committed();
    return changes;
  }

  async transaction<T>(steps: () => Steps<T>): Promise<T> {
    const result = transaction(this.#db, () => this.#walk(steps()));
    this.#committed();
    // Begun at once, so that whoever waits for it later waits less.
    if (this.#durability === 'behind') void this.synced().catch(() => undefined);
    return result;
  }

  async reading<T>(steps: () => Steps<T>): Promise<T> {
    return this.#walk(steps());
  }

  async opened(): Promise<void> {}

  async synced(): Promise<void> {
    if (this.#durability === 'behind') await this.#database.log?.synced();
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
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

  /** Throws LS-STORE-001 where the medium refused what was committed before. */
  #committed(): void {
    if (this.#durability === 'behind') this.#database.log?.committed();
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
