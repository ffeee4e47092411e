import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { until } from '../../shared/testing/until.ts';
import { boot, type Ended } from './own-machine.ts';

const root = join(import.meta.dirname, '../..');

/** Packages that the README requires. */
const ASKED = ['nodejs', 'npm', 'git'];
/** Ports of the guide's engines and nodes. The test machine shares this machine's network. */
const PORTS = [4369, 5432, 5672, 8081, 8082, 8083, 8084, 8086, 8088, 8090, 8091, 8883, 8884, 15_672, 25_672];
const PERSON = 'anna';

/** A block of the guide: a file to write, or commands to type. */
export interface Step {
  /** Absent: commands to type. */
  readonly file?: string;
  readonly text: string;
}

export interface Terminal {
  readonly command: string;
  /** Output that the guide announces. */
  readonly says: string | undefined;
}

export interface Walk {
  readonly steps: readonly Step[];
  /** The last block: each line is a process that keeps running. */
  readonly terminals: readonly Terminal[];
}

/** Parses the section "On one machine, to see it work" of the guide. */
export function guideWalk(): Walk {
  const guide = readFileSync(join(root, 'deploy/SCALE.md'), 'utf8');
  const [, section = ''] = /^## On one machine, to see it work\n([^]*?)^## /m.exec(guide) ?? [];
  const blocks = [...section.matchAll(/(?:`([\w.-]+\.yaml)`[^`\n]*:\n\n)?```(?:sh|yaml)\n([^]*?)```/g)];
  const steps = blocks.map(([, file, text = '']): Step => (file === undefined ? { text } : { file, text }));
  const terminals = (steps.pop()?.text ?? '').trim().split('\n').map(terminalOf);
  return { steps, terminals };
}

function terminalOf(line: string): Terminal {
  const [, command = '', comment = ''] = /^(.*?)(?: +#(.*))?$/.exec(line) ?? [];
  const [, says] = /"(.*?)(?: ?\.\.\.)?"/.exec(comment) ?? [];
  return { command, says };
}

/** Why the walk is not possible here; undefined if it is. */
export async function portHindrance(): Promise<string | undefined> {
  for (const port of PORTS) {
    const isTaken = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('connect', () => socket.end());
      socket.once('error', () => resolve(false));
    });
    if (isTaken) return `port ${port} of this machine is in use: stop what listens there and run the test again`;
  }
  return undefined;
}

export interface Cell {
  /** The terminals of the guide, in its order. */
  readonly terminals: readonly Terminal[];
  readonly minutes: number;
  /** Output of each command. */
  readonly transcript: string;
  /** Output of a terminal so far. */
  readonly said: (terminal: Terminal) => string;
  /** kill -9 for the process in a terminal. */
  readonly kill: (terminal: Terminal) => void;
}

/**
 * Types the commands of the guide as a user with sudo, on a machine whose root is an overlay over `lower`. Calls `work` with the running
 * cell.
 */
export async function walkToCell(lower: string, work: (cell: Cell) => Promise<void>): Promise<void> {
  // On the file system of the tree, so that packages can be hard-linked.
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', 'cell-'));
  const clone = join(folder, 'clone');
  let end = (): void => undefined;
  try {
    copyTree(clone);
    const machine = await boot(clone, join(folder, 'root'), lower);
    end = machine.end;
    // As Debian's installer does.
    machine.run('sh', '-c', 'echo "127.0.1.1 $(uname -n)" >> /etc/hosts');
    machine.run('apt-get', 'update');
    machine.run('apt-get', 'install', '--yes', '--no-install-recommends', ...ASKED);
    machine.run('useradd', '--create-home', '--shell', '/bin/bash', PERSON);
    machine.run('sh', '-c', `echo "${PERSON} ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/${PERSON}`);
    machine.run('sh', '-c', `find /mnt -path /mnt/node_modules -prune -o -exec chown ${PERSON}: {} +`);
    const from = performance.now();
    let transcript = '';
    const { steps, terminals } = guideWalk();
    for (const { file, text } of steps) {
      if (file !== undefined) {
        writeFileSync(join(clone, file), text);
        continue;
      }
      for (const line of text.trim().split('\n')) {
        const { status, out } = await machine.type(as(line), 'y\n');
        transcript += `$ ${line}\n${out}\n`;
        assert.equal(status, 0, transcript);
      }
    }
    const logOf = (terminal: Terminal): string => join(clone, `terminal-${terminals.indexOf(terminal)}.log`);
    const said = (terminal: Terminal): string => {
      const log = logOf(terminal);
      return existsSync(log) ? readFileSync(log, 'utf8') : '';
    };
    for (const terminal of terminals) {
      const into = logOf(terminal).replace(clone, '/mnt');
      let ended: Ended | undefined;
      void machine.type(as(`${terminal.command} > ${into} 2>&1`)).then((how) => (ended = how));
      if (terminal.says === undefined) continue;
      await until(
        () => `${terminal.command} says ${terminal.says}: ${said(terminal)}`,
        () => ended !== undefined || said(terminal).includes(terminal.says!),
      );
      assert.equal(ended, undefined, `${terminal.command}: ${said(terminal)}`);
    }
    await work({
      terminals,
      minutes: (performance.now() - from) / 60_000,
      transcript,
      said,
      kill: ({ command }) => {
        const [, what = ''] = /(--config \S+ --data \S+)/.exec(command) ?? [];
        // The pattern does not match the command line of the search itself.
        const looked = `tr '\\0' ' ' < $each/cmdline | grep --quiet 'cli[.]ts cloud ${what}' && kill -9 \${each#/proc/}`;
        machine.run('sh', '-c', `for each in /proc/[0-9]*; do ${looked}; done; true`);
      },
    });
  } finally {
    end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const as = (line: string): string => `exec su ${PERSON} -c '${line.replaceAll("'", `'\\''`)}'`;

/** Copies what a clone contains, with its packages. */
function copyTree(to: string): void {
  mkdirSync(to);
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  for (const file of listed.split('\0').filter(Boolean))
    cpSync(join(root, file), join(to, file), { recursive: true, dereference: false });
  const { status, stderr } = spawnSync('cp', ['-al', join(root, 'node_modules'), to], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}
