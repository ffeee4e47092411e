import { fork, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import type { TimeLine } from '../../shared/time/timeline-clock.ts';

/** One process of the demo, as it is to be started. */
export interface ProcessPlan {
  readonly name: string;
  /** Absolute path of the module. */
  readonly module: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it prints goes here. */
  readonly logFile: string;
}

export type ChildMessage = { readonly type: string; readonly [key: string]: unknown };

export interface SupervisorHooks {
  onMessage(name: string, message: ChildMessage): void;
  /** `restartInMs` is null when it is not started again. */
  onExit(name: string, how: string, restartInMs: number | null): void;
}

interface Running {
  readonly plan: ProcessPlan;
  child: ChildProcess | undefined;
  startedAt: number;
  failures: number;
  restart: Timer | undefined;
}

const STEADY_MS = 10_000;
const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 10_000;
const KILL_AFTER_MS = 4_000;

/** Starts processes, tells them the time line, starts them again when they die, and ends all of them within five seconds. */
export class Supervisor {
  readonly #machine: TimeBase;
  readonly #hooks: SupervisorHooks;
  readonly #running = new Map<string, Running>();
  #line: TimeLine | undefined;
  #stopping = false;

  constructor(machine: TimeBase, hooks: SupervisorHooks) {
    this.#machine = machine;
    this.#hooks = hooks;
  }

  start(plan: ProcessPlan): void {
    const entry: Running = { plan, child: undefined, startedAt: 0, failures: 0, restart: undefined };
    this.#running.set(plan.name, entry);
    this.#spawn(entry);
  }

  /** Tells every process the time line; one that starts later is told it first. */
  setLine(line: TimeLine): void {
    this.#line = line;
    for (const name of this.#running.keys()) this.send(name, { type: 'timeline', line });
  }

  send(name: string, message: ChildMessage): boolean {
    const child = this.#running.get(name)?.child;
    return child?.connected === true && child.send(message);
  }

  pid(name: string): number | undefined {
    return this.#running.get(name)?.child?.pid;
  }

  /** SIGTERM to all, SIGKILL to what is left after four seconds. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#running.values()].map((entry) => this.#end(entry)));
  }

  #spawn(entry: Running): void {
    const { plan } = entry;
    const log = openSync(plan.logFile, 'a');
    const child = fork(plan.module, plan.args, {
      stdio: ['ignore', log, log, 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: { ...process.env, ...plan.env },
      serialization: 'advanced',
    });
    entry.child = child;
    entry.startedAt = this.#machine.elapsed();
    child.on('message', (message: ChildMessage) => this.#hooks.onMessage(plan.name, message));
    child.on('error', () => undefined);
    child.on('exit', (code, signal) => this.#exited(entry, signal ?? `exit code ${code}`));
    if (this.#line !== undefined) child.send({ type: 'timeline', line: this.#line });
  }

  #exited(entry: Running, how: string): void {
    entry.child = undefined;
    if (this.#stopping) return;
    const lived = this.#machine.elapsed() - entry.startedAt;
    entry.failures = lived > STEADY_MS ? 1 : entry.failures + 1;
    const delay = Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** (entry.failures - 1));
    this.#hooks.onExit(entry.plan.name, how, delay);
    entry.restart = this.#machine.after(delay, () => this.#spawn(entry));
  }

  async #end(entry: Running): Promise<void> {
    entry.restart?.cancel();
    const { child } = entry;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const force = this.#machine.after(KILL_AFTER_MS, () => void child.kill('SIGKILL'));
    await ended;
    force.cancel();
  }
}
