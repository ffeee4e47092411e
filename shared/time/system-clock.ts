import type { Clock, TaskFailure, TimeBase, Timer, TimerTask } from './clock.ts';

/** The machine's own clock: wall time from Date, elapsed time from CLOCK_MONOTONIC. The only file that asks it. */
export const machineMonotonicMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Calls `task` after `delayMs` of machine time; long delays are chained, failures go to `onFailure`. */
export function machineTimer(delayMs: number, task: TimerTask, onFailure: TaskFailure): Timer {
  let handle: NodeJS.Timeout;
  const arm = (leftMs: number): void => {
    const part = Math.min(leftMs, MAX_TIMEOUT_MS);
    handle = setTimeout(() => (leftMs > part ? arm(leftMs - part) : runTask(task, onFailure)), part);
  };
  arm(Math.max(0, delayMs));
  return { cancel: () => clearTimeout(handle) };
}

export function runTask(task: TimerTask, onFailure: TaskFailure): void {
  try {
    const result = task();
    if (result !== undefined) result.catch(onFailure);
  } catch (error) {
    onFailure(error);
  }
}

/** Production: plant time is machine time. */
export class SystemClock implements Clock {
  readonly plant: TimeBase;
  readonly machine: TimeBase;

  constructor(onFailure: TaskFailure) {
    this.machine = systemTimeBase(onFailure);
    this.plant = this.machine;
  }

  speed(): number {
    return 1;
  }
}

export const systemTimeBase = (onFailure: TaskFailure): TimeBase => ({
  now: () => Date.now(),
  elapsed: machineMonotonicMs,
  after: (delayMs, task) => machineTimer(delayMs, task, onFailure),
});
