import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { startPostgres } from '../../../simulators/testing/postgres.ts';
import { freePort } from '../../../simulators/testing/free-ports.ts';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import { Postgres } from '../postgres.ts';
import type { SqlStore } from '../sql-store.ts';

/** A PostgreSQL server for one test file, which stops with it. */
export async function postgresForFile() {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-postgres-'));
  const port = await freePort();
  let server = await startPostgres({ port, dir });
  const opened: Postgres[] = [];
  const stores: SqlStore[] = [];
  after(async () => {
    for (const each of stores) each.close();
    for (const each of opened) await each.close();
    await server.stop('SIGINT');
    rmSync(dir, { recursive: true, force: true });
  });
  let schemas = 0;
  /** Like another process: with connections of its own. */
  const connected = (schema: string, isReader = false): Postgres => {
    const server = { host: '127.0.0.1', port, database: 'postgres', user: 'loadstone' };
    const postgres = new Postgres({ ...server, schema, isReader });
    opened.push(postgres);
    return postgres;
  };
  const newSchema = (): string => `s${++schemas}`;
  return {
    url: server.url,
    /** For files that a store keeps beside the database. */
    folder: join(dir, 'files'),
    connected,
    newSchema,
    /** Kills the server with its sessions. */
    kill: () => server.stop('SIGKILL'),
    start: async () => void (server = await startPostgres({ port, dir })),
    /** For the suite of a port: each call opens a store in a schema of its own. */
    stores:
      <Store extends SqlStore>(make: (at: Postgres) => Store): (() => Promise<Opened<Store>>) =>
      async () => {
        const schema = newSchema();
        const openedAt = async (): Promise<Store> => {
          const store = make(connected(schema));
          store.open();
          stores.push(store);
          await store.opened();
          return store;
        };
        const store = await openedAt();
        return {
          store,
          again: async () => {
            store.close();
            return openedAt();
          },
        };
      },
  };
}
