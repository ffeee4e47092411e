import type { Logger } from 'pino';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { EventLog } from '../audit/event-log.ts';
import type { Postgres } from '../sql/postgres.ts';

const EVERY_MS = 5000;

export interface StateWatchParts {
  readonly postgres: Pick<Postgres, 'check' | 'standing'>;
  readonly clock: Clock;
  readonly events: Pick<EventLog, 'append'>;
  /** Shows an alarm of the cloud's own at once, while the log takes none. */
  readonly show: (alarm: LoadstoneEvent) => void;
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

/**
 * Asks the database whether it is still held, since a cloud that has nothing to write would not notice. The log and the desk say when it is
 * away. Events have their place there, so they tell of it once it is back: from when to when, and why.
 */
export function watchState({ postgres, clock, events, show, logger }: StateWatchParts): Timer {
  let told: LoadstoneEvent | undefined;
  return every(clock.machine, EVERY_MS, async () => {
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
    const now = clock.plant.now();
    if (told === undefined && why !== undefined) {
      told = alarm(now, why, true);
      logger.error({ code: 'LS-STORE-001' }, why);
      show(told);
    }
    if (told === undefined || fault !== undefined) return;
    logger.info('PostgreSQL answers again');
    events.append('cloud', [{ event: told }, { event: alarm(now, 'PostgreSQL answers again.', false) }], now);
    told = undefined;
  });
}

const alarm = (time: number, text: string, active: boolean): LoadstoneEvent => ({
  time,
  kind: 'alarm',
  severity: 'high',
  code: 'LS-STORE-001',
  text: fitText(text, EVENT_TEXT),
  active,
});
