import type { TimeBase, Timer, TimerTask } from './clock.ts';

/**
 * Runs `task` on the grid of `periodMs` (multiples of the period since the epoch). The next run starts only after the last one ended, and
 * an overrun skips the grid points that it missed.
 */
export function every(base: TimeBase, periodMs: number, task: TimerTask): Timer {
  let stopped = false;
  let timer: Timer | undefined;
  const schedule = (): void => {
    if (stopped) return;
    const now = base.now();
    timer = base.after(periodMs - (now % periodMs), run);
  };
  const run = async (): Promise<void> => {
    try {
      await task();
    } finally {
      schedule();
    }
  };
  schedule();
  return {
    cancel: () => {
      stopped = true;
      timer?.cancel();
    },
  };
}
