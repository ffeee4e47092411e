import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { debianTool, ready, type RunningServer } from './debian.ts';

/** The server refuses to run as root. */
const NOBODY = 65534;
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

const MOST_ATTEMPTS = 200;

export interface PostgresServerOptions {
  readonly port: number;
  /** Data folder; reusing it keeps the data. */
  readonly dir: string;
  /** Lines of pg_hba.conf; by default every user connects without a password. */
  readonly hba?: readonly string[];
  /** Key and certificate (PEM); absent: no TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/**
 * Starts a real PostgreSQL on loopback and waits until it accepts connections. `loadstone` is its only user, without a password. It does
 * not sync to disk: commits survive a crash of the server but not of the machine.
 */
export async function startPostgres({ port, dir, hba, tls }: PostgresServerOptions): Promise<RunningServer> {
  const { path, env: found } = debianTool('postgres');
  const env = { ...found, LC_ALL: 'C' };
  // It locates its own files relative to its real path.
  const bin = dirname(realpathSync(path));
  const data = join(dir, 'data');
  if (!existsSync(data)) {
    mkdirSync(dir, { recursive: true });
    if (user.uid !== undefined) chownSync(dir, user.uid, user.gid);
    const options = ['--no-locale', '--encoding=UTF8', '--auth=trust', '--username=loadstone', '--no-sync'];
    const made = spawnSync(join(bin, 'initdb'), [...options, data], { env, encoding: 'utf8', ...user });
    if (made.status !== 0) throw new Error(`initdb: ${made.error?.message ?? made.stderr}`);
  }
  const written = (name: string, text: string): void => {
    const file = join(data, name);
    writeFileSync(file, text, { mode: 0o600 });
    if (user.uid !== undefined) chownSync(file, user.uid, user.gid);
  };
  if (hba !== undefined) written('pg_hba.conf', `${hba.join('\n')}\n`);
  if (tls !== undefined) {
    written('server.key', tls.key);
    written('server.crt', tls.cert);
  }
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: dir,
    fsync: 'off',
    max_connections: 300,
    ssl: tls === undefined ? 'off' : 'on',
  };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])];
  const begun = (): Promise<RunningServer> => {
    const child = spawn(join(bin, 'postgres'), args, { env, stdio: ['ignore', 'ignore', 'pipe'], ...user });
    const answers = async (): Promise<boolean> => {
      const said = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
      return Number(said[0]) === child.pid && said[7]?.trim() === 'ready';
    };
    return ready(child, { url: `postgresql://loadstone@127.0.0.1:${port}/postgres`, port, answers });
  };
  for (let attempt = 1; ; attempt++)
    try {
      return await begun();
    } catch (error) {
      // Sessions of a killed server outlive it for a moment.
      if (attempt === MOST_ATTEMPTS || !String(error).includes('is still in use')) throw error;
      await wait(50);
    }
}

/** Runs a client program of the same version, such as `pg_dump`, on a database; returns its output. */
export function postgresClient(program: string, database: string, args: readonly string[], input = ''): string {
  const { path, env } = debianTool('postgres');
  const command = join(dirname(realpathSync(path)), program);
  const done = spawnSync(command, [...args, database], { env, input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`${program}: ${done.error?.message ?? done.stderr}`);
  return done.stdout;
}
