import { Pool, type PoolClient } from 'pg';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { processName } from './process-name.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { Turns } from '../../shared/time/turns.ts';
import { VERSION } from '../../shared/version.ts';
import type { StoreSchema } from '../telemetry/database.ts';
import type { PostgresOptions } from './postgres-config.ts';
import { Connection, isConflict, Lost } from './postgres-connection.ts';
import { startFault } from './postgres-fault.ts';
import {
  besideOf,
  Hold,
  nodeKeyOf,
  successionOf,
  SURE_S,
  type Beside,
  type CloudRecord,
  type CloudState,
  type Succession,
} from './postgres-hold.ts';
import { assertUp, bringUp } from './postgres-schema.ts';
import { typeParsers } from './postgres-text.ts';
import type { Row, Sql, SqlDatabase, SqlValue, Steps } from './sql.ts';

const MOST_CONNECTIONS = 8;
const MOST_FOR_BULK = 4;
const CONNECT_MS = 5000;
/** A server that froze or was cut off silently is given up after this. */
const ANSWER_MS = 30_000;
/**
 * Settings of each connection. The server gives up a statement before its client does, so none still runs once another connection has
 * replaced its own. The server drops the connection of a vanished machine after half a minute, whether it is idle, in a transaction or owed
 * an answer; until then that machine holds the database.
 */
const SETTINGS = {
  default_transaction_isolation: 'serializable',
  synchronous_commit: 'on',
  statement_timeout: '25s',
  idle_in_transaction_session_timeout: '30s',
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 4,
  tcp_user_timeout: '30s',
};
/** Among conflicting writers one always gets through. */
const MOST_ATTEMPTS = 100;

/** The state of a database, for monitoring. */
export interface PostgresStanding {
  /** Since when the server has not answered, machine time in ms UTC, and why; null: it answers. */
  readonly away: { readonly since: number; readonly why: string } | null;
  /** Duration of the last commit outside bulk, retries included, ms; null: none yet. */
  readonly commitMs: number | null;
  /** Number of holders of the database so far, this process included; null: it does not hold the database. */
  readonly term: number | null;
}

/**
 * A PostgreSQL database that stores share, in any number of processes. Transactions are serialisable and retried on conflict, so stores
 * need no locks. A lost connection fails the work on it with LS-STORE-001; the next call opens another connection.
 */
