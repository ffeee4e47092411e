import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { until } from '../../shared/testing/until.ts';
import { boot, type Ended } from './own-machine.ts';

const root = join(import.meta.dirname, '../..');

/** What the README asks of a Debian. */
const ASKED = ['nodejs', 'npm', 'git'];
/** Where engines and nodes of the guide listen. The machine of the walk has the network of this one. */
const PORTS = [4369, 5432, 5672, 8081, 8082, 8083, 8084, 8086, 8088, 8090, 8091, 8883, 8884, 15_672, 25_672];
const PERSON = 'anna';

/** A block of the guide: a file to write, or lines to type. */
export interface Step {
  /** Absent: lines to type. */
  readonly file?: string;
  readonly text: string;
}

export interface Terminal {
  readonly command: string;
  /** What the guide says that it prints. */
  readonly says: string | undefined;
}

export interface Walk {
  readonly steps: readonly Step[];
  /** The last block: each line is a process that stays. */
  readonly terminals: readonly Terminal[];
}

/** The section "On one machine, to see it work" of the guide. */
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

/** Why it cannot be walked here; undefined: it can. */
export async function portHindrance(): Promise<string | undefined> {
  for (const port of PORTS) {
    const isTaken = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('connect', () => socket.end());
      socket.once('error', () => resolve(false));
    });
    if (isTaken) return `port ${port} of this machine is in use: stop what listens there, and run it again`;
  }
  return undefined;
}

export interface Cell {
  /** Of the guide, in its order. */
  readonly terminals: readonly Terminal[];
  readonly minutes: number;
  /** What each command printed. */
  readonly transcript: string;
  /** What a terminal has printed so far. */
  readonly said: (terminal: Terminal) => string;
  /** kill -9 of what runs in a terminal. */
  readonly kill: (terminal: Terminal) => void;
}

/** Types the guide as somebody with sudo would, into a machine whose root lies over `lower`; `work` gets the cell that runs then. */
export async function walkToCell(lower: string, work: (cell: Cell) => Promise<void>): Promise<void> {
  // On the file system of the tree, so that packages need no copy.
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', 'cell-'));
  const clone = join(folder, 'clone');
  let end = (): void => undefined;
  try {
    copyTree(clone);
    const machine = await boot(clone, join(folder, 'root'), lower);
    end = machine.end;
    // As the installer writes it.
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
        // Its own command line does not say what it looks for.
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

/** What a clone has, with its packages. */
function copyTree(to: string): void {
  mkdirSync(to);
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  for (const file of listed.split('\0').filter(Boolean))
    cpSync(join(root, file), join(to, file), { recursive: true, dereference: false });
  const { status, stderr } = spawnSync('cp', ['-al', join(root, 'node_modules'), to], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}
