import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** dpkg requires root's PATH for every user. */
const rootsPath = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
export const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, {
    encoding: 'utf8',
    env: rootsPath,
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'pipe'],
  });

export interface Program {
  readonly child: ChildProcess;
  /** All its output so far. */
  text(): string;
  stop(): Promise<number | null>;
}

/** A root with only dpkg's own lists and the packages installed into it. */
export class DpkgRoot {
  readonly path: string;
  readonly #running = new Set<ChildProcess>();

  constructor(path: string) {
    this.path = path;
    for (const part of ['info', 'updates']) mkdirSync(this.at('var/lib/dpkg', part), { recursive: true });
    for (const file of ['status', 'available']) writeFileSync(this.at('var/lib/dpkg', file), '');
  }

  at(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  /** Dependencies are not in the root. Maintainer scripts see DPKG_ROOT and leave this machine alone. */
  dpkg(...args: string[]): string {
    const forced = ['depends', 'not-root', 'script-chrootless', 'unsafe-io'].map((each) => `--force-${each}`);
    return run('dpkg', `--root=${this.path}`, '--log=/dev/null', '--auto-deconfigure', ...forced, ...args);
  }

  installed(name: string): string {
    return run('dpkg-query', `--root=${this.path}`, '-W', '-f=${Status} ${Version}', name);
  }

  /** Starts the installed command with access only to what the packages depend on: no npm, no other Node. */
  loadstone(args: readonly string[], cwd: string): Program {
    const { LD_LIBRARY_PATH = '' } = process.env;
    const env = { PATH: this.at('nothing'), LD_LIBRARY_PATH };
    const child = spawn(this.at('usr/bin/loadstone'), args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#running.add(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => void (text += chunk.toString()));
    const closed = once(child, 'close').then(([code]) => {
      this.#running.delete(child);
      return code as number | null;
    });
    return {
      child,
      text: () => text,
      stop: () => {
        child.kill('SIGTERM');
        return closed;
      },
    };
  }

  /** Runs a command to its end. */
  async ask(args: readonly string[], cwd: string): Promise<{ readonly code: number | null; readonly out: string }> {
    const asked = this.loadstone(args, cwd);
    const [code] = (await once(asked.child, 'close')) as [number | null];
    return { code, out: asked.text() };
  }

  end(): void {
    for (const child of this.#running) child.kill('SIGKILL');
  }
}
