import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { debianTool } from '../../deploy/debian.mjs';
import { freePort } from './free-ports.ts';

/** The real servers and the browser for tests and benches; Debian packages supply those that this machine lacks. */
export { debianTool };

/** The browser for Playwright: the Chromium named by LOADSTONE_CHROMIUM, otherwise this machine's, otherwise Debian's. */
export function chromium(): { readonly executablePath: string; readonly env: Record<string, string | undefined> } {
  const named = process.env['LOADSTONE_CHROMIUM'];
  if (named === undefined || named === '') {
    const { path, env } = debianTool('chromium');
    return { executablePath: path, env };
  }
  if (!existsSync(named)) throw new Error(`LOADSTONE_CHROMIUM names ${named}, which does not exist.`);
  return { executablePath: named, env: process.env };
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Ends it with SIGTERM by default, SIGKILL for a crash. Resolves once it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface InfluxOptions {
  readonly port: number;
  /** Folder of its data and configuration; reusing it keeps the data. */
  readonly dir: string;
}

/** Writes the configuration of a real InfluxDB 1.x on loopback; returns its command line. */
export async function influxCommand({
  port,
  dir,
}: InfluxOptions): Promise<{ readonly command: string; readonly args: string[]; readonly env: NodeJS.ProcessEnv }> {
  const { path, env } = debianTool('influxd');
  mkdirSync(dir, { recursive: true });
  const config = join(dir, 'influxdb.conf');
  writeFileSync(config, influxConfig(dir, port, await freePort()));
  return { command: path, args: ['-config', config], env };
}

export interface RunningInflux {
  readonly url: string;
  /** kill -9. */
  kill(): Promise<void>;
  /** Restarts with its data at the same port. */
  start(): Promise<void>;
}

/** Starts a real InfluxDB 1.x on loopback, on a free port by default, and waits until it answers. */
export async function startInflux({
  dir,
  port: wanted,
}: Pick<InfluxOptions, 'dir'> & Partial<InfluxOptions>): Promise<RunningInflux> {
  const port = wanted ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const begun = async (): Promise<RunningServer> => {
    const { command, args, env } = await influxCommand({ port, dir });
    const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    return ready(child, { url, port, answers: async () => (await fetch(`${url}/ping`)).ok });
  };
  let server = await begun();
  return {
    url,
    kill: () => server.stop('SIGKILL'),
    start: async () => void (server = await begun()),
  };
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

/** Resolves once the server answers; throws with its output if it ends before. */
export async function ready(child: ChildProcess, server: Readiness): Promise<RunningServer> {
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => (complaint = `${complaint}${text.toString()}`.slice(-2000)));
  const ended = new Promise<void>((resolveEnd) => {
    child.once('exit', () => resolveEnd());
    child.once('error', (error) => {
      complaint = error.message;
      resolveEnd();
    });
  });
  // If a time-out kills the test itself, no server is left behind.
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

/** Starts a real mosquitto on loopback: anonymous, without persistence. */
export async function startMosquitto(options: InfluxOptions): Promise<RunningServer> {
  const { port, dir } = options;
  const { path, env } = debianTool('mosquitto');
  mkdirSync(dir, { recursive: true });
  const config = join(dir, 'mosquitto.conf');
  const user = process.getuid?.() === 0 ? 'user root\n' : '';
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n${user}`);
  const child = spawn(path, ['-c', config], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  return ready(child, { url: `mqtt://127.0.0.1:${port}`, port, answers: () => portOpen(port) });
}

/** Debian's Python with pandas and requests. Another Python cannot load modules compiled for it. */
export function pythonWithPandas(): { readonly command: string; readonly env: NodeJS.ProcessEnv } {
  const { path, env } = debianTool('pandas');
  const modules = join(dirname(path), '..');
  const own = join(modules, '../../bin/python3');
  return { command: existsSync(own) ? own : '/usr/bin/python3', env: { ...env, PYTHONPATH: modules } };
}

export interface MailServerOptions extends InfluxOptions {
  /** Key and certificate; STARTTLS is then required. Absent: without TLS. */
  readonly tls?: { readonly keyFile: string; readonly certFile: string };
}

/** Starts a real mail server (aiosmtpd) on loopback; it stores mails in the Maildir `dir/mails`. */
export async function startMailServer({ port, dir, tls }: MailServerOptions): Promise<RunningServer> {
  const { path, env } = debianTool('aiosmtpd');
  mkdirSync(dir, { recursive: true });
  // Python finds the modules beside the unpacked package.
  const modules = join(dirname(path), '../lib/python3/dist-packages');
  const secure = tls === undefined ? [] : ['--tlscert', tls.certFile, '--tlskey', tls.keyFile];
  const handler = ['-c', 'aiosmtpd.handlers.Mailbox', join(dir, 'mails')];
  const args = [path, '-n', '-l', `127.0.0.1:${port}`, ...secure, ...handler];
  const own = join(dirname(path), 'python3');
  const child = spawn(existsSync(own) ? own : 'python3', args, {
    env: { ...env, PYTHONPATH: modules },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return ready(child, { url: `smtp://127.0.0.1:${port}`, port, answers: () => portOpen(port) });
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
