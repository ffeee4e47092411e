import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { LocalResult } from '../../shared/federated/local-round.ts';
import { bad, type Outcome } from '../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { Trainer } from './learner.ts';

/** The lowest priority: a round has hours, the control cycle milliseconds. */
const NICE = 19;
const LONGEST_MS = 1_800_000;

/** Trains each round in a child process of the lowest priority and kills it after half an hour of machine time. */
export function childTrainer(time: TimeBase): Trainer {
  const file = fileURLToPath(new URL('./training.child.ts', import.meta.url));
  let running: ChildProcess | undefined;
  return {
    train: async (round) => {
      const { promise, resolve } = Promise.withResolvers<Outcome<LocalResult>>();
      const child = started(file);
      // Most failures of a fork are events; some, such as too little memory, throw.
      if (child instanceof Error) return bad('LS-FED-008', child.message);
      running = child;
      yieldToAll(child.pid);
      const timer = time.after(LONGEST_MS, () => void child.kill('SIGKILL'));
      child.on('message', (result) => resolve(result as Outcome<LocalResult>));
      child.on('error', (error) => resolve(bad('LS-FED-008', error.message)));
      child.on('exit', (code, signal) =>
        resolve(bad('LS-FED-008', `the training process ended without a result: ${signal ?? `exit ${code}`}`)),
      );
      // A child that did not start has no channel; its `error` event says why.
      if (child.connected) child.send(round);
      const result = await promise;
      timer.cancel();
      running = undefined;
      return result;
    },
    stop: () => void running?.kill('SIGKILL'),
  };
}

function started(file: string): ChildProcess | Error {
  try {
    return fork(file, [], {
      serialization: 'advanced',
      execArgv: ['--max-old-space-size=256', '--disable-warning=ExperimentalWarning'],
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function yieldToAll(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, NICE);
  } catch {
    // The process has ended, or the system does not permit it. The round works all the same.
  }
}
