import { DatabaseError, type PoolClient, type QueryResult } from 'pg';
import { numbered, valueFor } from './postgres-text.ts';
import type { Row, SqlValue, Steps } from './sql.ts';

/** The server did not answer, or not as one that takes writes: nobody can say whether the statement under way was done. */
export class Lost extends Error {
  constructor(cause: unknown) {
    const reasons = cause instanceof AggregateError ? cause.errors : [cause];
    super(reasons.map((each) => (each instanceof Error ? each.message : String(each))).join('; '), { cause });
  }
}

/** One connection to the server, taken from the pool. */
export class Connection {
  readonly client: PoolClient;

  constructor(client: PoolClient) {
    this.client = client;
  }

  /** With the server's own placeholders. */
  async query(text: string, values?: SqlValue[]): Promise<QueryResult<Row>> {
    try {
      return await this.client.query<Row>(text, values);
    } catch (error) {
      throw isOfServer(error) ? error : new Lost(error);
    }
  }

  /** With placeholders as the stores write them. */
  ask(sql: string, values: readonly SqlValue[]): Promise<QueryResult<Row>> {
    return this.query(numbered(sql, values), values.map(valueFor));
  }

  /** All of it, or nothing where it throws. */
  async within<T>(begin: string, work: () => Promise<T>): Promise<T> {
    await this.query(begin);
    try {
      const result = await work();
      await this.query('COMMIT');
      return result;
    } catch (error) {
      // Where the connection is lost the server takes it back.
      if (!(error instanceof Lost)) await this.query('ROLLBACK');
      throw error;
    }
  }

  async walk<T>(steps: Steps<T>): Promise<T> {
    let step = steps.next();
    while (step.done !== true) {
      const { sql, lists, asks } = step.value;
      if (asks === 'rows') {
        step = steps.next((await this.ask(sql, lists[0]!)).rows);
        continue;
      }
      let changes = 0;
      for (const values of lists) changes += (await this.ask(sql, values)).rowCount ?? 0;
      step = steps.next(changes);
    }
    return step.value;
  }
}

/**
 * Its word on a statement. It is none that it is going down, is starting, has no room, takes no writes or was left waiting, nor that
 * the statement took too long or was cancelled: classes 08, 53, 57, 25006, 25P03, and 0A000, as a standby knows no serialisable reads.
 */
const isOfServer = (error: unknown): boolean =>
  error instanceof DatabaseError && !/^(08|53|57|25006|25P03|0A000)/.test(error.code ?? '');

/** A serialisation failure or a deadlock: nothing was changed, and another attempt may come through. */
export const isInTheWay = (error: unknown): boolean =>
  error instanceof DatabaseError && (error.code === '40001' || error.code === '40P01');
