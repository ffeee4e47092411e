import { DatabaseError, type PoolClient, type QueryResult } from 'pg';
import { numbered, valueFor } from './postgres-text.ts';
import type { Row, SqlValue, Steps } from './sql.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

/** The server did not answer, or not as one that takes writes: the statement under way may or may not have been applied. */
export class Lost extends Error {
  constructor(cause: unknown) {
    const reasons = cause instanceof AggregateError ? cause.errors : [cause];
    super(reasons.map(messageOf).join('; '), { cause });
  }
}

/** One connection to the server, taken from the pool. */
export class Connection {
  readonly client: PoolClient;

  constructor(client: PoolClient) {
    this.client = client;
  }

  /** Takes the server's own placeholders, `$1`. */
  async query(text: string, values?: SqlValue[]): Promise<QueryResult<Row>> {
    try {
      return await this.client.query<Row>(text, values);
    } catch (error) {
      throw isOfServer(error) ? error : new Lost(error);
    }
  }

  /** Takes the stores' placeholders, `?`. */
  ask(sql: string, values: readonly SqlValue[]): Promise<QueryResult<Row>> {
    return this.query(numbered(sql, values), values.map(valueFor));
  }

  /** Runs `work` in a transaction and commits it; if it throws, rolls back and rethrows. */
  async within<T>(begin: string, work: () => Promise<T>): Promise<T> {
    await this.query(begin);
    try {
      const result = await work();
      await this.query('COMMIT');
      return result;
    } catch (error) {
      // The server rolls back a lost connection by itself.
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
 * Whether an error is the server's verdict on the statement itself. Classes 08, 53 and 57, 25006 and 25P03 are not: the server is starting,
 * shutting down, out of resources or read-only, a transaction was idle for too long, or the statement timed out or was cancelled. 0A000 is
 * not either, because a standby server refuses serialisable reads with it.
 */
const isOfServer = (error: unknown): boolean =>
  error instanceof DatabaseError && !/^(08|53|57|25006|25P03|0A000)/.test(error.code ?? '');

/** A serialisation failure or a deadlock: nothing was changed, and a retry may succeed. */
export const isConflict = (error: unknown): boolean =>
  error instanceof DatabaseError && (error.code === '40001' || error.code === '40P01');
