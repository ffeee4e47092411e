import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface PartOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** Sent over IPC to each process as it starts; without it there is no channel. */
  readonly hello?: object;
  readonly env?: NodeJS.ProcessEnv;
}

/** Pause before a process that could not be started is tried again. */
const AGAIN_MS = 200;

/** A process that is restarted whenever it ends; ends that `kill` did not cause are recorded. */
export class Part {
  readonly name: string;
  readonly #options: PartOptions;
  #child: ChildProcess | undefined;
  #wanted = false;
  #killed = false;
  #starts = 0;
  /** How the process ended without having been killed, or could not be started. */
  readonly deaths: string[] = [];

  constructor(options: PartOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get starts(): number {
    return this.#starts;
  }

  start(): void {
    this.#wanted = true;
    if (this.#child === undefined) this.#spawn();
  }

  /** kill -9; restarts at once unless `down`. */
  kill({ down = false } = {}): void {
    this.#killed = true;
    if (down) this.#wanted = false;
    this.#child?.kill('SIGKILL');
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(name);
  }

  /** Ends the process without a restart. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#wanted = false;
    const child = this.#child;
    if (child?.pid === undefined) return;
    this.#killed = true;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGCONT');
    child.kill(signal);
    await gone;
  }

  #spawn(): void {
    const { command, args, logFile, hello, env } = this.#options;
    const log = openSync(logFile, 'a');
    const options: SpawnOptions = {
      stdio: ['ignore', log, log, ...(hello === undefined ? [] : ['ipc' as const])],
      serialization: 'advanced',
      ...(env === undefined ? {} : { env }),
    };
    const child = spawn(command, args, options);
    closeSync(log);
    this.#child = child;
    this.#killed = false;
    this.#starts++;
    child.on('error', (error) => {
      // Without a process there is no exit.
      if (child.pid !== undefined || child !== this.#child) return;
      this.#child = undefined;
      this.deaths.push(error.message);
      void this.#tryAgain();
    });
    child.on('message', () => undefined);
    child.on('exit', (code, signal) => this.#exited(signal ?? `exit code ${code}`));
    if (hello !== undefined) child.send(hello);
  }

  async #tryAgain(): Promise<void> {
    await sleep(AGAIN_MS);
    if (this.#wanted) this.start();
  }

  #exited(how: string): void {
    this.#child = undefined;
    if (!this.#killed) this.deaths.push(how);
    if (this.#wanted) this.#spawn();
  }
}
