import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { Postgres } from '../sql/postgres.ts';
import { ShownAlarm, type ShownAlarmParts } from './shown-alarm.ts';

const EVERY_MS = 5000;

export interface StateWatchParts extends ShownAlarmParts {
  readonly postgres: Pick<Postgres, 'check' | 'standing'>;
}

/**
 * Asks the database whether it is still held, since a cloud that has nothing to write would not notice. The log and the desk say when it is
 * away. Events have their place there, so they tell of it once it is back: from when to when, and why.
 */
export function watchState({ postgres, ...parts }: StateWatchParts): Timer {
  const alarm = new ShownAlarm(parts, 'LS-STORE-001');
  return every(parts.clock.machine, EVERY_MS, async () => {
    // What others have met meanwhile counts too, though it may be over.
    const { away } = postgres.standing;
    const fault = await postgres.check().then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof LoadstoneError) return error;
        throw error;
      },
    );
    const why = fault?.message ?? away?.why;
    if (why !== undefined) alarm.begin(why);
    if (fault === undefined) alarm.end('PostgreSQL answers again.');
  });
}
