import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { StoreSchema } from '../telemetry/database.ts';
import type { Connection } from './postgres-connection.ts';
import { ddlFor } from './postgres-text.ts';

/**
 * Creates or migrates the tables of a store by the steps that are still due, in one transaction. Processes that start at once take turns.
 * Steps that read what older versions left in a data folder run on SQLite only.
 */
export async function bringUp(
  connection: Connection,
  schema: string,
  { name, migrations }: StoreSchema,
): Promise<void> {
  // Each statement must see what the previous holder of the lock has committed.
  await connection.within('BEGIN ISOLATION LEVEL READ COMMITTED', async () => {
    await connection.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`loadstone ${schema}`]);
    // CREATE SCHEMA needs a right that the server's administrator may withhold.
    const known = await connection.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
    if (known.rowCount === 0) await connection.query(`CREATE SCHEMA ${schema}`);
    await connection.query('CREATE TABLE IF NOT EXISTS store (name TEXT PRIMARY KEY, step BIGINT NOT NULL)');
    const taken = await stepOf(connection, name);
    if (taken === migrations.length) return;
    if (taken > migrations.length) throw otherStep(name, taken, migrations.length);
    for (const step of migrations.slice(taken))
      if (typeof step !== 'function') await connection.query(ddlFor(typeof step === 'string' ? step : step.postgres));
    await connection.query(
      'INSERT INTO store (name, step) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET step = excluded.step',
      [name, migrations.length],
    );
  });
}

/** For a process that only reads. Throws LS-STATE-001 if the tables of a store are not of this version. */
export async function assertUp(connection: Connection, { name, migrations }: StoreSchema): Promise<void> {
  const taken = await stepOf(connection, name);
  if (taken !== migrations.length) throw otherStep(name, taken, migrations.length);
}

async function stepOf(connection: Connection, name: string): Promise<number> {
  const { rows } = await connection.query('SELECT step FROM store WHERE name = $1', [name]);
  return Number(rows[0]?.['step'] ?? 0);
}

const otherStep = (name: string, taken: number, known: number): LoadstoneError =>
  new LoadstoneError(
    'LS-STATE-001',
    `the database has step ${taken} of ${name}, this version knows ${known}: it was written by ${taken > known ? 'a newer' : 'an older'} Loadstone`,
  );
