import { schedule } from 'node-cron';

/** Wakes the scheduler by node-cron; it reads the machine's clock, so it only wakes, and plant time decides what is due. */
export interface Waker {
  stop(): Promise<void>;
}

export interface WakerOptions {
  /** Else each minute. */
  readonly everySecond: boolean;
  readonly wake: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

export function startCronWaker({ everySecond, wake, onFailure }: WakerOptions): Waker {
  const task = schedule(everySecond ? '* * * * * *' : '* * * * *', wake, {
    timezone: 'Etc/UTC',
    noOverlap: true,
    // A wake that was missed does no harm: what was due meanwhile is caught up at the next.
    suppressMissedWarning: true,
    logger: { info: () => {}, warn: () => {}, debug: () => {}, error: (message, error) => onFailure(error ?? message) },
  });
  return {
    stop: async () => {
      await task.destroy();
    },
  };
}
