import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import flags from '../../deploy/node-flags.json' with { type: 'json' };
import { backOff } from '../../shared/time/back-off.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import type { TimeLine } from '../../shared/time/timeline-clock.ts';
import type { HostHooks, PartHost, PartMessage, PartPlan } from './host.ts';

interface Running {
  readonly plan: PartPlan;
  child: ChildProcess | undefined;
  startedAt: number;
  failures: number;
  restart: Timer | undefined;
}

const CLI = join(import.meta.dirname, '..', '..', 'deploy', 'cli.ts');
const STEADY_MS = 10_000;
const DELAY_MS = [500, 10_000] as const;
const KILL_AFTER_MS = 4_000;

/** Starts processes, sends them the timeline, restarts them when they die, and ends all of them within five seconds. */
export class Supervisor implements PartHost {
  readonly #machine: TimeBase;
  readonly #hooks: HostHooks;
  readonly #running = new Map<string, Running>();
  #line: TimeLine | undefined;
  #stopping = false;

  constructor(machine: TimeBase, hooks: HostHooks) {
    this.#machine = machine;
    this.#hooks = hooks;
  }

  start(plan: PartPlan): void {
    const entry: Running = { plan, child: undefined, startedAt: 0, failures: 0, restart: undefined };
    this.#running.set(plan.name, entry);
    this.#spawn(entry);
  }

  /** Sends the timeline to every process; one that starts later receives it first. */
  setLine(line: TimeLine): void {
    this.#line = line;
    for (const name of this.#running.keys()) this.send(name, { type: 'timeline', line });
  }

  send(name: string, message: PartMessage): boolean {
    const child = this.#running.get(name)?.child;
    return child?.connected === true && child.send(message);
  }

  pid(name: string): number | undefined {
    return this.#running.get(name)?.child?.pid;
  }

  /** Sends SIGTERM to all, and SIGKILL to those left after four seconds. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#running.values()].map((entry) => this.#end(entry)));
  }

  #spawn(entry: Running): void {
    const { plan } = entry;
    const { args, env } = flags[plan.role];
    const log = openSync(plan.logFile, 'a');
    const child = fork(CLI, argumentsOf(plan), {
      stdio: ['ignore', log, log, 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning', ...args],
      env: { ...env, ...process.env },
      serialization: 'advanced',
    });
    closeSync(log);
    entry.child = child;
    entry.startedAt = this.#machine.elapsed();
    child.on('message', (message: PartMessage) => this.#hooks.onMessage(plan.name, message));
    // Without a process there is no exit.
    child.on('error', (error) => {
      if (child.pid === undefined && child === entry.child) this.#exited(entry, error.message);
    });
    child.on('exit', (code, signal) => this.#exited(entry, `${signal ?? `exit code ${code}`}, see ${plan.logFile}`));
    if (this.#line !== undefined) child.send({ type: 'timeline', line: this.#line });
  }

  #exited(entry: Running, how: string): void {
    entry.child = undefined;
    if (this.#stopping) return;
    const lived = this.#machine.elapsed() - entry.startedAt;
    entry.failures = lived > STEADY_MS ? 1 : entry.failures + 1;
    const delay = backOff(DELAY_MS, entry.failures);
    this.#hooks.onExit(entry.plan.name, how, delay);
    entry.restart = this.#machine.after(delay, () => this.#spawn(entry));
  }

  async #end(entry: Running): Promise<void> {
    entry.restart?.cancel();
    const { child } = entry;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const force = this.#machine.after(KILL_AFTER_MS, () => void child.kill('SIGKILL'));
    await ended;
    force.cancel();
  }
}

const argumentsOf = ({ role, config }: PartPlan): string[] =>
  role === 'cloud' ? ['cloud', '--config', config, '--simulated'] : ['edge', '--config', config, '--timeline'];
