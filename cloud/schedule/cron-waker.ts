import { schedule } from 'node-cron';

/** Wakes the scheduler by node-cron. That reads the machine's clock, so it only wakes; plant time decides what is due. */
export interface Waker {
  stop(): Promise<void>;
}

export interface WakerOptions {
  /** Otherwise each minute. */
  readonly everySecond: boolean;
  readonly wake: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

export function startCronWaker({ everySecond, wake, onFailure }: WakerOptions): Waker {
  const task = schedule(everySecond ? '* * * * * *' : '* * * * *', wake, {
    timezone: 'Etc/UTC',
    noOverlap: true,
    // A missed wake is harmless: the next one catches up.
    suppressMissedWarning: true,
    logger: { info: () => {}, warn: () => {}, debug: () => {}, error: (message, error) => onFailure(error ?? message) },
  });
  return {
    stop: async () => {
      await task.destroy();
    },
  };
}
