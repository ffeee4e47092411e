import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildRegion } from '../../region/region.ts';

const CLI = join(import.meta.dirname, '..', '..', '..', 'deploy', 'cli.ts');

/** A test or benchmark that runs registered clean-up work at its end. */
export interface Scope {
  after(work: () => unknown): void;
}

export function folderOf(t: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-second-'));
  // Last of all: later registrations end the processes that write there.
  t.after(() => process.once('exit', () => rmSync(folder, { recursive: true, force: true })));
  return folder;
}

export interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  /** Resolves once the output matches. */
  readonly says: (what: RegExp) => Promise<void>;
  readonly ended: Promise<number | null>;
}

/** The health URL of a standby or node. */
export async function doorOf(started: Started): Promise<string> {
  const door = /"port":(\d+),"msg":"GET \/health (?:shows|reports)/;
  await started.says(door);
  return `http://127.0.0.1:${door.exec(started.said())![1]}`;
}

/** Starts a CLI command without the launcher, so that kill -9 hits the process itself. */
export const start = (t: Scope, ...args: string[]): Started => run(t, CLI, ...args);

/** The same for any script. */
export function run(t: Scope, script: string, ...args: string[]): Started {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  const heard = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      for (const each of heard) each();
    });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const says = (what: RegExp): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (what.test(text)) resolve();
    };
    heard.add(look);
    look();
    void ended.then(() => reject(new Error(`it exited before it printed ${what}: ${text}`)));
    return promise;
  };
  return { child, said: () => text, says, ended };
}

/** Writes the configuration of a cloud with its own data folder below `folder`, for one substation by default. */
export function cloudFiles(
  folder: string,
  region = buildRegion(['owd']),
): { readonly config: string; readonly data: string } {
  writeFileSync(join(folder, 'region.json'), JSON.stringify(region));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'users.htpasswd'), '');
  const config = join(folder, 'cloud.yaml');
  const text = `region: ${folder}/region.json\ndata: ${folder}/data\nuplink: { plainPort: 0 }\napi: { port: 0 }\n`;
  writeFileSync(config, text);
  return { config, data: join(folder, 'data') };
}
