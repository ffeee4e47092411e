import { randomUUID } from 'node:crypto';
import { DatabaseError } from 'pg';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { StoreSchema } from '../telemetry/database.ts';
import { isConflict, type Connection } from './postgres-connection.ts';
import { bringUp } from './postgres-schema.ts';
import type { Row } from './sql.ts';

/** The oldest version that its developers still maintain. */
const OLDEST = { version: 150_000, name: 'PostgreSQL 15' };
/** The connections of a killed process linger for a moment. */
const WAIT = '5s';
const UNDEFINED_TABLE = '42P01';
const UNDEFINED_COLUMN = '42703';
/** The holder renews its claim at this interval, s. */
export const SAYS_EACH_S = 2;
/** For this long after it began its last renewal, s, a holder is sure that no standby has taken over. */
export const SURE_S = 2 * SAYS_EACH_S;
/** A standby may take over from a holder that has been silent for this long, s. */
export const SILENT_S = 2 * SURE_S;

/** `new`: holds no cloud's state. `migrating`: an incomplete copy. `whole`: the state of the cloud with this id. */
export type CloudState = 'new' | 'migrating' | 'whole';

/** What the database records about itself: whose state it holds. */
export interface CloudRecord {
  readonly id: string;
  readonly state: CloudState;
  /** Identifies this copy of the state; changes when a dump is restored or a standby server is promoted. */
  readonly copy: string;
  /** Number of holders so far. */
  readonly term: number;
}

/** What a database tells a standby about its cloud. */
export interface Beside extends Pick<CloudRecord, 'id' | 'state' | 'copy'> {
  /** The cloud's sealed keys and who shared them; undefined: nobody has shared any in this copy of the database. */
  readonly shared: { readonly sealed: Uint8Array; readonly by: string } | undefined;
}

/** The holder of a database as a standby sees it. The silence is measured by the server's clock alone, so no two clocks are compared. */
export interface Succession {
  /** Whose connections hold the database, in words; undefined: nobody's. */
  readonly holder: string | undefined;
  /** As `CloudRecord.term`; undefined: the tables are missing, or an older version made them. */
  readonly term: number | undefined;
  /** Time since the holder's last renewal, s; undefined: it never renewed. */
  readonly silentS: number | undefined;
}

const COPY = `(SELECT system_identifier::text FROM pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
  || '/' || 'cloud'::regclass::oid::text`;

/** The one table that belongs to no store. */
export const cloudSchema: StoreSchema = {
  name: 'cloud',
  migrations: [
    `CREATE TABLE cloud (
       one INTEGER PRIMARY KEY, id TEXT NOT NULL, state TEXT NOT NULL, holder TEXT NOT NULL
     )`,
    `ALTER TABLE cloud ADD COLUMN term INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE cloud ADD COLUMN seen TIMESTAMPTZ`,
    'ALTER TABLE cloud ADD COLUMN shared BLOB',
    // The copy is recorded, because keys in a restored one are older than those in the data folders.
    `ALTER TABLE cloud ADD COLUMN shared_copy TEXT;
     ALTER TABLE cloud ADD COLUMN shared_by TEXT`,
    'ALTER TABLE cloud ADD COLUMN node_key BLOB',
  ],
};

/**
 * The right of one process to write a database. Each of its connections holds an advisory lock in shared mode, and taking the database
 * needs that lock in exclusive mode: nobody can take it while a connection of the previous holder lives. A connection opened later finds
 * the new holder's name.
 */
export class Hold {
  readonly #schema: string;
  readonly #holder = randomUUID();
  readonly #admitted = new WeakSet<object>();
  #copy: string | undefined;

  constructor(schema: string) {
    this.#schema = schema;
  }

