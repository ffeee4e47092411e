import { randomUUID } from 'node:crypto';
import { DatabaseError } from 'pg';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { StoreSchema } from '../telemetry/database.ts';
import { isInTheWay, type Connection } from './postgres-connection.ts';
import { bringUp } from './postgres-schema.ts';
import type { Row } from './sql.ts';

/** The oldest that its makers still mend. */
const OLDEST = { version: 150_000, name: 'PostgreSQL 15' };
/** A process that was killed has its connections for a moment yet. */
const WAIT = '5s';
const UNDEFINED_TABLE = '42P01';
const UNDEFINED_COLUMN = '42703';
/** So often a holder says that it is there, s. */
export const SAYS_EACH_S = 2;
/** So long after it has said so, s, nobody takes the database from it. */
export const SURE_S = 2 * SAYS_EACH_S;
/** One that has said nothing for so long, s, may lose the database to whoever stands by. */
export const SILENT_S = 2 * SURE_S;

/** `new`: nothing of a cloud is in it. `migrating`: a copy that is not whole. `whole`: the state of the cloud with this id. */
export type CloudState = 'new' | 'migrating' | 'whole';

/** What the database says of itself: which cloud's state it is. */
export interface CloudRecord {
  readonly id: string;
  readonly state: CloudState;
  /** Names what the state stands in: it is another one once a dump was restored, or a standby took over. */
  readonly copy: string;
  /** Counts those who held the database so far. */
  readonly term: number;
}

/** What a database says of its cloud to whoever stands by. */
export interface Beside extends Pick<CloudRecord, 'id' | 'state' | 'copy'> {
  /** Keys of the cloud, sealed, and whose; undefined: nobody has shared any in this very database. */
  readonly shared: { readonly sealed: Uint8Array; readonly by: string } | undefined;
}

/** How the holder of a database does, for whoever stands by. Both times are of the server's clock, so no two clocks are compared. */
export interface Succession {
  /** Whose connections hold it, in words; undefined: nobody's. */
  readonly holder: string | undefined;
  /** As `CloudRecord.term`; undefined: there are no tables yet, or those of an older version. */
  readonly term: number | undefined;
  /** For how long the holder has not said that it is there, s; undefined: it never did. */
  readonly silentS: number | undefined;
}

const COPY = `(SELECT system_identifier::text FROM pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
  || '/' || 'cloud'::regclass::oid::text`;

/** The one table that is of no store. */
export const cloudSchema: StoreSchema = {
  name: 'cloud',
  migrations: [
    `CREATE TABLE cloud (
       one INTEGER PRIMARY KEY, id TEXT NOT NULL, state TEXT NOT NULL, holder TEXT NOT NULL
     )`,
    `ALTER TABLE cloud ADD COLUMN term INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE cloud ADD COLUMN seen TIMESTAMPTZ`,
    'ALTER TABLE cloud ADD COLUMN shared BLOB',
    // Those of a copy that was put back are older than what folders have.
    `ALTER TABLE cloud ADD COLUMN shared_copy TEXT;
     ALTER TABLE cloud ADD COLUMN shared_by TEXT`,
    'ALTER TABLE cloud ADD COLUMN node_key BLOB',
  ],
};

/**
 * The right of one process to write a database. Each of its connections shares a lock, and whoever takes the database needs that lock
 * alone: so it cannot be taken while a connection of the one before lives. A connection that comes later finds the name of the new holder.
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
   * Takes the database by this connection. `over`: the term of a holder that is to lose it, where that has said nothing for `SILENT_S`.
   * Throws LS-STATE-001 where the server is of no use, LS-STATE-003 where another process holds it.
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
   * Ends what a silent holder has open. The name goes first: whatever connection it opens from then on finds another holder, and each that
   * it has shares the lock, so none is left out. What it has committed by then stands, and nothing of it can commit behind the lock that
   * is taken next.
   */
  async #fence(connection: Connection, over: number): Promise<void> {
    const { rowCount } = await connection
      .query(
        `UPDATE cloud SET holder = $1, term = term + 1, seen = clock_timestamp()
           WHERE term = $2 AND seen < clock_timestamp() - interval '${SILENT_S} s'`,
        [this.#holder, over],
      )
      .catch((error: unknown) => {
        if (isInTheWay(error)) return { rowCount: 0 };
        throw error;
      });
    if (rowCount === 0) throw await this.#taken(connection);
    await connection.query(`SELECT pg_terminate_backend(pid) FROM (${HOLDERS}) AS each`, [this.#schema]);
  }

  /** Says that the holder is there, and throws as `check` does. */
  async renew(connection: Connection): Promise<void> {
    await this.check(connection);
    const said = 'UPDATE cloud SET seen = clock_timestamp() WHERE holder = $1';
    if ((await connection.query(said, [this.#holder])).rowCount === 0) throw await this.#taken(connection);
  }

  /** Once for each connection, before anything else. Throws as `check` does. */
  async admit(connection: Connection): Promise<void> {
    if (this.#admitted.has(connection.client)) return;
    await this.#lock(connection, 'pg_advisory_lock_shared');
    await this.check(connection);
    this.#admitted.add(connection.client);
  }

  /** Keeps sealed keys for whoever stands by. */
  async share(connection: Connection, { sealed, by }: NonNullable<Beside['shared']>): Promise<void> {
    const sql = `UPDATE cloud SET shared = $1, shared_by = $2, shared_copy = ${COPY} WHERE holder = $3`;
    await connection.query(sql, [sealed, by, this.#holder]);
  }

  /** Keeps the key by which api nodes speak to this holder. */
  async keepNodeKey(connection: Connection, key: Uint8Array): Promise<void> {
    await connection.query('UPDATE cloud SET node_key = $1 WHERE holder = $2', [key, this.#holder]);
  }

  /** Throws LS-STATE-003 where another process has taken the database since, LS-STATE-005 where it is not what was taken. */
  async check(connection: Connection): Promise<void> {
    const [found] = await this.#standing(connection);
    if (found === undefined || found['copy'] !== this.#copy)
      throw new LoadstoneError(
        'LS-STATE-005',
        'the database was put back from a copy, or another server took its place',
      );
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
    const holder = (await holderOf(connection, this.#schema)) ?? 'it has gone meanwhile';
    return new LoadstoneError('LS-STATE-003', `another process holds the database: ${holder}`);
  }
}

/** Connections that hold a database, but the own one. */
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

/** How the holder does, asked beside it. */
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

/** What the database says of its cloud; undefined: nothing yet, or an older version holds it. */
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

/** The key by which api nodes speak to the holder; undefined: none has one yet. */
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

/** Throws LS-STATE-001 for a server that is too old, takes no writes, or keeps texts in another way. */
async function assertUsable(connection: Connection): Promise<void> {
  // In a way that a standby answers too.
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
  /** 1: it is a standby. */
  readonly follows: number;
  readonly encoding: string;
}

/** Why a server is of no use, if it is not. */
export function serverFault({ number, version, follows, encoding }: ServerFacts): string | undefined {
  if (number < OLDEST.version)
    return `state.postgres.host: the server is PostgreSQL ${version}; ${OLDEST.name} or a newer one is needed`;
  if (follows === 1) return 'state.postgres.host: the server is a standby, which takes no writes: name the primary';
  if (encoding !== 'UTF8')
    return `state.postgres.database: its encoding is ${encoding}; make one by CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0`;
  return undefined;
}