export class Postgres implements SqlDatabase {
  readonly #pool: Pool;
  readonly #bulkPool: Pool;
  /** The same for stores of bulk data, with connections of its own, so that acknowledgements and acts never wait for bulk. */
  readonly bulk: SqlDatabase = { openStore: (schema) => this.#store(schema, this.#bulkPool) };
  readonly #schema: string;
  readonly #server: PostgresOptions;
  #hold: Hold | undefined;
  /** Why this process may no longer write. */
  #lost: LoadstoneError | undefined;
  #onLost: (why: LoadstoneError) => void = () => undefined;
  readonly #time: Pick<TimeBase, 'now' | 'elapsed'> | undefined;
  #away: PostgresStanding['away'] = null;
  #commitMs: number | null = null;
  #term: number | null = null;
  /** When the last successful renewal began, by `elapsed`. */
  #saidAt = Number.NEGATIVE_INFINITY;

  /** `time`: machine time; without it `standing` has no times and `isSure` is false. */
  constructor(options: PostgresOptions, time?: Pick<TimeBase, 'now' | 'elapsed'>) {
    const {
      host,
      port,
      database,
      user,
      password = () => '',
      tls,
      schema = 'loadstone',
      isReader = false,
      role = '',
    } = options;
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(schema)) throw new Error(`${schema} is not a schema name`);
    this.#server = options;
    this.#schema = schema;
    this.#time = time;
    // Everything is given, so the client takes nothing from its environment.
    const settings = {
      host,
      port,
      database,
      user,
      password,
      ssl: tls ?? false,
      options: Object.entries({
        search_path: schema,
        ...SETTINGS,
        default_transaction_read_only: isReader ? 'on' : 'off',
      })
        .map(([key, value]) => `-c ${key}=${value}`)
        .join(' '),
      application_name: `${`loadstone ${role}`.trim()} ${VERSION}, ${processName()}`.slice(0, 63),
      client_encoding: 'UTF8',
      // Idle connections stay open: each of them holds the database.
      idleTimeoutMillis: 0,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      types: typeParsers,
    };
    this.#pool = new Pool({ ...settings, max: MOST_CONNECTIONS });
    this.#bulkPool = new Pool({ ...settings, max: MOST_FOR_BULK });
    // An idle connection was lost: the pool has dropped it, and the next caller opens another.
    for (const pool of [this.#pool, this.#bulkPool]) pool.on('error', () => undefined);
  }

  /** The server and database, as errors name them. */
  get where(): string {
    const { host, port, database } = this.#server;
    return `PostgreSQL at ${host}:${port}/${database}`;
  }

  get standing(): PostgresStanding {
    return { away: this.#away, commitMs: this.#commitMs, term: this.#term };
  }

  /**
   * Whether no other process can have taken the database yet. Guards writes to other places, where no connection fences them. `elapsed`
   * stands still while the whole machine is suspended.
   */
  get isSure(): boolean {
    const isLost = this.#time === undefined || this.#lost !== undefined;
    return !isLost && this.#time.elapsed() - this.#saidAt <= 1000 * SURE_S;
  }

  /**
   * Takes the database for this process, so that no other process writes it. `onLost` is called once if the hold ends: with LS-STATE-003 if
   * another process has taken the database, with LS-STATE-005 if it was restored from a copy; nothing is sent to the server from then on.
   * `over`: the term of a silent holder, whose connections are terminated. Throws LS-STATE-001 if the server cannot be reached, refuses the
   * login or cannot be used, LS-STATE-003 if another process holds the database.
   */
  async hold(onLost: (why: LoadstoneError) => void = () => undefined, over?: number): Promise<CloudRecord> {
    const hold = new Hold(this.#schema);
    try {
      const record = await this.#saying(() => this.#connected((connection) => hold.take(connection, over)));
      this.#hold = hold;
      this.#term = record.term;
      this.#onLost = onLost;
      return record;
    } catch (error) {
      throw startFault(error, this.#server);
    }
  }

  /** Checks that the server answers and this process still holds the database. Throws LS-STORE-001, or the error that `onLost` gets. */
  async check(): Promise<void> {
    await this.#repeated(async (connection) => this.#hold?.check(connection));
  }

  /** Renews this process's claim, for the standby. Throws as `check` does. */
  async renew(): Promise<void> {
    await this.#saying(() => this.#repeated(async (connection) => this.#hold?.renew(connection)));
  }

  async #saying<T>(say: () => Promise<T>): Promise<T> {
    const begun = this.#time?.elapsed();
    const answer = await say();
    if (begun !== undefined) this.#saidAt = begun;
    return answer;
  }

  /** The state of the holder, for a standby that holds nothing itself. */
  succession(): Promise<Succession> {
    return this.#repeated((connection) => successionOf(connection, this.#schema));
  }

  /** What the database records about its cloud, for a standby; undefined: nothing yet. */
  beside(): Promise<Beside | undefined> {
    return this.#repeated(besideOf);
  }

  /** Stores sealed keys for the standby. */
  async share(shared: NonNullable<Beside['shared']>): Promise<void> {
    await this.#repeated(async (connection) => this.#hold?.share(connection, shared));
  }

  /** Stores the key with which api nodes talk to this process, the holder of the database. */
  async keepNodeKey(key: Uint8Array): Promise<void> {
    await this.#repeated(async (connection) => this.#hold?.keepNodeKey(connection, key));
  }

  /** The key with which api nodes talk to the holder; undefined: not stored yet. */
  nodeKey(): Promise<Uint8Array | undefined> {
    return this.#repeated(nodeKeyOf);
  }

  /** Throws LS-STATE-001 if the server cannot be reached or refuses the login. */
  async reached(): Promise<void> {
    try {
      await this.#connected((connection) => connection.query('SELECT 1'));
    } catch (error) {
      throw startFault(error, this.#server);
    }
  }

  /** Records how complete the state is, for the next holder. */
  async mark(state: CloudState): Promise<void> {
    await this.#repeated((connection) => connection.query('UPDATE cloud SET state = $1', [state]));
  }

  /** Rows as they stand, read without holding the database; creates no tables. */
  look(sql: string): Promise<readonly Row[]> {
    return this.#repeated(async (connection) => (await connection.ask(sql, [])).rows);
  }

  openStore(schema: StoreSchema): Sql {
    return this.#store(schema, this.#pool);
  }

  #store(schema: StoreSchema, pool: Pool): Sql {
    const { isReader = false } = this.#server;
    const open: Work<void> = (connection) =>
      isReader ? assertUp(connection, schema) : bringUp(connection, this.#schema, schema);
    return new PostgresStore(`loadstone ${this.#schema} ${schema.name}`, open, {
      read: (work) => this.#repeated(work, pool),
      commit: (work) => (pool === this.#pool ? this.#committed(work) : this.#repeated(work, pool)),
    });
  }

  /** Waits for work under way. */
  async close(): Promise<void> {
    const open = [this.#pool, this.#bulkPool].filter((pool) => !pool.ending);
    await Promise.all(open.map((pool) => pool.end()));
  }

  async #repeated<T>(work: Work<T>, pool = this.#pool): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await this.#connected(work, pool);
        this.#away = null;
        return result;
      } catch (error) {
        if (error instanceof Lost) throw this.#gone(`${this.where}: ${error.message}`);
        if (!isConflict(error)) throw error;
        if (attempt === MOST_ATTEMPTS)
          throw new LoadstoneError(
            'LS-STORE-001',
            `${this.where}: conflicts with other transactions ${attempt} times in a row`,
          );
      }
    }
  }

  async #committed<T>(work: Work<T>): Promise<T> {
    const begun = this.#time?.elapsed();
    const result = await this.#repeated(work);
    if (begun !== undefined) this.#commitMs = this.#time!.elapsed() - begun;
    return result;
  }

  #gone(why: string): LoadstoneError {
    if (this.#time !== undefined) this.#away ??= { since: this.#time.now(), why };
    return new LoadstoneError('LS-STORE-001', why);
  }

  async #connected<T>(work: Work<T>, pool = this.#pool): Promise<T> {
    if (this.#lost !== undefined) throw this.#lost;
    let client: PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw new Lost(error);
    }
    let isGone = false;
    // The query under way fails too; without a listener this error would end the process.
    const onError = (): void => void (isGone = true);
    client.on('error', onError);
    try {
      const connection = new Connection(client);
      await this.#hold?.admit(connection);
      return await work(connection);
    } catch (error) {
      const isOver =
        error instanceof LoadstoneError && (error.code === 'LS-STATE-003' || error.code === 'LS-STATE-005');
      // A connection that may not write would keep its share of the lock.
      isGone ||= isOver || error instanceof Lost;
      if (isOver && this.#hold !== undefined && this.#lost === undefined) this.#onLost((this.#lost = error));
      throw error;
    } finally {
      client.off('error', onError);
      client.release(isGone);
    }
  }
}

type Work<T> = (connection: Connection) => Promise<T>;

interface WorkOn {
  read<T>(work: Work<T>): Promise<T>;
  commit<T>(work: Work<T>): Promise<T>;
}

/** The statements of one store, run in the order of the calls. */
class PostgresStore implements Sql {
  /** Unique among all stores of the database. */
  readonly #name: string;
  readonly #open: Work<void>;
  readonly #on: WorkOn;
  readonly #turns = new Turns();
  #isUp = false;

  constructor(name: string, open: Work<void>, on: WorkOn) {
    this.#name = name;
    this.#open = open;
    this.#on = on;
    // Waiting callers see the failure, and the next call tries again.
    void this.opened().catch(() => undefined);
  }

  async rows(sql: string, ...values: SqlValue[]): Promise<readonly Row[]> {
    return (await this.#turn((connection) => connection.ask(sql, values))).rows;
  }

  async run(sql: string, ...values: SqlValue[]): Promise<number> {
    return (await this.#turn((connection) => connection.ask(sql, values), 'commit')).rowCount ?? 0;
  }

  transaction<T>(steps: () => Steps<T>): Promise<T> {
    return this.#turn((connection) => connection.within('BEGIN', () => connection.walk(steps())), 'commit');
  }

  inTurn<T>(steps: () => Steps<T>): Promise<T> {
    const work: Work<T> = (connection) =>
      connection.within('BEGIN', async () => {
        await connection.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [this.#name]);
        return connection.walk(steps());
      });
    return this.#turn(work, 'commit');
  }

  reading<T>(steps: () => Steps<T>): Promise<T> {
    const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
    return this.#turn((connection) => connection.within(begin, () => connection.walk(steps())));
  }

  async opened(): Promise<void> {
    await this.#turn(async () => undefined);
  }

  /** Every commit is durable when it resolves. */
  synced(): Promise<void> {
    return this.#turns.over();
  }

  /** Calls already queued still run. */
  close(): void {}

  #turn<T>(work: Work<T>, how: keyof WorkOn = 'read'): Promise<T> {
    return this.#turns.take(async () => {
      if (!this.#isUp) await this.#on.read(this.#open);
      this.#isUp = true;
      return this.#on[how](work);
    });
  }
}
