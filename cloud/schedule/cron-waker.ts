import { schedule } from 'node-cron';

/** Wakes the scheduler by node-cron; it reads the machine's clock, so it only wakes, and plant time decides what is due. */
export interface Waker {
  stop(): Promise<void>;
}

export function startCronWaker(options: { everySecond: boolean; wake: () => Promise<void> }): Waker {
  const task = schedule(options.everySecond ? '* * * * * *' : '* * * * *', () => options.wake(), {
    timezone: 'Etc/UTC',
    noOverlap: true,
  });
  return {
    stop: async () => {
      await task.destroy();
    },
  };
}
