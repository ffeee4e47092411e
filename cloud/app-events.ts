import type { LoadstoneEvent } from '../shared/contracts/event.ts';

/** A job of the schedule that failed, and is tried again. */
export const failure = (time: number, job: string, error: unknown): LoadstoneEvent => ({
  time,
  kind: 'event',
  severity: 'medium',
  code: 'cloud.job-failed',
  text: `The job "${job}" failed and is tried again: ${error instanceof Error ? error.message : String(error)}`.slice(
    0,
    500,
  ),
});
