import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from '../../shared/testing/until.ts';

const CLI = join(import.meta.dirname, '..', '..', 'deploy', 'cli.ts');
const FLAGS = ['--disable-warning=ExperimentalWarning'];

/** A Loadstone command in a separate process. */
export class Started {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #said = '';

  constructor(...args: readonly string[]) {
    this.#child = spawn(process.execPath, [...FLAGS, CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#closed = once(this.#child, 'close');
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    // Kills the child when this process ends.
    const kill = (): void => void this.#child.kill('SIGKILL');
    process.once('exit', kill);
    this.#child.once('close', () => process.off('exit', kill));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  said(): string {
    return this.#said;
  }

  /** The first group of `what`, once the output matches. */
  async says(what: RegExp): Promise<string> {
    const of = (): string => `${what} from ${this.#child.spawnargs.slice(4).join(' ')}: ${this.#said.slice(-2000)}`;
    const isOver = (): boolean => what.test(this.#said) || !this.isRunning;
    await until(of, isOver);
    const found = what.exec(this.#said)?.[1];
    if (found === undefined) throw new Error(`${of()}: the process has ended`);
    return found;
  }

  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    await this.#closed;
  }
}

/** Runs a command to its end. Returns exit code and output. */
export async function ran(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const child = spawn(process.execPath, [...FLAGS, CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, said };
}

/** The lines of an output of attack that name each attack not refused; the whole output if there are none. */
export const notRefusedIn = (said: string): string =>
  said
    .split('\n')
    .filter((line) => /^ {2}(?:open|not run): /.test(line))
    .join('\n') || said;
