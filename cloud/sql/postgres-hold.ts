import { randomUUID } from 'node:crypto';
import { DatabaseError } from 'pg';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { StoreSchema } from '../telemetry/database.ts';
import type { Connection } from './postgres-connection.ts';
import { bringUp } from './postgres-schema.ts';
import type { Row } from './sql.ts';

/** The oldest that its makers still mend. */
const OLDEST = { version: 150_000, name: 'PostgreSQL 15' };
/** A process that was killed has its connections for a moment yet. */
const WAIT = '5s';
const UNDEFINED_TABLE = '42P01';

/** `new`: nothing of a cloud is in it. `migrating`: a copy that is not whole. `whole`: the state of the cloud with this id. */
export type CloudState = 'new' | 'migrating' | 'whole';

/** What the database says of itself: which cloud's state it is. */
export interface CloudRecord {
  readonly id: string;
  readonly state: CloudState;
  /** Names what the state stands in: it is another one once a dump was restored, or a standby took over. */
  readonly copy: string;
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

  /** Takes the database by this connection. Throws LS-STATE-001 where the server is of no use, LS-STATE-003 where another process holds it. */
  async take(connection: Connection): Promise<CloudRecord> {
    await assertUsable(connection);
    await bringUp(connection, this.#schema, cloudSchema);
    await connection.query(`SET lock_timeout = '${WAIT}'`);
    try {
      await this.#lock(connection, 'pg_advisory_lock');
    } catch (error) {
      if (error instanceof DatabaseError && error.code === '55P03') throw await this.#taken(connection);
      throw error;
    }
    await connection.query('RESET lock_timeout');
    const { rows } = await connection.query(
      `INSERT INTO cloud (one, id, state, holder) VALUES (1, $1, 'new', $2)
         ON CONFLICT (one) DO UPDATE SET holder = excluded.holder RETURNING id, state, ${COPY} AS copy`,
      [randomUUID(), this.#holder],
    );
    await this.#lock(connection, 'pg_advisory_lock_shared');
    await this.#lock(connection, 'pg_advisory_unlock');
    this.#admitted.add(connection.client);
    this.#copy = String(rows[0]!['copy']);
    return { id: String(rows[0]!['id']), state: String(rows[0]!['state']) as CloudState, copy: this.#copy };
  }

  /** Once for each connection, before anything else. Throws as `check` does. */
  async admit(connection: Connection): Promise<void> {
    if (this.#admitted.has(connection.client)) return;
    await this.#lock(connection, 'pg_advisory_lock_shared');
    await this.check(connection);
    this.#admitted.add(connection.client);
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
    const { rows } = await connection.query(
      `SELECT DISTINCT application_name || coalesce(', from ' || host(client_addr), '') AS who
         FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND pg_locks.pid <> pg_backend_pid()
           AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND classid = (hashtext('loadstone')::bigint & 4294967295)::oid
           AND objid = (hashtext($1)::bigint & 4294967295)::oid`,
      [this.#schema],
    );
    const others = rows.map(({ who }) => String(who));
    return new LoadstoneError(
      'LS-STATE-003',
      `another process holds the database: ${others.length === 0 ? 'it has gone meanwhile' : others.join(' and ')}`,
    );
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
