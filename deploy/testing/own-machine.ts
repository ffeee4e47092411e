import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../shared/testing/until.ts';

const SYSTEMD = 'usr/lib/systemd/systemd';
const PID1 = join(import.meta.dirname, '../systemd/pid1.sh');
/** Longest time that a typed line may take, as `timeout` of coreutils reads it: one that waits forever fails its test. */
const LINE_TIMEOUT = '20m';
const NAMESPACES = ['--pid', '--mount', '--uts', '--ipc', '--cgroup', '--fork', '--kill-child'];

/** Why a separate systemd cannot be started here; undefined if it can. */
export function hindrance(): string | undefined {
  if (process.getuid?.() !== 0)
    return 'only root can give systemd its own namespaces: type "sudo node deploy/test.mjs integration" with the name of this file';
  if (!existsSync(`/${SYSTEMD}`)) return `/${SYSTEMD} is missing: type "sudo apt install systemd"`;
  const folder = mkdtempSync(join(tmpdir(), 'ls-probe-'));
  for (const part of ['shared', 'root']) mkdirSync(join(folder, part));
  const probe = [...NAMESPACES, 'sh', PID1, join(folder, 'shared'), join(folder, 'root'), '/', 'probe'];
  const { error, status, stderr } = spawnSync('unshare', probe, { encoding: 'utf8' });
  rmSync(folder, { recursive: true, force: true });
  if (status === 0) return undefined;
  const said = error?.message ?? stderr.trim();
  return `this machine grants no namespaces or mounts (${said}): use one that does; a container needs --privileged`;
}

export interface Ended {
  readonly status: number | null;
  readonly out: string;
}

export interface OwnMachine {
  /** Runs a command under that systemd and returns its output. */
  readonly run: (command: string, ...args: string[]) => string;
  /** Types a line into a shell there, in the shared folder. `answer` is its standard input. */
  readonly type: (line: string, answer?: string) => Promise<Ended>;
  readonly end: () => void;
}

/**
 * Starts a real systemd as the first process of its own namespaces. `shared` is its /mnt; nothing else of this machine can be changed. Its
 * root is an overlay over `lower`, either this machine's root or another Debian's.
 */
export async function boot(shared: string, root: string, lower = '/'): Promise<OwnMachine> {
  mkdirSync(root, { recursive: true });
  const child = spawn('unshare', [...NAMESPACES, 'sh', PID1, shared, root, lower], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // Leaves no machine behind if the test process itself dies.
  const orphaned = (): void => void child.kill('SIGKILL');
  process.once('exit', orphaned);
  child.once('exit', () => process.off('exit', orphaned));
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  const children = (): string => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  const inside = (command: readonly string[]): string[] => ['--target', children(), '--all', ...command];
  const asked = (...command: string[]) => spawnSync('nsenter', inside(command), { encoding: 'utf8' });
  await until(
    () => `systemd starts: ${complaint}`,
    () => {
      if (child.exitCode !== null || children() === '') return child.exitCode !== null;
      return ['running', 'degraded'].includes(asked('systemctl', 'is-system-running').stdout.trim());
    },
  );
  assert.equal(child.exitCode, null, complaint);
  return {
    run: (...command) => {
      const { status, stdout, stderr } = asked(...command);
      assert.equal(status, 0, `${command.join(' ')}: ${stderr}${stdout}`);
      return stdout;
    },
    type: (line, answer = '') => {
      const env = ['env', '-i', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'];
      const typed = spawn('nsenter', inside([...env, 'timeout', LINE_TIMEOUT, 'sh', '-c', `cd /mnt\n${line}`]));
      let out = '';
      for (const stream of [typed.stdout, typed.stderr]) stream.on('data', (text: Buffer) => (out += text.toString()));
      // A command that reads no input may already have ended.
      typed.stdin.on('error', () => undefined).end(answer);
      return new Promise((resolve) => typed.once('close', (status) => resolve({ status, out })));
    },
    end: () => {
      if (child.exitCode === null && children() !== '') process.kill(Number(children()), 'SIGKILL');
    },
  };
}
