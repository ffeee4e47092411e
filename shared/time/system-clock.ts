import type { Clock, TaskFailure, TimeBase, Timer, TimerTask } from './clock.ts';

/** CLOCK_MONOTONIC, ms. Only this file reads the machine's clocks: wall time from Date, elapsed time from here. */
export const machineMonotonicMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Calls `task` after `delayMs` of machine time. Long delays are chained. Failures go to `onFailure`. */
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

/** The clock of production: plant time is machine time. */
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
