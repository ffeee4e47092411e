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
/** Of all tests of a file, one after the other; undefined: it was killed, or nobody asked yet. */
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

/** A database of one test on a PostgreSQL of its file, and what a cloud's configuration says of it. */
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
    /** Names it in the file of a configuration. */
    nameIn: (file: string): void => appendFileSync(file, `state: ${JSON.stringify({ postgres: config })}\n`),
    /** Beside the cloud that holds it. */
    look: (): Postgres => {
      const postgres = new Postgres(postgresOptions(config));
      opened.push(postgres);
      return postgres;
    },
    /** What pg_dump tells of the cloud's tables. */
    dump: (): string => postgresClient('pg_dump', own, ['--schema=loadstone']),
    /** In place of what is there. */
    putBack: (dump: string): void => {
      const sql = `DROP SCHEMA loadstone CASCADE; ${dump}`;
      postgresClient('psql', own, ['--quiet', '--set=ON_ERROR_STOP=1'], sql);
    },
    kill: () => stop('SIGKILL'),
    start: async (): Promise<void> => void (await run()),
  };
}
