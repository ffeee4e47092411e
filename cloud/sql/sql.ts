import type { StoreSchema } from '../telemetry/database.ts';

/** The value of a placeholder. A flag is 0 or 1. */
export type SqlValue = string | number | null | Uint8Array;

/** A row by column names. Integers, flags (0 or 1) and fractions are numbers, bytes a Uint8Array. */
export type Row = Readonly<Record<string, unknown>>;

/** One statement and what it returns. Placeholders are `?`, or `?1`, `?2` where one is used twice. */
interface Statement {
  readonly sql: string;
  /** The statement runs once with each list. */
  readonly lists: readonly (readonly SqlValue[])[];
  readonly asks: 'rows' | 'changes';
}

/**
 * Statements that belong together, as a generator: each `yield* rows(…)` or `yield* run(…)` is one. SQLite runs them in one turn.
 * PostgreSQL awaits each and restarts the generator if another process was in the way, so the code between them must be pure.
 */
export type Steps<T> = Generator<Statement, T, readonly Row[] | number>;

export function* rows(sql: string, ...values: SqlValue[]): Steps<readonly Row[]> {
  return (yield { sql, lists: [values], asks: 'rows' }) as readonly Row[];
}

/** The first row, if any. */
export function* first(sql: string, ...values: SqlValue[]): Steps<Row | undefined> {
  return (yield* rows(sql, ...values))[0];
}

/** Returns the number of changed rows. */
export function* run(sql: string, ...values: SqlValue[]): Steps<number> {
  return (yield { sql, lists: [values], asks: 'changes' }) as number;
}

/** Runs one statement with each list of values in turn. */
export function* runEach(sql: string, lists: readonly (readonly SqlValue[])[]): Steps<number> {
  return (yield { sql, lists, asks: 'changes' }) as number;
}

/** Rows per INSERT: each statement to a remote server costs a round trip. */
const ROWS = 100;

/** Inserts many rows. `insert` ends before VALUES, `otherwise` follows the rows. */
export function* insertAll(insert: string, lists: readonly (readonly SqlValue[])[], otherwise = ''): Steps<void> {
  for (let at = 0; at < lists.length; at += ROWS) {
    const some = lists.slice(at, at + ROWS);
    const values = some.map((list) => `(${list.map(() => '?').join(', ')})`).join(', ');
    yield* run(`${insert} VALUES ${values} ${otherwise}`, ...some.flat());
  }
}

/**
 * What a store runs its statements on, in the SQL that SQLite and PostgreSQL share. Calls run in their order, awaited or not, so each
 * statement sees all before it.
 */
export interface Sql {
  rows(sql: string, ...values: SqlValue[]): Promise<readonly Row[]>;
  run(sql: string, ...values: SqlValue[]): Promise<number>;
  /** Runs all of the steps, or none if one fails. */
  transaction<T>(steps: () => Steps<T>): Promise<T>;
  /** Like `transaction`, but for each store in one process at a time, so numbers that it assigns are committed in order. */
  inTurn<T>(steps: () => Steps<T>): Promise<T>;
  /** Steps that only read. */
  reading<T>(steps: () => Steps<T>): Promise<T>;
  /** Resolves once the store's tables exist; rejects if they cannot be created. */
  opened(): Promise<void>;
  /** Resolves once everything committed before the call is durable. */
  synced(): Promise<void>;
  close(): void;
}

/**
 * When a commit of a store is durable. `now`: as it resolves. `behind`: once `synced` resolves. `some time`: a power cut may lose the last
 * ones.
 */
export type Durability = 'now' | 'behind' | 'some time';

/** A database that stores share. */
export interface SqlDatabase {
  /** Creates a store's tables; calls made meanwhile wait for that. */
  openStore(schema: StoreSchema, durability: Durability): Sql;
}
