import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { postgresOptions, type PostgresConfig } from '../../../cloud/sql/postgres-config.ts';
import { Postgres } from '../../../cloud/sql/postgres.ts';
import { freePort } from '../../testing/debian.ts';
import { postgresClient, startPostgres } from '../../testing/postgres.ts';

/** A PostgreSQL of one test, and what a cloud's configuration says of it. */
export async function postgresFor(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-on-postgres-'));
  const port = await freePort();
  let server = await startPostgres({ port, dir });
  const opened: Postgres[] = [];
  const config: PostgresConfig = {
    host: '127.0.0.1',
    port,
    database: 'postgres',
    user: 'loadstone',
    passwordFile: '',
    security: 'none',
    caFile: '',
  };
  t.after(async () => {
    for (const each of opened) await each.close();
    await server.stop('SIGINT');
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    config,
    /** Names it in the file of a configuration. */
    nameIn: (file: string): void => appendFileSync(file, `state: ${JSON.stringify({ postgres: config })}\n`),
    /** Beside the cloud that holds it. */
    look: (): Postgres => {
      const postgres = new Postgres(postgresOptions(config));
      opened.push(postgres);
      return postgres;
    },
    /** What pg_dump tells of the cloud's tables. */
    dump: (): string => postgresClient('pg_dump', server.url, ['--schema=loadstone']),
    /** In place of what is there. */
    putBack: (dump: string): void => {
      const sql = `DROP SCHEMA loadstone CASCADE; ${dump}`;
      postgresClient('psql', server.url, ['--quiet', '--set=ON_ERROR_STOP=1'], sql);
    },
    kill: () => server.stop('SIGKILL'),
    start: async (): Promise<void> => void (server = await startPostgres({ port, dir })),
  };
}
