import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { postgresOptions, type PostgresConfig } from '../../../cloud/sql/postgres-config.ts';
import { Postgres } from '../../../cloud/sql/postgres.ts';
import type { RunningServer } from '../../testing/debian.ts';
import { postgresClient, startPostgres } from '../../testing/postgres.ts';
import { freePort } from '../../testing/free-ports.ts';

const dir = mkdtempSync(join(tmpdir(), 'loadstone-on-postgres-'));
let port = 0;
/** Shared by the tests of a file, which run one after the other; undefined before the first use and after a kill. */
let server: RunningServer | undefined;
let databases = 0;

async function run(): Promise<RunningServer> {
  port ||= await freePort();
  return (server ??= await startPostgres({ port, dir }));
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  await server?.stop(signal);
  server = undefined;
}

after(async () => {
  await stop('SIGINT');
  rmSync(dir, { recursive: true, force: true });
});

/** A database for one test on the file's PostgreSQL, and the cloud configuration for it. */
export async function postgresFor(t: TestContext) {
  const { url } = await run();
  const database = `cloud${++databases}`;
  postgresClient('psql', url, ['--quiet', `--command=CREATE DATABASE ${database}`]);
  const own = url.replace(/[^/]+$/, database);
  const opened: Postgres[] = [];
  const config: PostgresConfig = {
    host: '127.0.0.1',
    port,
    database,
    user: 'loadstone',
    passwordFile: '',
    security: 'none',
    caFile: '',
  };
  t.after(async () => {
    for (const each of opened) await each.close();
  });
  return {
    config,
    /** Adds the database to a configuration file. */
    nameIn: (file: string): void => appendFileSync(file, `state: ${JSON.stringify({ postgres: config })}\n`),
    /** Connects beside the cloud that holds the database. */
    look: (): Postgres => {
      const postgres = new Postgres(postgresOptions(config));
      opened.push(postgres);
      return postgres;
    },
    /** pg_dump of the cloud's tables. */
    dump: (): string => postgresClient('pg_dump', own, ['--schema=loadstone']),
    /** Replaces the cloud's tables with a dump. */
    putBack: (dump: string): void => {
      const sql = `DROP SCHEMA loadstone CASCADE; ${dump}`;
      postgresClient('psql', own, ['--quiet', '--set=ON_ERROR_STOP=1'], sql);
    },
    kill: () => stop('SIGKILL'),
    start: async (): Promise<void> => void (await run()),
  };
}
