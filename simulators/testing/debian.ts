import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * Brings the real servers that tests and benches run against: Debian packages are downloaded and unpacked into `.cache/debian`,
 * no root needed, nothing installed, no service started. Chromium is looked for, and installed only as root.
 */
const run = promisify(execFile);
const cache = resolve(fileURLToPath(new URL('../../.cache/debian', import.meta.url)));

interface DebianTool {
  /** Package that holds it, and the libraries that a bare machine lacks. */
  readonly packages: readonly string[];
  readonly binary: string;
}

const tools = {
  influxd: { packages: ['influxdb'], binary: 'usr/bin/influxd' },
  mosquitto: {
    packages: ['mosquitto', 'libwebsockets19t64', 'libcjson1', 'libwrap0', 'libdlt2', 'libcap2'],
    binary: 'usr/sbin/mosquitto',
  },
  socat: { packages: ['socat', 'libssl3t64', 'libwrap0'], binary: 'usr/bin/socat' },
} as const satisfies Record<string, DebianTool>;

export type DebianToolName = keyof typeof tools;

/** Path of a server's binary and the environment it needs. Downloads it where it is not on PATH nor in the cache. */
export async function debianTool(name: DebianToolName): Promise<{ path: string; env: NodeJS.ProcessEnv }> {
  const onPath = findOnPath([name]);
  if (onPath !== undefined) return { path: onPath, env: process.env };
  const { packages, binary } = tools[name];
  const root = join(cache, name);
  if (!existsSync(join(root, binary))) await unpack(name, packages, root);
  const libraries = join(root, 'usr/lib');
  const folders = readdirSync(libraries, { withFileTypes: true, recursive: false }).filter((entry) =>
    entry.isDirectory(),
  );
  const path = [libraries, ...folders.map((entry) => join(libraries, entry.name))].join(':');
  return { path: join(root, binary), env: { ...process.env, LD_LIBRARY_PATH: path } };
}

async function unpack(name: string, packages: readonly string[], root: string): Promise<void> {
  const work = `${root}.${process.pid}.part`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'usr/lib'), { recursive: true });
  try {
    await run('apt-get', ['download', ...packages], { cwd: work, timeout: 120_000 });
    for (const file of readdirSync(work).filter((each) => each.endsWith('.deb'))) {
      await run('dpkg', ['-x', file, '.'], { cwd: work });
      rmSync(join(work, file));
    }
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    const reason =
      error instanceof Error ? (error.message.split('\n').find((text) => text.startsWith('E:')) ?? '') : '';
    const remedy = `type "sudo apt-get update" and start again, or "sudo apt-get install ${packages[0]}"`;
    throw new Error(`cannot bring ${name}: ${remedy}. ${reason}`, { cause: error });
  }
  try {
    renameSync(work, root);
  } catch {
    // Another test process was faster; its copy is as good.
    rmSync(work, { recursive: true, force: true });
  }
}

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** Path of a Chromium: LOADSTONE_CHROMIUM, PATH, or Debian's package where we are root. */
export async function chromium(): Promise<string> {
  const named = process.env['LOADSTONE_CHROMIUM'];
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`LOADSTONE_CHROMIUM names ${named}, and there is no such file.`);
    return named;
  }
  const found = findOnPath(chromiumNames);
  if (found !== undefined) return found;
  if (process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update'], { env, timeout: 120_000 }).catch(() => undefined);
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env, timeout: 600_000 }).catch(
      () => undefined,
    );
    const installed = findOnPath(chromiumNames);
    if (installed !== undefined) return installed;
  }
  throw new Error(
    'no Chromium: type "sudo apt-get update && sudo apt-get install chromium", or set LOADSTONE_CHROMIUM to one.',
  );
}

function findOnPath(names: readonly string[]): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  for (const name of names) {
    const folder = folders.find((each) => each !== '' && existsSync(join(each, name)));
    if (folder !== undefined) return join(folder, name);
  }
  return undefined;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolvePort(address.port) : reject(new Error('no port')),
      );
    });
  });
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Ends it: SIGTERM by default, SIGKILL for a crash. Resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface InfluxOptions {
  readonly port: number;
  /** Where it keeps data and its configuration; the same folder again goes on with the data. */
  readonly dir: string;
}

/** Writes the configuration of a real InfluxDB 1.x on loopback; answers how it is started. */
export async function influxCommand({
  port,
  dir,
}: InfluxOptions): Promise<{ readonly command: string; readonly args: string[]; readonly env: NodeJS.ProcessEnv }> {
  const { path, env } = await debianTool('influxd');
  mkdirSync(dir, { recursive: true });
  const config = join(dir, 'influxdb.conf');
  writeFileSync(config, influxConfig(dir, port, await freePort()));
  return { command: path, args: ['-config', config], env };
}

/** Starts a real InfluxDB 1.x on loopback and waits until it answers. */
export async function startInflux(options: InfluxOptions): Promise<RunningServer> {
  const { port } = options;
  const { command, args, env } = await influxCommand(options);
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const url = `http://127.0.0.1:${port}`;
  return ready(child, { url, port, answers: async () => (await fetch(`${url}/ping`)).ok });
}

const influxConfig = (dir: string, port: number, rpcPort: number): string => `
reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${dir}/meta"
[data]
  dir = "${dir}/data"
  wal-dir = "${dir}/wal"
  max-series-per-database = 0
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
[subscriber]
  enabled = false
[continuous_queries]
  enabled = false
[logging]
  level = "error"
`;

interface Readiness {
  readonly url: string;
  readonly port: number;
  answers(): Promise<boolean>;
}

async function ready(child: ChildProcess, server: Readiness): Promise<RunningServer> {
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => (complaint = `${complaint}${text.toString()}`.slice(-2000)));
  const ended = new Promise<void>((resolveEnd) => {
    child.once('exit', () => resolveEnd());
    child.once('error', (error) => {
      complaint = error.message;
      resolveEnd();
    });
  });
  // A test that is itself killed by a time-out leaves no server behind.
  const orphaned = (): void => void child.kill('SIGKILL');
  process.once('exit', orphaned);
  void ended.then(() => process.off('exit', orphaned));
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  for (let attempt = 0; attempt < 300 && child.exitCode === null && child.signalCode === null; attempt++) {
    if (await server.answers().catch(() => false)) return { url: server.url, port: server.port, process: child, stop };
    await wait(100);
  }
  await stop('SIGKILL');
  throw new Error(`${child.spawnfile} does not answer at ${server.url}: ${complaint.trim()}`);
}

/** Starts a real mosquitto on loopback; anonymous, nothing persisted. */
export async function startMosquitto(options: InfluxOptions): Promise<RunningServer> {
  const { port, dir } = options;
  const { path, env } = await debianTool('mosquitto');
  mkdirSync(dir, { recursive: true });
  const config = join(dir, 'mosquitto.conf');
  const user = process.getuid?.() === 0 ? 'user root\n' : '';
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n${user}`);
  const child = spawn(path, ['-c', config], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  return ready(child, { url: `mqtt://127.0.0.1:${port}`, port, answers: () => portOpen(port) });
}

async function portOpen(port: number): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((resolveOpen) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolveOpen(true));
    socket.once('error', () => resolveOpen(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.end());
  });
}