  /**
   * Takes the database through this connection. `over`: the term of a holder to displace, if it has been silent for `SILENT_S`. Throws
   * LS-STATE-001 if the server cannot be used, LS-STATE-003 if another process holds the database.
   */
  async take(connection: Connection, over?: number): Promise<CloudRecord> {
    await assertUsable(connection);
    await bringUp(connection, this.#schema, cloudSchema);
    if (over !== undefined) await this.#fence(connection, over);
    await connection.query(`SET lock_timeout = '${WAIT}'`);
    try {
      await this.#lock(connection, 'pg_advisory_lock');
    } catch (error) {
      if (error instanceof DatabaseError && error.code === '55P03') throw await this.#taken(connection);
      throw error;
    }
    await connection.query('RESET lock_timeout');
    const { rows } = await connection.query(
      `INSERT INTO cloud (one, id, state, holder, term, seen) VALUES (1, $1, 'new', $2, 1, clock_timestamp())
         ON CONFLICT (one) DO UPDATE SET holder = excluded.holder, term = cloud.term + 1, seen = excluded.seen
         RETURNING id, state, term, ${COPY} AS copy`,
      [randomUUID(), this.#holder],
    );
    await this.#lock(connection, 'pg_advisory_lock_shared');
    await this.#lock(connection, 'pg_advisory_unlock');
    this.#admitted.add(connection.client);
    const { id, state, term, copy } = rows[0]!;
    this.#copy = String(copy);
    return { id: String(id), state: String(state) as CloudState, copy: this.#copy, term: Number(term) };
  }

  /**
   * Terminates the connections of a silent holder. Its name is replaced first: any connection that it opens from then on finds another
   * holder, and each one that it already has shares the lock, so none is missed. What it has committed by then stands; it can commit
   * nothing after the lock that is taken next.
   */
  async #fence(connection: Connection, over: number): Promise<void> {
    const { rowCount } = await connection
      .query(
        `UPDATE cloud SET holder = $1, term = term + 1, seen = clock_timestamp()
           WHERE term = $2 AND seen < clock_timestamp() - interval '${SILENT_S} s'`,
        [this.#holder, over],
      )
      .catch((error: unknown) => {
        if (isConflict(error)) return { rowCount: 0 };
        throw error;
      });
    if (rowCount === 0) throw await this.#taken(connection);
    await connection.query(`SELECT pg_terminate_backend(pid) FROM (${HOLDERS}) AS each`, [this.#schema]);
  }

  /** Renews the holder's claim; throws as `check` does. */
  async renew(connection: Connection): Promise<void> {
    await this.check(connection);
    const said = 'UPDATE cloud SET seen = clock_timestamp() WHERE holder = $1';
    if ((await connection.query(said, [this.#holder])).rowCount === 0) throw await this.#taken(connection);
  }

  /** Runs once for each connection, before anything else. Throws as `check` does. */
  async admit(connection: Connection): Promise<void> {
    if (this.#admitted.has(connection.client)) return;
    await this.#lock(connection, 'pg_advisory_lock_shared');
    await this.check(connection);
    this.#admitted.add(connection.client);
  }

  /** Stores sealed keys for the standby. */
  async share(connection: Connection, { sealed, by }: NonNullable<Beside['shared']>): Promise<void> {
    const sql = `UPDATE cloud SET shared = $1, shared_by = $2, shared_copy = ${COPY} WHERE holder = $3`;
    await connection.query(sql, [sealed, by, this.#holder]);
  }

  /** Stores the key with which api nodes talk to this holder. */
  async keepNodeKey(connection: Connection, key: Uint8Array): Promise<void> {
    await connection.query('UPDATE cloud SET node_key = $1 WHERE holder = $2', [key, this.#holder]);
  }

  /** Throws LS-STATE-003 if another process has taken the database since, LS-STATE-005 if it is not the copy that was taken. */
  async check(connection: Connection): Promise<void> {
    const [found] = await this.#standing(connection);
    if (found === undefined || found['copy'] !== this.#copy)
      throw new LoadstoneError('LS-STATE-005', 'the database was restored from a copy, or another server replaced it');
    if (found['holder'] !== this.#holder) throw await this.#taken(connection);
  }

  async #standing(connection: Connection): Promise<readonly Row[]> {
    try {
      return (await connection.query(`SELECT holder, ${COPY} AS copy FROM cloud`)).rows;
    } catch (error) {
      if (error instanceof DatabaseError && error.code === UNDEFINED_TABLE) return [];
      throw error;
    }
  }

  async #lock(connection: Connection, how: string): Promise<void> {
    await connection.query(`SELECT ${how}(hashtext('loadstone'), hashtext($1))`, [this.#schema]);
  }

  async #taken(connection: Connection): Promise<LoadstoneError> {
    const holder = (await holderOf(connection, this.#schema)) ?? 'it has ended meanwhile';
    return new LoadstoneError('LS-STATE-003', `another process holds the database: ${holder}`);
  }
}

/** Connections that hold the database, except the caller's own. */
const HOLDERS = `SELECT pid, application_name || coalesce(', from ' || host(client_addr), '') AS who
  FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND pg_locks.pid <> pg_backend_pid()
    AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = (hashtext('loadstone')::bigint & 4294967295)::oid
    AND objid = (hashtext($1)::bigint & 4294967295)::oid`;

async function holderOf(connection: Connection, schema: string): Promise<string | undefined> {
  const { rows } = await connection.query(`SELECT DISTINCT who FROM (${HOLDERS}) AS each ORDER BY who`, [schema]);
  return rows.length === 0 ? undefined : rows.map(({ who }) => String(who)).join(' and ');
}

/** The state of the holder, read without holding the database. */
export async function successionOf(connection: Connection, schema: string): Promise<Succession> {
  const holder = await holderOf(connection, schema);
  const row = await rowOf(connection, 'term, extract(epoch FROM clock_timestamp() - seen) AS silent');
  const { term, silent } = row ?? {};
  return {
    holder,
    term: typeof term === 'number' ? term : undefined,
    silentS: typeof silent === 'number' ? silent : undefined,
  };
}

/** What the database records about its cloud; undefined: nothing yet, or an older version made its table. */
export async function besideOf(connection: Connection): Promise<Beside | undefined> {
  const row = await rowOf(
    connection,
    `id, state, ${COPY} AS copy, CASE WHEN shared_copy = ${COPY} THEN shared END AS sealed, shared_by`,
  );
  if (row === undefined) return undefined;
  const { id, state, copy, sealed, shared_by: by } = row;
  return {
    id: String(id),
    state: String(state) as CloudState,
    copy: String(copy),
    shared: sealed instanceof Uint8Array ? { sealed, by: String(by) } : undefined,
  };
}

/** The key with which api nodes talk to the holder; undefined: not stored yet. */
export async function nodeKeyOf(connection: Connection): Promise<Uint8Array | undefined> {
  const key = (await rowOf(connection, 'node_key AS key'))?.['key'];
  return key instanceof Uint8Array ? key : undefined;
}

async function rowOf(connection: Connection, columns: string): Promise<Row | undefined> {
  try {
    return (await connection.query(`SELECT ${columns} FROM cloud`)).rows[0];
  } catch (error) {
    if (error instanceof DatabaseError && (error.code === UNDEFINED_TABLE || error.code === UNDEFINED_COLUMN))
      return undefined;
    throw error;
  }
}

/** Throws LS-STATE-001 for a server that is too old, takes no writes, or has another encoding than UTF8. */
async function assertUsable(connection: Connection): Promise<void> {
  // In an isolation level that a standby server accepts too.
  const { rows } = await connection.within('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', () =>
    connection.query(
      `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version,
         pg_is_in_recovery() AS follows, current_setting('server_encoding') AS encoding`,
    ),
  );
  const fault = serverFault(rows[0] as unknown as ServerFacts);
  if (fault !== undefined) throw new LoadstoneError('LS-STATE-001', fault);
}

interface ServerFacts {
  readonly number: number;
  readonly version: string;
  /** 1: the server is a standby. */
  readonly follows: number;
  readonly encoding: string;
}

/** Why a server cannot be used; undefined: it can. */
export function serverFault({ number, version, follows, encoding }: ServerFacts): string | undefined {
  if (number < OLDEST.version)
    return `state.postgres.host: the server is PostgreSQL ${version}; ${OLDEST.name} or newer is needed`;
  if (follows === 1) return 'state.postgres.host: the server is a standby, which accepts no writes: name the primary';
  if (encoding !== 'UTF8')
    return `state.postgres.database: its encoding is ${encoding}; create one with CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0`;
  return undefined;
}
