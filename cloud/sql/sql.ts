import type { StoreSchema } from '../telemetry/database.ts';

/** What a placeholder stands for: a number is whole or not, a flag is 0 or 1. */
export type SqlValue = string | number | null | Uint8Array;

/** A row by the names of its columns. Whole numbers, flags (0 or 1) and others are numbers, bytes a Uint8Array. */
export type Row = Readonly<Record<string, unknown>>;

/** One statement of several, and what is asked of it. Placeholders are `?`, or `?1`, `?2` where one stands twice. */
interface Statement {
  readonly sql: string;
  /** It is run once with each of them. */
  readonly lists: readonly (readonly SqlValue[])[];
  readonly asks: 'rows' | 'changes';
}

/**
 * Statements that belong together, as a generator: each `yield* rows(…)` or `yield* run(…)` is one. On SQLite they run in one turn, on
 * PostgreSQL each is awaited, and where another process was in the way they are begun anew: between them lies nothing but reckoning.
 */
export type Steps<T> = Generator<Statement, T, readonly Row[] | number>;

export function* rows(sql: string, ...values: SqlValue[]): Steps<readonly Row[]> {
  return (yield { sql, lists: [values], asks: 'rows' }) as readonly Row[];
}

/** The first row, if there is one. */
export function* first(sql: string, ...values: SqlValue[]): Steps<Row | undefined> {
  return (yield* rows(sql, ...values))[0];
}

/** Answers how many rows were changed. */
export function* run(sql: string, ...values: SqlValue[]): Steps<number> {
  return (yield { sql, lists: [values], asks: 'changes' }) as number;
}

/** The same statement with one list of values after the other. */
export function* runEach(sql: string, lists: readonly (readonly SqlValue[])[]): Steps<number> {
  return (yield { sql, lists, asks: 'changes' }) as number;
}

/** Rows that one statement inserts: a server far away takes each at the price of a way there and back. */
const ROWS = 100;

/** Inserts many rows. `insert` ends before VALUES, `otherwise` is what follows the rows. */
export function* insertAll(insert: string, lists: readonly (readonly SqlValue[])[], otherwise = ''): Steps<void> {
  for (let at = 0; at < lists.length; at += ROWS) {
    const some = lists.slice(at, at + ROWS);
    const values = some.map((list) => `(${list.map(() => '?').join(', ')})`).join(', ');
    yield* run(`${insert} VALUES ${values} ${otherwise}`, ...some.flat());
  }
}

/**
 * What a store runs its statements on, in the subset that SQLite and PostgreSQL share. What is asked is done in the order in which it was
 * asked, whoever waits for it, so each statement sees all before it.
 */
export interface Sql {
  rows(sql: string, ...values: SqlValue[]): Promise<readonly Row[]>;
  run(sql: string, ...values: SqlValue[]): Promise<number>;
  /** All of the steps, or nothing where one fails. */
  transaction<T>(steps: () => Steps<T>): Promise<T>;
  /** As `transaction`, of one process at a time for each store: what numbers it draws are committed in their order. */
  inTurn<T>(steps: () => Steps<T>): Promise<T>;
  /** Steps that only read. */
  reading<T>(steps: () => Steps<T>): Promise<T>;
  /** Resolves once the store's tables are brought up; rejects where they cannot be. */
  opened(): Promise<void>;
  /** Resolves once all that was committed before the call is on the medium. */
  synced(): Promise<void>;
  close(): void;
}

/**
 * When a commit of a store is on the medium. `now`: as it resolves. `behind`: `synced` waits for it. `some time`: a cut of power may
 * take the last ones with it.
 */
export type Durability = 'now' | 'behind' | 'some time';

/** A database that stores share. */
export interface SqlDatabase {
  /** Brings up a store's tables. What is asked meanwhile waits for that. */
  openStore(schema: StoreSchema, durability: Durability): Sql;
}
