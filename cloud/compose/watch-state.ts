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
 * Checks that the database is reachable and still held, which an idle cloud would not notice. The log and the desk report an outage at
 * once. Events are stored in the database, so they record it afterwards: begin, end and reason.
 */
export function watchState({ postgres, ...parts }: StateWatchParts): Timer {
  const alarm = new ShownAlarm(parts, 'LS-STORE-001');
  return every(parts.clock.machine, EVERY_MS, async () => {
    // An outage that other calls met meanwhile counts too, even if it is over.
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
